"""Log lines as JSON on standard output. Never a token, a user or what people wrote."""

import json
import logging
import sys
import time
from collections import Counter
from typing import Any

from .limits import SKIP_SAID_EVERY_MS
from .text import now_ms

_LEVELS = {"info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


class _JsonLines(logging.Formatter):
    def __init__(self, **always: str) -> None:
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "time": int(time.time() * 1_000), **self._always}
        line |= {"logger": record.name, "msg": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = "".join(self.formatException(record.exc_info))
        return json.dumps(line)


class Log:
    """`log("info", "serving", port=1)`; libraries write through the same handler, from warnings on."""

    def __init__(self, service: str, instance: str) -> None:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(_JsonLines(service=service, instance=instance))
        logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
        # A client that is cut off in its handshake is no error of ours, and its request is nobody's business.
        logging.getLogger("websockets").setLevel(logging.CRITICAL)
        self._log = logging.getLogger("instance")
        self._log.setLevel(logging.INFO)

    def __call__(self, level: str, event: str, **fields: Any) -> None:
        self._log.log(_LEVELS[level], event, extra={"fields": fields})

    def failed(self, error: BaseException) -> None:
        self._log.error("failed", exc_info=error)


class Skipped:
    """Records that could not be used, counted by log and reason; each kind is said now and then."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._counted: Counter[tuple[str, str]] = Counter()
        self._said_at: dict[tuple[str, str], float] = {}

    def add(self, log: str, reason: str) -> None:
        kind = (log, reason)
        self._counted[kind] += 1
        if now_ms() - self._said_at.get(kind, float("-inf")) >= SKIP_SAID_EVERY_MS:
            self._said_at[kind] = now_ms()
            self._log("warn", "record-skipped", log=log, reason=reason)

    def by_labels(self) -> dict[str, int]:
        """For the metrics."""
        return {f'{{log="{log}",reason="{why}"}}': n for (log, why), n in self._counted.items()}
