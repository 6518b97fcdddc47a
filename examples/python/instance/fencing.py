"""Earlier lives of this very ordinal must speak no more: §4, "Fencing". So a service restarts by itself.

Anybody may fence anybody by these rules; a dead peer is fenced by the control plane, which watches all.
"""

import asyncio

from .kafka import Appender, Record
from .lease import LeaseKeeper
from .limits import EVIDENCE_PARTITIONS, LEASE_MARGIN_MS, LEASE_TTL_MS, REPEAT_APPEND_AFTER_MS
from .log import Log
from .text import parse_object, to_json


class Predecessors:
    def __init__(
        self,
        appender: Appender,
        topics: dict[str, str],
        keeper: LeaseKeeper,
        name: str,
        ended_uids: frozenset[str],
        log: Log,
    ) -> None:
        self._appender, self._topics, self._keeper = appender, topics, keeper
        self._name, self._ended_uids, self._log = name, ended_uids, log
        self._acknowledged: dict[str, asyncio.Event] = {}

    def on_lease(self, record: Record) -> None:
        """A record of our lease partition, which is that of our earlier lives, too."""
        said = parse_object(record.value) or {}
        incarnation = said.get("incarnation")
        if said.get("type") == "fence-acknowledged" and isinstance(incarnation, str):
            if (event := self._acknowledged.get(incarnation)) is not None:
                event.set()

    async def fence(self, incarnation: str) -> None:
        """Tries until it is done; all that it writes is safe to repeat."""
        acknowledged = self._acknowledged.setdefault(incarnation, asyncio.Event())
        while not self._keeper.lease.is_over():
            try:
                how = await self._fence(incarnation, acknowledged)
                self._log("info", "fenced-predecessor", incarnation=incarnation, how=how)
                return
            except Exception as error:
                self._log("warn", "fence-failed", message=str(error)[:200])
                await asyncio.sleep(REPEAT_APPEND_AFTER_MS / 1_000)

    async def _fence(self, incarnation: str, acknowledged: asyncio.Event) -> str:
        """The wait counts from when our own `fence` was *acknowledged*, not from its sending.

        A heartbeat before the fence was sent before it, and lasts for its TTL; one after it extends nothing.
        """
        append, leases = self._appender.append, self._topics["leases"]
        by = f"{self._name}/{self._keeper.lease.incarnation}"
        fence = {"type": "fence", "incarnation": incarnation, "by": by}
        await append(leases, self._keeper.partition, to_json(fence))
        how = "process-ended"
        # §9: an incarnation is `<uid>.<something>`; the platform's word about that process is proof.
        if incarnation.rpartition(".")[0] not in self._ended_uids:
            try:
                async with asyncio.timeout((LEASE_TTL_MS + LEASE_MARGIN_MS) / 1_000):
                    await acknowledged.wait()
                how = "acknowledged"
            except TimeoutError:
                how = "lease-expired"
        said = {"type": "fenced", "instance": self._name, "incarnation": incarnation, "how": how}
        sessions = (append(self._topics["sessions"], p, to_json(said)) for p in range(EVIDENCE_PARTITIONS))
        await asyncio.gather(*sessions)
        await append(self._topics["ownership"], 0, to_json(said))  # only now: evidence comes first
        return how
