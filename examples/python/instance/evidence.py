"""The sessions log: §4. Proof for whoever checks, and the brake of every hand-over.

`opened` is acknowledged before the welcome is sent; the `closed` of *every* connection that was ever handed
to the producer as `opened` is acknowledged before the partition is released. A record whose fate is
unknown ends this life: it can be neither repeated nor left out without a lie.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from .kafka import Appender, MayNotSpeak
from .lease import LeaseKeeper
from .limits import EVIDENCE_PARTITIONS
from .text import to_json


class Evidence:
    def __init__(self, appender: Appender, topic: str, keeper: LeaseKeeper) -> None:
        self._appender, self._topic, self._keeper = appender, topic, keeper
        self._open: dict[int, set[str]] = defaultdict(set)
        self.on_drained: Callable[[int], None] = lambda _: None

    async def opened(self, record: dict[str, Any], still_wanted: Callable[[], bool]) -> bool:
        """True when it is in the log; False, and nothing is in the log, when it is no longer wanted."""
        partition, connection = record["partition"], record["connection"]
        while True:
            await self._keeper.until_speaks()
            if not still_wanted():
                return False
            # Before the append: from here on nobody releases the partition without its `closed`.
            self._open[partition].add(connection)
            try:
                await self._write(record)
                return True
            except MayNotSpeak:
                self._done(partition, connection)

    async def closed(self, record: dict[str, Any], reason: str) -> None:
        """Call it when the socket is gone, and for every `opened`. Returns when it is acknowledged."""
        while True:
            await self._keeper.until_speaks()
            try:
                await self._write({**record, "type": "closed", "reason": reason})
                break
            except MayNotSpeak:
                continue
        self._done(record["partition"], record["connection"])

    def is_drained(self, partition: int) -> bool:
        return not self._open.get(partition)

    async def _write(self, record: dict[str, Any]) -> None:
        partition = record["partition"] % EVIDENCE_PARTITIONS
        await self._appender.append(self._topic, partition, to_json(record), may=self._keeper.lease.speaks)

    def _done(self, partition: int, connection: str) -> None:
        open_here = self._open[partition]
        open_here.discard(connection)
        if not open_here:
            del self._open[partition]
            self.on_drained(partition)
