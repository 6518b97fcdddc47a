"""The right to speak: §4, "leases". The most dangerous module to get nearly right.

A heartbeat that is read back at its place in the log, with no fence before it, lets this incarnation
speak until the moment just before it *first sent* that heartbeat plus the TTL. Not from the read-back,
not from the acknowledgement. Whoever fences counts on it.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from .kafka import Appender, Record
from .limits import (
    EVIDENCE_PARTITIONS,
    HEARTBEAT_EVERY_MS,
    LEASE_LAPSE_MAX_MS,
    LEASE_TTL_MS,
)
from .text import now_ms, parse_object, to_json, whole

_UNREAD_MAX = 64


class Lease:
    """The state machine; `speaks` is asked right before everything that is said."""

    def __init__(self, instance: str, incarnation: str) -> None:
        self.instance, self.incarnation = instance, incarnation
        self._seq = 0
        self._sent_at: dict[int, float] = {}
        self._until = float("-inf")
        self.ended: str | None = None

    def beat(self) -> dict[str, Any]:
        """The next heartbeat, to be handed to the producer at once: its time counts from here."""
        self._seq += 1
        self._sent_at[self._seq] = now_ms()
        for seq in list(self._sent_at)[:-_UNREAD_MAX]:
            del self._sent_at[seq]
        return {
            "type": "alive",
            "instance": self.instance,
            "incarnation": self.incarnation,
            "seq": self._seq,
        }

    def read(self, record: dict[str, Any]) -> bool:
        """A record of our lease partition, in order; True for a fence, which must be acknowledged."""
        if record.get("incarnation") != self.incarnation:
            return False
        if record.get("type") == "fence":
            self.ended = self.ended or "fence-read"  # silent before the acknowledgement is written
            return True
        seq = whole(record.get("seq"), 1, self._seq) if record.get("type") == "alive" else None
        if seq is None or self.is_over():
            return False
        sent_at = self._sent_at.get(seq)
        if sent_at is None:
            return False
        for older in [s for s in self._sent_at if s <= seq]:
            del self._sent_at[older]
        self._until = max(self._until, sent_at + LEASE_TTL_MS)
        return False

    def speaks(self) -> bool:
        return self.ended is None and now_ms() < self._until

    def is_over(self) -> bool:
        """A fenced incarnation never comes back; one that was silent for too long counts as fenced."""
        if self.ended is None and now_ms() - self._until > LEASE_LAPSE_MAX_MS and self._until > 0:
            self.ended = "lapsed"
        return self.ended is not None


class LeaseKeeper:
    """Keeps a lease alive: sends heartbeats, reads them, acknowledges a fence, wakes who waits to speak."""

    def __init__(self, lease: Lease, appender: Appender, topic: str, ordinal: int) -> None:
        self.lease = lease
        self._appender, self._topic = appender, topic
        self.partition = ordinal % EVIDENCE_PARTITIONS
        self._changed = asyncio.Event()
        self.over = asyncio.Event()
        self.on_good: Callable[[], None] = lambda: None

    def on_record(self, record: Record) -> None:
        if self.lease.read(parse_object(record.value) or {}):
            said = {"type": "fence-acknowledged", "incarnation": self.lease.incarnation}
            self._later = asyncio.ensure_future(
                self._appender.append(self._topic, self.partition, to_json(said))
            )
        if self.lease.is_over():
            self.over.set()
        self._changed.set()
        if self.lease.speaks():
            self.on_good()

    def on_hole(self, why: str) -> None:
        """A fence may stand in what was not read: that counts as one."""
        self.lease.ended = self.lease.ended or f"reader-reset: {why}"
        self.over.set()
        self._changed.set()

    async def run(self) -> None:
        """One heartbeat at a time is enough: behind one that does not come back none would either."""
        while not self.lease.is_over():
            started = now_ms()
            sending = asyncio.ensure_future(
                self._appender.append(self._topic, self.partition, to_json(self.lease.beat()))
            )
            await asyncio.wait({sending})
            if sending.exception() is not None:
                await asyncio.sleep(0.1)
            await asyncio.sleep(max(0.0, HEARTBEAT_EVERY_MS - (now_ms() - started)) / 1_000)
        self.over.set()

    async def until_speaks(self) -> None:
        """Returns when something may be said: ask `speaks` again right before saying it."""
        while not self.lease.speaks():
            self._changed.clear()
            await self._changed.wait()
