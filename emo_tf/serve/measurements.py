"""What Prometheus reads of the server."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Measurements:
    """Counts requests, batches and what is held, each server for itself.

    Attributes:
        registry: Where it all stands, with memory and processor time of the process.
    """

    def __init__(self):
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        at = {"registry": self.registry}
        self._requests = Counter(
            "emo_tf_requests", "Requests answered.", ("route", "method", "status"), **at
        )
        self._seconds = Histogram(
            "emo_tf_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            **at,
        )
        self._refused = Counter(
            "emo_tf_refused", "Requests turned down before any work on them.", ("reason",), **at
        )
        self._batch_size = Histogram(
            "emo_tf_batch_size",
            "Requests that a thread answered together.",
            ("answerer",),
            buckets=_SIZES,
            **at,
        )
        self._batch_seconds = Histogram(
            "emo_tf_batch_seconds",
            "Seconds that a thread was at them.",
            ("answerer",),
            buckets=_SECONDS,
            **at,
        )

    def watch(
        self,
        *,
        waiting: Callable[[], int],
        held_bytes: Callable[[], int],
        models: Callable[[], list[dict]],
    ) -> None:
        """Has figures asked for whenever they are read.

        Args:
            waiting: Returns how many requests wait.
            held_bytes: Returns how many bytes of bodies are held.
            models: Returns the models served, each with `name`, `version` and `task`.
        """
        gauge = Gauge("emo_tf_waiting", "Requests that wait for a thread.", registry=self.registry)
        gauge.set_function(waiting)
        gauge = Gauge("emo_tf_held_bytes", "Bytes of bodies in use.", registry=self.registry)
        gauge.set_function(held_bytes)
        self.registry.register(_Models(models))

    def add_request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a request that was answered.

        Args:
            route: The route, without what varies in it.
            method: Of HTTP.
            status: Of the answer.
            seconds: From the request to the answer.
        """
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def add_refusal(self, reason: str) -> None:
        """Counts a request, or a connection, that was turned down."""
        self._refused.labels(reason).inc()

    def add_batch(self, name: str, size: int, seconds: float) -> None:
        """Counts one call of an answerer.

        Args:
            name: The answerer's.
            size: Requests in it.
            seconds: What it took.
        """
        self._batch_size.labels(name).observe(size)
        self._batch_seconds.labels(name).observe(seconds)

    def text(self) -> bytes:
        """Returns everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _Models:
    """One line for each version that is served, of the value 1."""

    def __init__(self, models: Callable[[], list[dict]]):
        self._models = models

    def collect(self):
        family = GaugeMetricFamily(
            "emo_tf_model",
            "Versions of models that are served.",
            labels=("name", "version", "task"),
        )
        for model in self._models():
            family.add_metric([str(model[key]) for key in ("name", "version", "task")], 1)
        yield family
