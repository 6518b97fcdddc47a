"""What clients send: §2 `send`, `accepted`. In their order, each once, answered when Kafka has it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .feeds import Feeds, fits_frame
from .frames import Hello
from .kafka import Appender, MayNotSpeak
from .lease import LeaseKeeper
from .limits import FRAME_BYTES_MAX, KNOWN_SENDS_MAX, SEND_GIVE_UP_MS, SENDS_IN_FLIGHT_MAX
from .text import is_id, now_ms, partition_of, to_json, wall_ms
from .tokens import Identity, Refused


@dataclass(slots=True)
class Known:
    to: str
    offset: asyncio.Future[int]


class Sends:
    """What the queues of all clients share: ids outlive sockets."""

    def __init__(
        self, appender: Appender, topic: str, partitions: int, feeds: Feeds, keeper: LeaseKeeper
    ) -> None:
        self.appender, self.topic, self.partitions = appender, topic, partitions
        self.feeds, self.keeper = feeds, keeper
        self._known: OrderedDict[tuple[str, str, str], Known] = OrderedDict()

    def known(self, key: tuple[str, str, str]) -> Known | None:
        return self._known.get(key)

    def remember(self, key: tuple[str, str, str], to: str, offset: int | None = None) -> Known:
        known = Known(to, asyncio.get_running_loop().create_future())
        if offset is not None:
            known.offset.set_result(offset)
        self._known[key] = known
        while len(self._known) > KNOWN_SENDS_MAX:
            self._known.popitem(last=False)
        return known

    def forget(self, key: tuple[str, str, str]) -> None:
        self._known.pop(key, None)


class SendQueue:
    """The sends of one connection."""

    def __init__(
        self,
        shared: Sends,
        who: Identity,
        hello: Hello,
        answer: Callable[[dict[str, Any]], None],
        fail: Callable[[Refused], None],
    ) -> None:
        self._shared, self._who = shared, who
        # A client that was never welcomed before cannot repeat anything; later only one that says so.
        self._repeats_until = now_ms() + SEND_GIVE_UP_MS if hello.next is not None else 0
        self._marks_repeats = hello.marks_repeats
        self._answer, self._fail = answer, fail
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._in_flight = 0
        self._answers: set[asyncio.Task[None]] = set()
        self.accepted = 0

    def push(self, frame: dict[str, Any]) -> None:
        if not is_id(frame.get("id")) or not is_id(frame.get("to")):
            raise Refused("bad-frame", "send.id and send.to are texts of 1 to 128 characters")
        if not isinstance(frame.get("body"), str):
            raise Refused("bad-frame", "send.body is a string")
        if not fits_frame(self._record(frame)):
            raise Refused("too-large", f"its message frame would have more than {FRAME_BYTES_MAX} bytes")
        if self._waiting.qsize() + self._in_flight >= SENDS_IN_FLIGHT_MAX:
            raise Refused("too-many", f"more than {SENDS_IN_FLIGHT_MAX} sends without an answer")
        self._waiting.put_nowait(frame)

    def _record(self, frame: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": frame["id"],
            "from": self._who.user,
            "client": self._who.client,
            "to": frame["to"],
            "body": frame["body"],
            "sentAtMs": wall_ms(),
        }

    async def run(self) -> None:
        try:
            while True:
                await self._carry_out(await self._waiting.get())
        except Refused as refused:
            self._fail(refused)

    async def _carry_out(self, frame: dict[str, Any]) -> None:
        shared, who, to = self._shared, self._who, frame["to"]
        key = (who.user, who.client, frame["id"])
        partition = partition_of(to, shared.partitions)
        known = shared.known(key)
        if known is None and self._may_be_repeat(frame):
            found = await shared.feeds.find_send(partition, (who.user, who.client, frame["id"], to))
            if found is not None:
                known = shared.remember(key, to, found)
        if known is not None and known.to != to:
            raise Refused("bad-frame", "send.id was used for another recipient")
        if known is None:
            known = shared.remember(key, to)
            ack = await self._hand_over(partition, to, to_json(self._record(frame)))
            ack.add_done_callback(lambda done: self._settle(key, known, done))
        self._in_flight += 1
        task = asyncio.ensure_future(self._answer_when_known(frame["id"], partition, known))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _hand_over(self, partition: int, to: str, value: str) -> asyncio.Future[Any]:
        shared = self._shared
        while True:
            await shared.keeper.until_speaks()
            try:
                speaks = shared.keeper.lease.speaks
                return await shared.appender.hand_over(shared.topic, partition, value, to, speaks)
            except MayNotSpeak:
                continue

    def _settle(self, key: tuple[str, str, str], known: Known, done: asyncio.Future[Any]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._shared.forget(key)
            if not known.offset.done():
                known.offset.cancel()
        elif not known.offset.done():
            known.offset.set_result(done.result().offset)

    def _may_be_repeat(self, frame: dict[str, Any]) -> bool:
        if self._marks_repeats:
            return frame.get("repeat") is True and self._repeats_until > 0
        return now_ms() < self._repeats_until

    async def _answer_when_known(self, sent: str, partition: int, known: Known) -> None:
        try:
            offset = await asyncio.shield(known.offset)
        except asyncio.CancelledError:
            self._fail(Refused("unavailable", "the message could not be written just now"))
            return
        self._in_flight -= 1
        self.accepted += 1
        self._answer({"type": "accepted", "id": sent, "partition": partition, "offset": str(offset)})
