"""All clients of this instance: who is connected to which partition, and the way in and out: §2."""

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Origin

from .buckets import HelloLine
from .connection import Connection
from .evidence import Evidence
from .feeds import Feeds
from .handover import HandOver
from .lease import LeaseKeeper
from .limits import (
    ARRIVALS_AT_ONCE_MAX,
    DELAY_MS_MAX,
    GREETING_SOCKETS_MAX,
    SOCKET_FRAME_BYTES_MAX,
    SUSPENDED_GRACE_MS,
)
from .log import Log
from .sends import Sends
from .text import now_ms
from .tokens import Identity, Keys, Refused


class Sockets:
    def __init__(
        self,
        service: str,
        partitions: int,
        keys: Keys,
        origins: str,
        keeper: LeaseKeeper,
        evidence: Evidence,
        feeds: Feeds,
        sends: Sends,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        on_gap: Callable[[int, bool, int], None],
        on_left: Callable[[int, int], None],
        log: Log,
    ) -> None:
        self.service, self.partitions, self.keys = service, partitions, keys
        self.keeper, self.evidence, self.feeds, self.sends = keeper, evidence, feeds, sends
        self.spawn, self.on_gap, self._on_left = spawn, on_gap, on_left
        self.log = log
        self.hand_over: HandOver  # set before anybody may come
        self.line = HelloLine()
        self.delivered = 0
        self.errors: Counter[str] = Counter()
        self._origins = origins
        self._all: dict[Connection, None] = {}
        self.waiting: dict[Connection, None] = {}  # of these, who is not welcomed yet, in their order
        self._by_partition: dict[int, set[Connection]] = defaultdict(set)
        self._by_client: dict[tuple[str, str], Connection] = {}
        self._server: Server | None = None

    async def start(self, host: str | None, port: int) -> None:
        allowed = None
        if self._origins != "*":  # a program sends no origin and is not asked
            listed = [Origin(one.strip()) for one in self._origins.split(",") if one.strip()]
            allowed = [None, *listed]
        self._server = await serve(
            self._on_socket,
            host,
            port,
            origins=allowed,
            compression=None,
            max_size=SOCKET_FRAME_BYTES_MAX,
            max_queue=16,
            ping_interval=10,
            ping_timeout=20,
            backlog=1_024,
        )

    async def _on_socket(self, ws: ServerConnection) -> None:
        connection = Connection(self, ws)
        self._all[connection] = self.waiting[connection] = None
        if len(self.waiting) > GREETING_SOCKETS_MAX:
            greeting = [one for one in self.waiting if one.state == "greeting"]
            if len(greeting) > GREETING_SOCKETS_MAX:
                self.spawn(greeting[0].fail(Refused("too-many", "too many sockets without a hello")))
        try:
            await connection.run()
        except Exception as error:  # a record whose fate is unknown: ends this life
            self.spawn(_raise(error))
        finally:
            self._all.pop(connection, None)
            self.waiting.pop(connection, None)

    # ---- who is here

    async def take_place(self, connection: Connection, who: Identity) -> None:
        """§2: a client has one session. Raises Refused for the older one."""
        key = (who.user, who.client)
        older = self._by_client.get(key)
        if older is not None and older.identity is not None:
            if who.session_at < older.identity.session_at:
                raise Refused("superseded", "a newer session of this user and client is connected")
        self._by_client[key] = connection
        self._by_partition[who.partition].add(connection)
        if older is not None:
            await older.disconnect("replaced", None, self.hand_over.goals.revision, 0)
            await older.finished.wait()

    def forget(self, connection: Connection) -> None:
        who = connection.identity
        if who is None:
            return
        self._by_partition[who.partition].discard(connection)
        if self._by_client.get((who.user, who.client)) is connection:
            del self._by_client[(who.user, who.client)]

    def clients_of(self, partition: int) -> int:
        here = self._by_partition.get(partition, ())
        return sum(one.state in ("opening", "welcomed") for one in here)

    def load(self) -> list[list[int]]:
        return [[p, n] for p in sorted(self._by_partition) if (n := self.clients_of(p)) > 0]

    def clients(self) -> int:
        return sum(one.state == "welcomed" and not one.ending for one in self._all)

    def parked(self) -> int:
        return sum(one.state == "parked" for one in self.waiting)

    def changed(self) -> None:
        """Something may be otherwise than it was: who waits looks again."""
        for connection in self.waiting:
            connection.wake.set()

    # ---- sending them on

    def drain(
        self, partitions: list[int], reason: str, url: str | None, revision: int, accept_per_second: float
    ) -> None:
        """Tells everybody of these partitions to go; evidence says when all are gone."""
        here = [one for p in partitions for one in self._by_partition.get(p, ())]
        going = [one for one in here if one.state in ("opening", "welcomed") and not one.ending]
        late = len(going) - ARRIVALS_AT_ONCE_MAX
        for position, one in enumerate(going):
            slot, delay_ms = position - ARRIVALS_AT_ONCE_MAX, 0.0
            if slot >= 0:  # §2 `delayMs`: more than the receiver welcomes at once
                spread_ms = min(DELAY_MS_MAX, late * 1_000 / accept_per_second)
                delay_ms = (slot + random.random()) / late * spread_ms
            self.spawn(one.disconnect(reason, url, revision, int(delay_ms)))
        if reason == "moved":
            self._on_left(revision, len(going))

    async def watch_suspension(self) -> None:
        """Sockets outlast a lapsed lease, suspended, but not for ever."""
        good_at = now_ms()
        while True:
            await asyncio.sleep(0.5)
            if self.keeper.lease.speaks():
                good_at = now_ms()
            elif now_ms() - good_at > SUSPENDED_GRACE_MS:
                for one in list(self._all):
                    self.spawn(one.fail(Refused("unavailable", "the instance cannot serve"), "suspended"))

    async def close(self, within_ms: int = 1_500) -> None:
        """No more sockets; whoever is still here is told so, and cut off in the end."""
        if self._server is None:
            return
        self._server.close(close_connections=False)
        gone = Refused("unavailable", "the instance ends; ask the directory")
        fails = [one.fail(gone, "leaving") for one in list(self._all)]
        if fails:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_ms / 1_000):
                    await asyncio.gather(*fails, return_exceptions=True)


async def _raise(error: Exception) -> None:
    raise error
