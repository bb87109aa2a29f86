"""Logs of the server: one JSON object a line on standard error.

They name routes, not paths: no picture, file name, token or query ever stands in them.
"""

import json
import logging
import sys
from datetime import UTC, datetime

LOGGER = "emo_tf.serve"
_FIELDS = "fields"


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON: `time`, `level`, `event` and the event's fields."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log(event: str, *, level: int = logging.INFO, fault: BaseException | None = None, **fields):
    """Writes one line.

    Args:
        event: What happened, in one or two words joined by `_`.
        level: As in `logging`.
        fault: What went wrong in the server itself; its traceback is logged.
        **fields: What else there is to say about it.
    """
    logging.getLogger(LOGGER).log(level, event, exc_info=fault, extra={_FIELDS: fields})


def set_up_logs() -> None:
    """Has all that the server and its libraries log written as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    # Each odd request would be a line: they are counted instead.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
