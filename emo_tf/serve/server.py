"""The server as a process: it listens until it is told to stop, and then finishes what is open."""

import contextlib
import functools
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from time import monotonic, process_time

from starlette.types import ASGIApp

from emo_tf.serve.analysis import AnalysisSettings
from emo_tf.serve.app import create_app
from emo_tf.serve.logs import log, set_up_logs
from emo_tf.serve.measurements import Measurements
from emo_tf.serve.memory import return_free_memory
from emo_tf.serve.registry import ModelRegistry
from emo_tf.serve.service import Service
from emo_tf.serve.settings import ServeSettings
from emo_tf.serve.worker_pool import WorkerPool
from emo_tf.web.listener import address_of, is_loopback, listen
from emo_tf.web.stoppable_server import ACCEPTED, CLOSING_S, StoppableServer

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None

_FILES = 64 + ACCEPTED
_QUIET = 0.1
"""Share of one core below which the server has little to do."""


def serve(settings: ServeSettings) -> None:
    """Serves until SIGTERM or Ctrl-C, then finishes the requests that are open.

    One line on standard output says where it listens, once it does.

    Args:
        settings: What to serve, and where.

    Raises:
        EmoError: ROOT or a model cannot be used, or nobody can listen at that address.
    """
    set_up_logs()
    listener = listen(settings.host, settings.port)
    measurements = Measurements()
    with contextlib.closing(listener), _loaded_models(settings) as registry:
        pool = WorkerPool(
            workers=settings.workers,
            queue=settings.queue,
            batch=settings.batch,
            on_batch=measurements.add_batch,
        )
        try:
            app = create_app(settings, registry, pool, measurements=measurements)
            server = _Server(
                app,
                service=app.state.service,
                max_connections=min(settings.max_connections, _room_for_connections()),
                on_started=functools.partial(_say_where, settings, listener),
                refused=measurements.add_refusal,
            )
            with _kept_fresh(registry, every_s=settings.poll_s):
                server.run(sockets=[listener])
        finally:
            pool.close(grace_s=CLOSING_S)
    log("stopped")


class _Server(StoppableServer):
    """Goes on listening while open requests are finished, so that `/readyz` can say so."""

    def __init__(self, app: ASGIApp, *, service: Service, **options):
        super().__init__(app, **options)
        self._service = service
        self._leave_at: float | None = None

    def handle_exit(self, sig: int, frame: object) -> None:
        super().handle_exit(sig, frame)
        self._service.stopping = True

    async def on_tick(self, counter: int) -> bool:
        leaving = await super().on_tick(counter)
        if leaving and self._leave_at is None:
            # Bodies and answers have so long each.
            self._leave_at = monotonic() + 2 * self._service.settings.time_limit_s
            log("stopping", open_requests=len(self.server_state.tasks))
        if not leaving or self.force_exit:
            return leaving
        return not self.server_state.tasks or monotonic() > self._leave_at


def _room_for_connections() -> int:
    """Returns how many connections this process may have open besides its files."""
    if resource is None:
        return sys.maxsize
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if most == resource.RLIM_INFINITY else max(1, most - _FILES)


@contextlib.contextmanager
def _loaded_models(settings: ServeSettings) -> Iterator[ModelRegistry]:
    registry = ModelRegistry(
        settings.models,
        workers=settings.workers,
        settings=AnalysisSettings(
            min_face=settings.min_face,
            group=settings.group,
            max_pixels=settings.max_pixels,
            person_detector=settings.person_detector,
            ensemble=settings.ensemble,
            models=settings.analyze,
        ),
        keep_versions=settings.versions,
        max_instances=settings.max_instances,
        report=_report,
    )
    try:
        registry.refresh()
        yield registry
    finally:
        registry.close()


@contextlib.contextmanager
def _kept_fresh(registry: ModelRegistry, *, every_s: float) -> Iterator[None]:
    """Has the registry look at ROOT again and again while the block runs.

    In quiet moments memory is given back; to take it anew would cost pictures time.
    """
    ended = threading.Event()

    def keep_fresh() -> None:
        used_s = process_time()
        while not ended.wait(every_s):
            try:
                registry.refresh()
            except Exception as error:  # the next look may go better
                log("refresh_failed", level=logging.ERROR, fault=error)
            if process_time() - used_s < _QUIET * every_s:
                return_free_memory()
            used_s = process_time()

    thread = threading.Thread(target=keep_fresh, name="refresh", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(CLOSING_S)


def _report(event: str, particulars: dict) -> None:
    level = logging.ERROR if event.endswith("failed") else logging.INFO
    log(event, level=level, **particulars)


def _say_where(settings: ServeSettings, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    address = address_of(listener)
    print(f"Serving on http://{address}", flush=True)
    log("listening", host=host, port=port, workers=settings.workers)
    if settings.token is None and not is_loopback(listener):
        log(
            "no_token",
            level=logging.WARNING,
            message=f"whoever reaches {address} may use this server; "
            "--token-file FILE asks for a token",
        )
