"""The words of the hand-over: what becomes of a partition, where a client belongs, what is asked of whom."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(slots=True)
class Phase:
    kind: str
    since_ms: float
    revision: int = 0
    record: dict[str, Any] | None = None  # appended, not read back yet
    take_back: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """Where a client belongs: `serve` `park` `redirect` `unavailable`."""

    kind: str
    revision: int = 0
    url: str = ""


class Hands(Protocol):
    """What the decisions of this module need from outside. Each returns at once."""

    def append(self, record: dict[str, Any]) -> None: ...
    def warm(self, partition: int) -> None: ...
    def forget(self, partition: int) -> None: ...
    def next_of(self, partition: int) -> int: ...
    def clients_of(self, partition: int) -> int: ...
    def drain(
        self, partitions: list[int], reason: str, url: str | None, revision: int, accept_per_second: float
    ) -> None: ...
    def fence(self, incarnation: str) -> None: ...
    def answer_warmed(self, rebalance: str, partitions: int) -> None: ...
    def report(self) -> None: ...
    def changed(self) -> None:
        """Whoever is parked looks again."""
