"""What a welcomed client is told, word by word, and the question before each: may this be said now?

A paused process must not speak first and check later. So nothing is queued behind the check: a frame is
handed to the socket in the same breath in which the lease was asked, with no `await` in between.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from .feeds import Feed, Message
from .limits import ALIVE_EVERY_MS
from .text import to_json
from .tokens import Identity

if TYPE_CHECKING:
    from .connection import Connection


class Speaker:
    def __init__(
        self,
        connection: "Connection",
        who: Identity,
        feed: Feed,
        start: int,
        frames: deque[dict[str, Any]],
    ) -> None:
        self._connection, self._who, self._feed = connection, who, feed
        self._frames = frames
        self.next = start  # everything before is said, or is not for this user

    def say(self, frame: dict[str, Any]) -> None:
        self._frames.append(frame)
        self._connection.wake.set()

    def _may_speak(self) -> bool:
        """§4: the lease is good, and the partition is held by the log and not being given away."""
        connection = self._connection
        return (
            not connection.ending
            and connection.sockets.keeper.lease.speaks()
            and connection.sockets.hand_over.holds(self._who.partition)
        )

    async def _until_may_speak(self) -> bool:
        """False when it ends before."""
        connection = self._connection
        while not connection.ending and not self._may_speak():
            await connection.sockets.keeper.until_speaks()
            if not self._may_speak() and not connection.ending:
                connection.wake.clear()
                await connection.wake.wait()
        return not connection.ending

    async def run(self) -> None:
        self._feed.listeners.add(self._connection.wake.set)
        try:
            while not self._connection.ending:
                await self._say_next()
        except ConnectionClosed:
            pass
        finally:
            self._feed.listeners.discard(self._connection.wake.set)

    async def _say_next(self) -> None:
        feed, message = self._feed, None
        if not self._frames:
            if self.next < feed.first:
                await self._catch_up(feed.first)
                return
            message = feed.after(self.next, self._who.user)
            if message is None:
                self.next = max(self.next, feed.next)
                self._connection.wake.clear()
                await self._connection.wake.wait()
                return
        if not self._may_speak():
            await self._until_may_speak()
        elif message is None:
            await self._connection.ws.send(to_json(self._frames.popleft()))
        else:
            await self._deliver(message)

    async def _deliver(self, message: Message) -> None:
        self.next = message.offset + 1
        self._connection.sockets.delivered += 1
        frame = {"type": "message", "offset": str(message.offset), **message.fields}
        await self._connection.ws.send(to_json(frame))

    async def _catch_up(self, end: int) -> None:
        """A client that was away for longer than what is kept here: from Kafka."""

        async def take(message: Message) -> bool:
            if message.fields["to"] == self._who.user:
                if not await self._until_may_speak():
                    return False
                await self._deliver(message)
            return not self._connection.ending

        await self._connection.sockets.feeds.read_range(self._who.partition, self.next, end, take)
        self.next = max(self.next, end)

    async def stay_alive(self) -> None:
        """§2 `alive`: goes on while the lease has lapsed, and says so."""
        try:
            while not self._connection.ending:
                await asyncio.sleep(ALIVE_EVERY_MS / 1_000)
                frame = {"type": "alive", "next": str(self.next), "suspended": not self._may_speak()}
                if not self._connection.ending:
                    await self._connection.ws.send(to_json(frame))
        except ConnectionClosed:
            pass
