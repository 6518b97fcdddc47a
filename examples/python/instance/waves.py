"""Which partitions a donor gives next: ARCHITECTURE.md, "A wave holds what the *receiver* can accept".

One wave at a time per receiver, shared by its donors, and the next one when the receiver has acquired the
last and had the time to welcome its clients. Numbers only: closing and releasing are handover.py's.
"""

from collections import defaultdict
from collections.abc import Callable

from .goals import Goal
from .ownership import OwnershipLog
from .text import now_ms


class Waves:
    def __init__(self, name: str, service: str, log: OwnershipLog) -> None:
        self._name, self._service, self._log = name, service, log
        self._on_their_way: dict[int, set[int]] = {}  # by receiver
        self._not_before: dict[int, float] = {}  # by receiver: when it has welcomed the last wave
        self._closing_until = 0.0  # a donor closes one wave at a time, over all its receivers

    def arrived(self, partition: int) -> None:
        """Somebody has it, whoever that is."""
        for wave in self._on_their_way.values():
            wave.discard(partition)

    def start(
        self, may_give: list[int], target: Goal, clients_of: Callable[[int], int]
    ) -> list[tuple[str, list[int], float]]:
        """The waves that start now: the receiver's address, partitions, what it takes a second from here."""
        by_receiver: dict[int, list[int]] = defaultdict(list)
        for partition in may_give:
            by_receiver[target.owners[partition]].append(partition)
        started = []
        for receiver, partitions in by_receiver.items():
            url = target.urls.get(f"{self._service}-{receiver}")
            not_before = max(self._not_before.get(receiver, 0), self._closing_until)
            if url is None or self._on_their_way.get(receiver) or now_ms() < not_before:
                continue
            donors = max(1, self._donors(receiver, target))
            wave, clients = self._wave(partitions, target, donors, clients_of)
            accepts = target.pace.accept_per_second
            self._on_their_way[receiver] = set(wave)
            self._not_before[receiver] = now_ms() + clients * donors * 1_000 / accepts
            self._closing_until = now_ms() + clients * 1_000 / accepts
            started.append((url, wave, accepts / donors))
        return started

    def _wave(
        self, partitions: list[int], target: Goal, donors: int, clients_of: Callable[[int], int]
    ) -> tuple[list[int], int]:
        """At least one partition: it cannot be cut, however many clients it has."""
        clients_max = max(1.0, target.pace.clients_per_wave / donors)
        wave: list[int] = []
        clients = 0
        for partition in partitions:
            more = clients_of(partition)
            if len(wave) >= target.pace.partitions_per_wave or (wave and clients + more > clients_max):
                break
            wave.append(partition)
            clients += more
        return wave, clients

    def _donors(self, receiver: int, target: Goal) -> int:
        """How many instances give to that receiver at present: all count alike, from one log."""
        donors = set()
        for partition, owner in enumerate(target.owners):
            holder = self._log.holder(partition) if owner == receiver else None
            if holder is not None and holder.instance != f"{self._service}-{receiver}":
                donors.add(holder.instance)
        return len(donors)
