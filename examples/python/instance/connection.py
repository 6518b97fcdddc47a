"""One client: §2. From its socket to its `closed`; where it belongs is handover.py's to say."""

import asyncio
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from .buckets import Bucket
from .frames import (
    BYE_CODE,
    CLOSE_CODES,
    DISCONNECT_CODES,
    REDIRECT_CODE,
    Hello,
    read_frame,
    read_gap,
    read_hello,
    told_gap,
)
from .limits import (
    ALIVE_EVERY_MS,
    CLOSE_AFTER_ERROR_MS,
    CLOSE_HANDSHAKE_MS,
    FRAMES_BURST_MAX,
    FRAMES_PER_SECOND_MAX,
    HELLO_WITHIN_MS,
    PARKED_CLIENTS_MAX,
    PARKED_MS,
)
from .sends import SendQueue
from .speaker import Speaker
from .text import now_ms, to_json
from .tokens import Identity, Refused, verify

if TYPE_CHECKING:
    from .sockets import Sockets


class Connection:
    def __init__(self, sockets: "Sockets", ws: ServerConnection) -> None:
        self.sockets, self.ws = sockets, ws
        self.identity: Identity | None = None
        self.state = "greeting"  # → parked → opening → welcomed
        self.ending = False  # nothing more is said but why it ends
        self.finished = asyncio.Event()  # its `closed`, if any is due, is acknowledged
        self.wake = asyncio.Event()  # something may be otherwise than it was
        self._reason = "lost"
        self._hello: Hello | None = None
        self._opened: dict[str, Any] | None = None
        self._gap_told = False
        self._rate = Bucket(FRAMES_PER_SECOND_MAX, FRAMES_BURST_MAX)
        self._sends: SendQueue | None = None
        self._speaker: Speaker | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._admitting: asyncio.Task[None] | None = None

    # ---- its life

    async def run(self) -> None:
        """Until its `closed` is acknowledged. Raises what leaves a record's fate unknown."""
        try:
            try:
                await self._greet()
                async for data in self.ws:
                    if not self.ending:
                        self._on_frame(data)
            except Refused as refused:
                await self.fail(refused)
            except ConnectionClosed:
                pass
        finally:
            await self._finish()

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(HELLO_WITHIN_MS / 1_000):
                self._hello = read_hello(read_frame(await self.ws.recv()))
        except TimeoutError:
            raise Refused("bad-frame", "no hello came within 5 s") from None
        if not self.ending:
            self.state = "parked"
            self._admitting = asyncio.create_task(self._admit_or_refuse(self._hello))

    async def _finish(self) -> None:
        self.ending = True
        self.wake.set()
        for task in self._tasks:
            task.cancel()
        if self._admitting is not None:
            await self._admitting  # never cancelled: what it handed to the producer is in the log
        if self._opened is not None:
            await self.sockets.evidence.closed(self._opened, self._reason)
        self.sockets.forget(self)
        self.finished.set()

    # ---- getting in

    async def _admit_or_refuse(self, hello: Hello) -> None:
        sockets = self.sockets
        try:
            await sockets.line.enter()
            self.identity = verify(hello.token, sockets.keys, sockets.service, sockets.partitions)
            await self._admit(self.identity, hello)
        except Refused as refused:
            await self.fail(refused)
        except ConnectionClosed:
            pass

    async def _admit(self, who: Identity, hello: Hello) -> None:
        sockets, hand_over = self.sockets, self.sockets.hand_over
        await sockets.take_place(self, who)  # a newer session replaces an older: its `closed` comes first
        if sockets.parked() > PARKED_CLIENTS_MAX:
            raise Refused("unavailable", "too many clients wait here; ask the directory")
        deadline = now_ms() + PARKED_MS
        while not self.ending:
            where = hand_over.admission(who.partition, hello.revision)
            if where.kind == "serve":
                if await self._open(who, hello, where.revision):
                    return
                continue
            if where.kind == "redirect":
                self._reason = "refused"
                frame = {"type": "redirect", "url": where.url, "revision": where.revision}
                await self._say_and_close(frame, REDIRECT_CODE, CLOSE_HANDSHAKE_MS)
                return
            left_ms = deadline - now_ms()
            if where.kind == "unavailable" or left_ms <= 0:
                raise Refused("unavailable", "nobody holds the partition just now; ask the directory")
            self.wake.clear()
            try:
                async with asyncio.timeout(left_ms / 1_000):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def _open(self, who: Identity, hello: Hello, revision: int) -> bool:
        """Evidence first, then the welcome; False: look again where the client belongs."""
        sockets, hand_over = self.sockets, self.sockets.hand_over
        self.state = "opening"
        record = {
            "type": "opened",
            "partition": who.partition,
            "user": who.user,
            "client": who.client,
            "session": who.session,
            "connection": str(uuid.uuid4()),
            "instance": hand_over.name,
            "incarnation": hand_over.incarnation,
            "revision": revision,
        }
        if not await sockets.evidence.opened(record, lambda: self._is_served_here(who)):
            self.state = "parked"
            return False
        self._opened = record
        try:
            start, truncated = await sockets.feeds.place(who.partition, hello.next)
        except (KafkaError, KeyError):
            raise Refused("unavailable", "the messages cannot be read just now") from None
        feed = sockets.feeds.get(who.partition)
        if self.ending or feed is None:
            return True  # it was told to move meanwhile: its `closed` follows
        self.state = "welcomed"
        sockets.waiting.pop(self, None)
        welcome = {
            "type": "welcome",
            "instance": hand_over.name,
            "revision": revision,
            "partition": who.partition,
            "next": str(start),
            "aliveEveryMs": ALIVE_EVERY_MS,
            "truncated": truncated,
        }
        speaker = self._speaker = Speaker(self, who, feed, start, deque([welcome]))
        self._sends = SendQueue(sockets.sends, who, hello, speaker.say, self._fail_soon)
        for work in (speaker.run(), speaker.stay_alive(), self._sends.run()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._on_task_done)
            self._tasks.append(task)
        return True

    def _is_served_here(self, who: Identity) -> bool:
        return not self.ending and self.sockets.hand_over.holds(who.partition)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.sockets.log("warn", "connection-failed", message=str(task.exception())[:200])
            self._fail_soon(Refused("unavailable", "the instance cannot serve this client just now"))

    # ---- what it says

    def _on_frame(self, data: str | bytes) -> None:
        if not self._rate.take():
            raise Refused("too-many", "too many frames a second")
        frame = read_frame(data)
        kind = frame["type"]
        if kind == "bye":
            self._reason, self.ending = "bye", True
            self.sockets.spawn(self._close(BYE_CODE, "bye", CLOSE_AFTER_ERROR_MS))
        elif kind == "hello":
            raise Refused("bad-frame", "hello was said already")
        elif self._sends is None or self._opened is None:
            raise Refused("bad-frame", f"{kind} came before the welcome")
        elif kind == "send":
            self._sends.push(frame)
        else:
            echoed = self._hello.revision if self._hello else None
            gap, under = read_gap(frame), told_gap(frame, echoed, self._opened["revision"])
            if not self._gap_told:  # one report per welcome: a histogram is no place to write at will
                self._gap_told = True
                self.sockets.on_gap(*under, gap)

    # ---- its end

    async def disconnect(self, reason: str, url: str | None, revision: int, delay_ms: int) -> None:
        """§2 `disconnect`: not an error. Returns when the socket is gone."""
        if self.ending:
            return
        self.ending, self._reason = True, reason
        frame: dict[str, Any] = {"type": "disconnect", "reason": reason}
        if url is not None:
            frame["url"] = url
        reached = self._speaker.next if self._speaker else self._hello.next if self._hello else None
        if reached is not None:
            frame["next"] = str(reached)
        frame |= {"revision": revision, "delayMs": delay_ms}
        await self._say_and_close(frame, DISCONNECT_CODES[reason], CLOSE_HANDSHAKE_MS)

    async def fail(self, refused: Refused, reason: str = "refused") -> None:
        if self.ending:
            return
        self.ending, self._reason = True, reason
        self.sockets.errors[refused.code] += 1
        frame = {"type": "error", "code": refused.code, "message": refused.message}
        await self._say_and_close(frame, CLOSE_CODES[refused.code], CLOSE_AFTER_ERROR_MS)

    def _fail_soon(self, refused: Refused) -> None:
        self.sockets.spawn(self.fail(refused))

    async def _say_and_close(self, frame: dict[str, Any], code: int, within_ms: int) -> None:
        self.ending = True
        self.wake.set()
        try:
            async with asyncio.timeout(within_ms / 1_000):
                await self.ws.send(to_json(frame))
        except (ConnectionClosed, TimeoutError):
            pass
        await self._close(code, frame.get("reason") or frame.get("code") or frame["type"], within_ms)

    async def _close(self, code: int, text: str, within_ms: int) -> None:
        """Returns when the socket is gone, cut off if need be."""
        self.ws.close_timeout = within_ms / 1_000
        await self.ws.close(code, text)
