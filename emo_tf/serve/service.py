"""What the routes share: models, threads, limits, and whether the server is stopping."""

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request

from emo_tf.serve.measurements import Measurements
from emo_tf.serve.registry import ModelRegistry
from emo_tf.serve.settings import ServeSettings
from emo_tf.serve.work import Answerer
from emo_tf.serve.worker_pool import WorkerPool
from emo_tf.web.bodies import Bodies
from emo_tf.web.refusal import Refusal


class Service:
    """Answers requests by the models of a registry on the threads of a pool.

    Args:
        settings: The limits.
        registry: The models.
        pool: The threads.
        measurements: Where it is counted.

    Attributes:
        settings, registry, pool, measurements: As given.
        bodies: Reads bodies of requests.
        stopping: Whether the server takes no more work.
    """

    def __init__(
        self,
        settings: ServeSettings,
        registry: ModelRegistry,
        pool: WorkerPool,
        *,
        measurements: Measurements,
    ):
        self.settings = settings
        self.registry = registry
        self.pool = pool
        self.measurements = measurements
        self.bodies = Bodies(
            max_bytes=settings.max_bytes,
            max_held_bytes=settings.max_held_bytes,
            time_limit_s=settings.time_limit_s,
        )
        self.stopping = False

    def check_ready(self) -> None:
        """Checks that requests are answered.

        Raises:
            Refusal: The models are not loaded yet, or the server is stopping.
        """
        if self.stopping or not self.registry.ready:
            state = "stopping" if self.stopping else "loading its models"
            raise Refusal(
                503,
                f"server: expected one that is ready. Received: one that is {state}",
                reason="stopping" if self.stopping else "not_ready",
                headers={"Retry-After": "5"},
            )

    async def answer(self, http: Request, answerer: Answerer, request: object) -> bytes:
        """Has a request answered, unless its client goes.

        Args:
            http: The HTTP request; all of its body has been read.
            answerer: Answers it.
            request: As the answerer takes it.

        Raises:
            ClientDisconnect: The client went; the work is dropped if nobody is at it yet.
            Exception: As `WorkerPool.run`.
        """
        limit = self.settings.time_limit_s
        work = asyncio.ensure_future(self.pool.run(answerer, request, time_limit_s=limit))
        # After the body there is nothing more to receive but that the client has gone.
        gone = asyncio.ensure_future(http.receive())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
            return work.result()
        finally:
            for task in (work, gone):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task
