"""What a server is told before it starts."""

from dataclasses import dataclass, field
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.runtime.processors import processors

PORT = 8501
"""TensorFlow Serving's own port for REST."""

QUEUE = 64
BATCH = 16
MAX_BYTES = 16 * 2**20
MAX_PIXELS = 25_000_000
MAX_INSTANCES = 128
TIME_LIMIT_S = 30.0
POLL_S = 1.0

_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class ServeSettings:
    """What a server answers for, where it listens and what it takes.

    Attributes:
        models: ROOT, the folder of served models as `emo-tf push` fills it; the shipped ones alone
            if `None`.
        host: Address to listen at.
        port: Port to listen at; 0 for any that is free.
        workers: Threads that decode pictures and run networks.
        batch: Requests that a thread answers together at most.
        queue: Requests that may wait while all threads are busy.
        max_bytes: Bytes of a request's body at most.
        max_held_bytes: Bytes of all bodies that are held at once, at most.
        max_pixels: Pixels of a picture at most.
        max_instances: Instances of a `:predict` request at most.
        max_connections: Connections that are open at once, at most.
        time_limit_s: Seconds that a body may take to arrive, and again its answer to be made.
        versions: How many versions of each model are served at once.
        analyze: Names of the models that `/v1/analyze` uses; all that it can use if empty.
        min_face: Length in pixels of the smallest face looked for; see `Analyzer`.
        group: Whether `/v1/analyze` gives a verdict on the picture as a whole.
        person_detector: A `.tflite` file that finds people.
        ensemble: A file that joins several verdicts on groups into one.
        token: What requests have to show; `None` for none.
        poll_s: Seconds from one look at ROOT to the next.

    Raises:
        EmoError: A value is out of range.
    """

    models: Path | None = None
    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = field(default_factory=processors)
    batch: int = BATCH
    queue: int = QUEUE
    max_bytes: int = MAX_BYTES
    max_held_bytes: int = 256 * 2**20
    max_pixels: int = MAX_PIXELS
    max_instances: int = MAX_INSTANCES
    max_connections: int = 512
    time_limit_s: float = TIME_LIMIT_S
    versions: int = 1
    analyze: tuple[str, ...] = ()
    min_face: float | None = None
    group: bool = True
    person_detector: Path | None = None
    ensemble: Path | None = None
    token: str | None = field(default=None, repr=False)
    poll_s: float = POLL_S

    def __post_init__(self):
        if not 0 <= self.port <= _HIGHEST_PORT:
            raise EmoError(f"port: expected 0 to {_HIGHEST_PORT}. Received: {self.port}")
        counts = ("workers", "batch", "queue", "max_bytes", "max_held_bytes", "max_pixels")
        for name in (*counts, "max_instances", "max_connections", "versions"):
            if getattr(self, name) < 1:
                raise EmoError(f"{name}: expected 1 or more. Received: {getattr(self, name)}")
        for name in ("time_limit_s", "poll_s"):
            # Written so that it refuses NaN too.
            if not 0 < getattr(self, name) < float("inf"):
                raise EmoError(f"{name}: expected seconds above 0. Received: {getattr(self, name)}")
        if self.token == "":
            raise EmoError("token: expected at least one character. Received: none")
