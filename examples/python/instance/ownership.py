"""The ownership log as a replicated state machine: §4, "ownership".

Every reader of the log, in whatever language, must reach the same verdict on every record. So this
module is pure: records and offsets go in, who holds what comes out. `next`, `url` and `how` are
hints: whatever stands there decides nothing.
"""

from dataclasses import dataclass
from typing import Any

from .text import is_url, number, offset_of, whole


@dataclass(frozen=True, slots=True)
class Last:
    """The last valid record of a partition; `revision` is the highest so far."""

    type: str
    offset: int
    instance: str
    incarnation: str
    revision: int
    url: str | None


class OwnershipLog:
    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._last: list[Last | None] = [None] * partitions
        self.fenced: set[str] = set()

    def apply(self, record: dict[str, Any] | None, offset: int) -> bool:
        """Takes in the record at `offset`, in order; False when it is void there. Void changes nothing."""
        record = record or {}
        kind = record.get("type")
        instance, incarnation = record.get("instance"), record.get("incarnation")
        if (
            not isinstance(instance, str)
            or not isinstance(incarnation, str)
            or not (instance and incarnation)
        ):
            return False
        if kind == "fenced":
            self.fenced.add(incarnation)  # no record of a partition: no `prev` changes
            return True
        partition = whole(record.get("partition"), 0, self.partitions - 1)
        revision = number(record.get("revision"))
        prev = record.get("prev", "")
        if kind not in ("acquired", "released") or partition is None or revision is None:
            return False
        if prev is not None and offset_of(prev) is None:
            return False
        if incarnation in self.fenced:
            return False
        last = self._last[partition]
        if (None if prev is None else offset_of(prev)) != (last.offset if last else None):
            return False
        if kind == "released":
            if last is None or last.type != "acquired" or last.incarnation != incarnation:
                return False
        elif last is not None:
            if last.type == "acquired" and last.incarnation not in self.fenced:
                return False
            if revision < last.revision:
                return False
        url = record.get("url")
        if not is_url(url):
            url = last.url if last is not None and kind == "released" else None
        highest = max(revision, last.revision if last else 0)
        self._last[partition] = Last(kind, offset, instance, incarnation, highest, url)
        return True

    def last(self, partition: int) -> Last | None:
        return self._last[partition]

    def holder(self, partition: int) -> Last | None:
        """The writer of a valid `acquired` that is neither released nor fenced."""
        last = self._last[partition]
        if last is None or last.type != "acquired" or last.incarnation in self.fenced:
            return None
        return last
