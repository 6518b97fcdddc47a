"""One client: §2. From its socket to its `closed`; where it belongs is handover.py's to say."""

import asyncio
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from .buckets import Bucket
from .feeds import Feed, Message
from .limits import (
    ALIVE_EVERY_MS,
    CLOSE_AFTER_ERROR_MS,
    CLOSE_HANDSHAKE_MS,
    FRAME_BYTES_MAX,
    FRAMES_BURST_MAX,
    FRAMES_PER_SECOND_MAX,
    GAP_MAX_MS,
    HELLO_WITHIN_MS,
    PARKED_CLIENTS_MAX,
    PARKED_MS,
    TOKEN_CHARS_MAX,
)
from .sends import SendQueue
from .text import now_ms, number, offset_of, parse_object, to_json
from .tokens import Identity, Refused, verify

if TYPE_CHECKING:
    from .sockets import Sockets

CLOSE_CODES = {
    "bad-frame": 4400,
    "bad-token": 4401,
    "expired": 4403,
    "superseded": 4409,
    "too-large": 4413,
    "too-many": 4429,
    "unavailable": 4503,
}
DISCONNECT_CODES = {"moved": 4001, "leaving": 4001, "replaced": 4003}
REDIRECT_CODE = 4002


class Connection:
    def __init__(self, sockets: "Sockets", ws: ServerConnection) -> None:
        self.sockets, self.ws = sockets, ws
        self.identity: Identity | None = None
        self.state = "greeting"  # → parked → opening → welcomed; `ending` stops all that is said
        self.ending = False
        self.finished = asyncio.Event()  # its `closed`, if any is due, is acknowledged
        self.next: int | None = None
        self.wake = asyncio.Event()
        self._frames: deque[dict[str, Any]] = deque()
        self._reason = "lost"
        self._opened: dict[str, Any] | None = None
        self._hello: dict[str, Any] = {}
        self._welcome_revision = 0
        self._gap_told = False
        self._rate = Bucket(FRAMES_PER_SECOND_MAX, FRAMES_BURST_MAX)
        self._sends: SendQueue | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._admitting: asyncio.Task[None] | None = None

    # ---- its life

    async def run(self) -> None:
        try:
            try:
                await self._greet()
                async for data in self.ws:
                    if not self.ending:
                        self._on_frame(self._read(data))
            except Refused as refused:
                await self.fail(refused)
            except ConnectionClosed:
                pass
        finally:
            await self._finish()

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(HELLO_WITHIN_MS / 1_000):
                hello = self._read(await self.ws.recv())
        except TimeoutError:
            raise Refused("bad-frame", "no hello came within 5 s") from None
        token, revision = hello.get("token"), hello.get("revision")
        self.next = offset_of(hello.get("next"))
        if hello["type"] != "hello":
            raise Refused("bad-frame", "the first frame is hello")
        if not isinstance(token, str) or not 0 < len(token) <= TOKEN_CHARS_MAX:
            raise Refused("bad-frame", "hello.token is a string")
        if "next" not in hello or (self.next is None and hello["next"] is not None):
            raise Refused("bad-frame", "hello.next is an offset as a string of digits, or null")
        if revision is not None and number(revision) is None:
            raise Refused("bad-frame", "hello.revision is a whole number from 0, or absent")
        self._hello = hello
        self.state = "parked"
        self._admitting = asyncio.create_task(self._admit_or_refuse(token))

    async def _admit_or_refuse(self, token: str) -> None:
        try:
            await self.sockets.line.enter()
            sockets = self.sockets
            self.identity = verify(token, sockets.keys, sockets.service, sockets.partitions)
            await self._admit(self.identity)
        except Refused as refused:
            await self.fail(refused)
        except ConnectionClosed:
            pass

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

    async def _admit(self, who: Identity) -> None:
        sockets, hand_over = self.sockets, self.sockets.hand_over
        await sockets.take_place(self, who)  # a newer session replaces an older: its `closed` comes first
        deadline = now_ms() + PARKED_MS
        while not self.ending:
            where = hand_over.admission(who.partition, self._hello.get("revision"))
            if where.kind == "serve":
                if await self._open(who, where.revision):
                    return
                continue
            if where.kind == "redirect":
                frame = {"type": "redirect", "url": where.url, "revision": where.revision}
                self._reason = "refused"
                return await self._say_and_close(frame, REDIRECT_CODE, CLOSE_HANDSHAKE_MS)
            left_ms = deadline - now_ms()
            if where.kind == "unavailable" or left_ms <= 0 or sockets.parked() > PARKED_CLIENTS_MAX:
                raise Refused("unavailable", "nobody holds the partition just now; ask the directory")
            self.wake.clear()
            try:
                async with asyncio.timeout(left_ms / 1_000):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def _open(self, who: Identity, revision: int) -> bool:
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
        wanted = lambda: not self.ending and hand_over.holds(who.partition)  # noqa: E731
        if not await sockets.evidence.opened(record, wanted):
            self.state = "parked"
            return False
        self._opened = record
        start, truncated = await sockets.feeds.place(who.partition, self.next)
        await sockets.keeper.until_speaks()
        feed = sockets.feeds.get(who.partition)
        if self.ending or feed is None:
            return True  # it was told to move meanwhile: its `closed` follows
        self.state = "welcomed"
        came_back = self.next is not None
        self.next, self._welcome_revision = start, revision
        self._frames.append(
            {
                "type": "welcome",
                "instance": hand_over.name,
                "revision": revision,
                "partition": who.partition,
                "next": str(start),
                "aliveEveryMs": ALIVE_EVERY_MS,
                "truncated": truncated,
            }
        )
        marks = self._hello.get("marksRepeats") is True
        self._sends = SendQueue(sockets.sends, who, came_back, marks, self._say, self._fail_soon)
        feed.listeners.add(self.wake.set)
        work = (self._write(feed, who), self._sends.run(), self._stay_alive())
        self._tasks = [asyncio.create_task(one) for one in work]
        return True

    # ---- what it says

    def _read(self, data: str | bytes) -> dict[str, Any]:
        if not self._rate.take():
            raise Refused("too-many", "too many frames a second")
        if isinstance(data, bytes):
            raise Refused("bad-frame", "binary frames are not part of the protocol")
        if len(data) > FRAME_BYTES_MAX or len(data.encode(errors="replace")) > FRAME_BYTES_MAX:
            raise Refused("too-large", f"a frame has at most {FRAME_BYTES_MAX} bytes")
        frame = parse_object(data)
        if frame is None or frame.get("type") not in ("hello", "send", "moved", "bye"):
            raise Refused("bad-frame", "a frame is a JSON object whose type the protocol knows")
        return frame

    def _on_frame(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "bye":
            self._reason, self.ending = "bye", True
            self.sockets.spawn(self._close(1000, "bye", CLOSE_AFTER_ERROR_MS))
        elif kind == "hello":
            raise Refused("bad-frame", "hello was said already")
        elif self._sends is None:
            raise Refused("bad-frame", f"{kind} came before the welcome")
        elif kind == "send":
            self._sends.push(frame)
        else:
            gap = frame.get("gapMs")
            if type(gap) not in (int, float) or gap != gap:
                raise Refused("bad-frame", "moved.gapMs is a number of milliseconds")
            if not self._gap_told:  # one report per welcome: a histogram is no place to write at will
                self._gap_told = True
                told = self._hello.get("revision")
                revision = self._welcome_revision if told is None else min(told, self._welcome_revision)
                self.sockets.on_gap(int(revision), min(GAP_MAX_MS, max(0, round(gap))))

    # ---- what it is told

    def _may_speak(self) -> bool:
        """Asked right before each word, with nothing awaited in between: a paused process may not speak."""
        who, sockets = self.identity, self.sockets
        assert who is not None
        return not self.ending and sockets.keeper.lease.speaks() and sockets.hand_over.holds(who.partition)

    def _say(self, frame: dict[str, Any]) -> None:
        self._frames.append(frame)
        self.wake.set()

    async def _until_may_speak(self) -> None:
        while not self.ending and not self._may_speak():
            await self.sockets.keeper.until_speaks()
            if not self._may_speak():
                self.wake.clear()
                await self.wake.wait()

    async def _write(self, feed: Feed, who: Identity) -> None:
        assert self.next is not None
        try:
            while not self.ending:
                message = None
                if not self._frames:
                    if self.next < feed.first:
                        await self._catch_up(feed.first, who)
                        continue
                    message = feed.after(self.next, who.user)
                    if message is None:
                        self.next = max(self.next, feed.next)
                        self.wake.clear()
                        await self.wake.wait()
                        continue
                if not self._may_speak():
                    await self._until_may_speak()
                    continue
                if message is None:
                    await self.ws.send(to_json(self._frames.popleft()))
                else:
                    await self._deliver(message)
        except ConnectionClosed:
            pass
        finally:
            feed.listeners.discard(self.wake.set)

    async def _deliver(self, message: Message) -> None:
        self.next = message.offset + 1
        self.sockets.delivered += 1
        frame = {"type": "message", "offset": str(message.offset), **message.fields}
        await self.ws.send(to_json(frame))

    async def _catch_up(self, end: int, who: Identity) -> None:
        """A client that was away for longer than what is kept here: from Kafka."""
        assert self.next is not None

        async def take(message: Message) -> bool:
            if message.fields["to"] == who.user:
                await self._until_may_speak()
                if self.ending:
                    return False
                await self._deliver(message)
            return not self.ending

        await self.sockets.feeds.read_range(who.partition, self.next, end, take)
        if not self.ending:
            self.next = max(self.next, end)

    async def _stay_alive(self) -> None:
        try:
            while True:
                await asyncio.sleep(ALIVE_EVERY_MS / 1_000)
                suspended = not self._may_speak()
                if not self.ending:
                    frame = {"type": "alive", "next": str(self.next), "suspended": suspended}
                    await self.ws.send(to_json(frame))
        except ConnectionClosed:
            pass

    # ---- its end

    async def disconnect(self, reason: str, url: str | None, revision: int, delay_ms: int) -> None:
        """§2 `disconnect`: not an error."""
        if self.ending:
            return
        self.ending, self._reason = True, reason
        self.wake.set()
        frame: dict[str, Any] = {"type": "disconnect", "reason": reason}
        if url is not None:
            frame["url"] = url
        if self.next is not None:
            frame["next"] = str(self.next)
        frame |= {"revision": revision, "delayMs": delay_ms}
        await self._say_and_close(frame, DISCONNECT_CODES[reason], CLOSE_HANDSHAKE_MS)

    async def fail(self, refused: Refused, reason: str = "refused") -> None:
        if self.ending:
            return
        self.ending, self._reason = True, reason
        self.wake.set()
        frame = {"type": "error", "code": refused.code, "message": refused.message}
        self.sockets.errors[refused.code] += 1
        await self._say_and_close(frame, CLOSE_CODES[refused.code], CLOSE_AFTER_ERROR_MS)

    def _fail_soon(self, refused: Refused) -> None:
        self.sockets.spawn(self.fail(refused))

    async def _say_and_close(self, frame: dict[str, Any], code: int, within_ms: int) -> None:
        self.ending = True
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
