"""The messages of the partitions that are served here, or about to be: §3, §2 `message`.

A partition is *warm* when it is read to its tail. Reading starts a duplicate window back, so that whoever
delivers knows the first copy of a send that was repeated, wherever it was accepted. Nothing is delivered
from here: connections ask for what comes next, and ask the lease before they say it.
"""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from .kafka import Record, consumer
from .limits import (
    BUFFERED_RECORDS_MAX,
    DUPLICATE_WINDOW_MS,
    DUPLICATES_KNOWN_MAX,
    FEED_CONSUMERS,
    FEED_WAIT_MS,
    FIND_SEND_WITHIN_MS,
    FORGET_AFTER_MS,
    FRAME_BYTES_MAX,
    ID_UNITS_MAX,
    RANGE_READS_AT_ONCE_MAX,
)
from .text import now_ms, parse_object, to_json, utf16_units, wall_ms

SendKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Message:
    offset: int
    fields: dict[str, Any]


def read_message(record: Record) -> dict[str, Any] | None:
    """What a client may be told of a record; None for what is no message of ours."""
    said = parse_object(record.value) or {}
    names = {name: said.get(name) for name in ("id", "from", "client", "to")}
    if not all(isinstance(one, str) and utf16_units(one) <= ID_UNITS_MAX for one in names.values()):
        return None
    body, sent_at = said.get("body"), said.get("sentAtMs")
    if not isinstance(body, str):
        return None
    if isinstance(sent_at, bool) or not isinstance(sent_at, int | float) or not math.isfinite(sent_at):
        sent_at = record.timestamp
    fields = {**names, "body": body, "sentAtMs": sent_at}
    return fields if fits_frame(fields) else None


def fits_frame(fields: dict[str, Any]) -> bool:
    """Whether its `message` frame fits at every offset, which may not be known yet: §2."""
    frame = to_json({"type": "message", "offset": "9" * 16, **fields})
    return len(frame) * 4 <= FRAME_BYTES_MAX or len(frame.encode()) <= FRAME_BYTES_MAX


def key_of(fields: dict[str, Any]) -> SendKey:
    return fields["from"], fields["client"], fields["id"], fields["to"]


class Copies:
    """First copies by (from, client, id) and recipient, within a window of the records' own timestamps."""

    def __init__(self) -> None:
        self._first: OrderedDict[SendKey, tuple[int, int]] = OrderedDict()

    def is_first(self, key: SendKey, offset: int, timestamp: int) -> bool:
        known = self._first.get(key)
        if known is not None and timestamp - known[1] <= DUPLICATE_WINDOW_MS:
            return known[0] == offset
        self._first.pop(key, None)
        self._first[key] = (offset, timestamp)
        while self._first:
            oldest, (_, at) = next(iter(self._first.items()))
            if len(self._first) <= DUPLICATES_KNOWN_MAX and timestamp - at <= DUPLICATE_WINDOW_MS:
                break
            del self._first[oldest]
        return True

    def find(self, key: SendKey) -> int | None:
        known = self._first.get(key)
        return known[0] if known else None


@dataclass(slots=True)
class Feed:
    """One partition: what was read last, and who waits for more."""

    next: int
    warm_at: int
    first: int  # everything from here to `next` is in `kept`, or is none of ours, or a copy
    copies: Copies = field(default_factory=Copies)
    kept: deque[Message] = field(default_factory=deque)
    listeners: set[Callable[[], None]] = field(default_factory=set)
    told_warm: bool = False

    def take(self, record: Record) -> None:
        self.next = record.offset + 1
        fields = read_message(record)
        if fields is None or not self.copies.is_first(key_of(fields), record.offset, record.timestamp):
            return
        self.kept.append(Message(record.offset, fields))
        if len(self.kept) > BUFFERED_RECORDS_MAX:
            self.first = self.kept.popleft().offset + 1

    def after(self, offset: int, user: str) -> Message | None:
        """The user's first message from `offset` on that is kept."""
        if offset >= self.next:
            return None
        for message in self.kept:
            if message.offset >= offset and message.fields["to"] == user:
                return message
        return None


@dataclass(slots=True)
class Share:
    """The partitions of one consumer."""

    index: int
    consumer: AIOKafkaConsumer
    dropped_at: float | None = None


class Feeds:
    """A few consumers for all partitions that are wanted; positions are ours, nothing is committed.

    aiokafka writes and reads every partition of a fetch, in Python, whatever came: with one consumer each
    message would cost as much as there are partitions.
    """

    def __init__(self, brokers: str, topic: str, on_warm: Callable[[int], None]) -> None:
        self._brokers, self._topic, self._on_warm = brokers, topic, on_warm
        self._shares = [
            Share(index, consumer(brokers, f"{topic}-feeds-{index}", wait_ms=FEED_WAIT_MS))
            for index in range(FEED_CONSUMERS)
        ]
        self._asking = consumer(brokers, f"{topic}-asking")
        self._feeds: dict[int, Feed] = {}
        self._wanted: set[int] = set()
        self._range_reads = asyncio.Semaphore(RANGE_READS_AT_ONCE_MAX)
        self._indexes: dict[int, tuple[Copies, int]] = {}
        self._one_search = asyncio.Lock()

    async def start(self) -> None:
        consumers = [share.consumer for share in self._shares]
        await asyncio.gather(*(one.start() for one in [*consumers, self._asking]))

    async def stop(self) -> None:
        consumers = [share.consumer for share in self._shares]
        await asyncio.gather(*(one.stop() for one in [*consumers, self._asking]))

    def want(self, partition: int) -> None:
        self._wanted.add(partition)

    def unwant(self, partition: int) -> None:
        self._wanted.discard(partition)
        self._share_of(partition).dropped_at = now_ms()

    def _share_of(self, partition: int) -> Share:
        return self._shares[partition % FEED_CONSUMERS]

    def get(self, partition: int) -> Feed | None:
        return self._feeds.get(partition)

    def next_of(self, partition: int) -> int:
        feed = self._feeds.get(partition)
        return feed.next if feed else 0

    async def run(self) -> None:
        await asyncio.gather(*(self._read(share) for share in self._shares))

    async def _read(self, share: Share) -> None:
        while True:
            mine = await self._follow_wishes(share)
            if not mine:
                await asyncio.sleep(0.02)
                continue
            try:
                batches = await share.consumer.getmany(timeout_ms=50)
            except OffsetOutOfRangeError as error:
                for tp in error.args[0]:  # older than what is kept: start again at what there is
                    self._feeds.pop(tp.partition, None)
                continue
            for tp, records in batches.items():
                feed = self._feeds.get(tp.partition)
                if feed is None:
                    continue
                for record in records:
                    if record.offset >= feed.next:
                        feed.take(record)
                for listener in list(feed.listeners):
                    listener()
            for partition in mine:
                feed = self._feeds.get(partition)
                if feed is not None and not feed.told_warm and feed.next >= feed.warm_at:
                    feed.told_warm = True
                    self._on_warm(partition)

    async def _follow_wishes(self, share: Share) -> list[int]:
        """The partitions that this share reads from here on."""

        def of_share(partitions: Iterable[int]) -> list[int]:
            return [p for p in partitions if p % FEED_CONSUMERS == share.index]

        new = sorted(of_share(self._wanted - self._feeds.keys()))
        late = share.dropped_at is not None and now_ms() - share.dropped_at >= FORGET_AFTER_MS
        gone = of_share(self._feeds.keys() - self._wanted) if late or new else []
        if not new and not gone:
            return of_share(self._feeds)
        for partition in gone:
            del self._feeds[partition]
        share.dropped_at = None
        if new:
            starts = await self._window_starts(self._asking, new)
            ends = await self._asking.end_offsets([self._tp(p) for p in new])
            for partition in new:
                start = starts[partition]
                self._feeds[partition] = Feed(start, ends[self._tp(partition)], start)
        mine = of_share(self._feeds)
        share.consumer.assign([self._tp(p) for p in mine])
        for partition in mine:
            share.consumer.seek(self._tp(partition), self._feeds[partition].next)
        return mine

    def _tp(self, partition: int) -> TopicPartition:
        return TopicPartition(self._topic, partition)

    async def _window_starts(self, asked: AIOKafkaConsumer, partitions: list[int]) -> dict[int, int]:
        since = wall_ms() - DUPLICATE_WINDOW_MS
        tps = [self._tp(p) for p in partitions]
        found = await asked.offsets_for_times({tp: since for tp in tps})
        ends = await asked.end_offsets(tps)
        return {tp.partition: at.offset if (at := found[tp]) else ends[tp] for tp in tps}

    # ---- for clients that come back

    async def place(self, partition: int, wanted: int | None) -> tuple[int, bool]:
        """§2 `welcome`: where delivery starts, and whether what the client wanted is no longer there."""
        feed = self._feeds[partition]
        if wanted is None:
            return feed.next, False
        if feed.first <= wanted <= feed.next:
            return wanted, False
        tp = self._tp(partition)
        if wanted > feed.next:
            end = (await self._asking.end_offsets([tp]))[tp]
            return (wanted, False) if wanted <= end else (end, True)
        begin = (await self._asking.beginning_offsets([tp]))[tp]
        return (wanted, False) if wanted >= begin else (begin, True)

    async def read_range(
        self, partition: int, start: int, end: int, take: Callable[[Message], Awaitable[bool]]
    ) -> None:
        """Messages of [start, end) that are no copies, from Kafka; `take` answers False for enough."""
        async with self._range_reads:
            async for record, copies in self._records(partition, start, end):
                fields = read_message(record)
                if fields is None:
                    continue
                first = copies.is_first(key_of(fields), record.offset, record.timestamp)
                if first and record.offset >= start and not await take(Message(record.offset, fields)):
                    return

    async def _records(self, partition: int, start: int, end: int):
        """Begins a window before `start`, to know what is a copy there."""
        tp, reader, copies = self._tp(partition), consumer(self._brokers, f"{self._topic}-late"), Copies()
        await reader.start()
        try:
            reader.assign([tp])
            begin = (await reader.beginning_offsets([tp]))[tp]
            at = max(begin, min(start, start - DUPLICATES_KNOWN_MAX))
            reader.seek(tp, at)
            while at < end:
                for record in (await reader.getmany(tp, timeout_ms=1_000)).get(tp, []):
                    at = record.offset + 1
                    if record.offset < end:
                        yield record, copies
        finally:
            await reader.stop()

    async def find_send(self, partition: int, key: SendKey) -> int | None:
        """Offset of a send that another instance wrote before its client moved here, or None.

        When it cannot tell in time it says None: the copy that is then written is dropped at delivery.
        """
        try:
            async with asyncio.timeout(FIND_SEND_WITHIN_MS / 1_000), self._one_search:
                return await self._search(partition, key)
        except TimeoutError:
            return None

    async def _search(self, partition: int, key: SendKey) -> int | None:
        tp = self._tp(partition)
        end = (await self._asking.end_offsets([tp]))[tp]
        copies, at = self._indexes.get(partition, (Copies(), -1))
        if at < 0:
            at = (await self._window_starts(self._asking, [partition]))[partition]
        if at < end:
            self._asking.assign([tp])
            self._asking.seek(tp, at)
        while at < end:
            for record in (await self._asking.getmany(tp, timeout_ms=500)).get(tp, []):
                at = record.offset + 1
                if (fields := read_message(record)) is not None:
                    copies.is_first(key_of(fields), record.offset, record.timestamp)
        self._indexes[partition] = (copies, at)
        return copies.find(key)
