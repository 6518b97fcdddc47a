"""What the control plane wants: §3, the control topic. Reads only; who holds what is ownership.py's."""

from dataclasses import dataclass
from typing import Any

from .text import is_url, number

_RANGED = ("prepare", "distribution")
_BASE = ("cancel-prepare", "hold", "resume", "report")
_PACE_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    clients_per_wave: float = 25
    accept_per_second: float = 100
    partitions_per_wave: float = 64


@dataclass(frozen=True, slots=True)
class Goal:
    revision: int
    hash: str
    rebalance: str
    owners: tuple[int, ...]  # ordinal of each partition
    urls: dict[str, str]  # name of an instance → where it is reached
    pace: Pace


@dataclass(frozen=True, slots=True)
class Control:
    type: str
    epoch: int
    revision: int
    goal: Goal | None = None


def read_control(record: dict[str, Any] | None, partitions: int) -> Control | str:
    """The message, or why it is none. It is whole or none: half a message would break Tiling."""
    if record is None:
        return "not-an-object"
    kind, rebalance = record.get("type"), record.get("rebalance")
    if not isinstance(kind, str):
        return "malformed"
    if kind not in _RANGED + _BASE:
        return "unknown-type"
    epoch, revision = number(record.get("epoch")), number(record.get("revision"))
    if epoch is None or revision is None or not isinstance(rebalance, str):
        return "malformed"
    if kind in _BASE:
        return Control(kind, epoch, revision)
    text, urls, pace = record.get("hash"), _urls(record.get("instances")), _pace(record.get("pace"))
    if not isinstance(text, str) or urls is None or pace is None:
        return "malformed"
    ranges = record.get("ranges")
    if not isinstance(ranges, list):
        return "malformed"
    owners = _owners(ranges, partitions)
    if owners is None:
        return "breaks-tiling"
    return Control(kind, epoch, revision, Goal(revision, text, rebalance, owners, urls, pace))


def _owners(ranges: list[Any], partitions: int) -> tuple[int, ...] | None:
    """Tiling: sorted, without holes and overlaps, from 0 to P-1."""
    owners: list[int] = []
    for entry in ranges:
        if not isinstance(entry, list) or len(entry) != 3:
            return None
        start, end, ordinal = (number(n) for n in entry)
        if start is None or end is None or ordinal is None:
            return None
        if start != len(owners) or end < start or end >= partitions:
            return None
        owners.extend([ordinal] * (end - start + 1))
    return tuple(owners) if len(owners) == partitions else None


def _urls(book: Any) -> dict[str, str] | None:
    if not isinstance(book, dict):
        return None
    urls: dict[str, str] = {}
    for name, entry in book.items():
        url = entry.get("url") if isinstance(entry, dict) else None
        if not is_url(url):
            return None
        urls[name] = url
    return urls


def _pace(pace: Any) -> Pace | None:
    if not isinstance(pace, dict):
        return None
    found: dict[str, float] = {}
    fields = {
        "clientsPerWave": "clients_per_wave",
        "acceptPerSecond": "accept_per_second",
        "partitionsPerWave": "partitions_per_wave",
    }
    for field, ours in fields.items():
        if field not in pace:
            continue
        value = pace[field]
        if type(value) not in (int, float) or not 0 < value <= _PACE_MAX:
            return None
        found[ours] = value
    return Pace(**found)


class Goals:
    """A lower epoch and a lower revision are ignored; numbers only grow."""

    def __init__(self) -> None:
        self.epoch = 0
        self.target: Goal | None = None
        self.prepared: Goal | None = None
        self.holding = False

    @property
    def revision(self) -> int:
        return self.target.revision if self.target else 0

    def read(self, message: Control) -> str:
        """What changed: `target` `prepared` `unprepared` `hold` `resume` `report` `ignored` `alarm`."""
        if message.epoch < self.epoch:
            return "ignored"
        self.epoch = message.epoch
        if message.type == "distribution":
            return self._read_distribution(message.goal)
        if message.type == "prepare":
            if message.revision <= self.revision:
                return "ignored"
            self.prepared = message.goal
            return "prepared"
        if message.type == "cancel-prepare":
            self.prepared = None
            return "unprepared"
        if message.type in ("hold", "resume"):
            self.holding = message.type == "hold"
        return message.type

    def _read_distribution(self, goal: Goal | None) -> str:
        assert goal is not None
        if self.target is not None and goal.revision <= self.revision:
            same = goal.revision < self.revision or goal.hash == self.target.hash
            return "ignored" if same else "alarm"  # one number, two meanings: the first counts
        self.target = goal
        self.holding = False
        if self.prepared is not None and self.prepared.revision <= goal.revision:
            self.prepared = None
        return "target"
