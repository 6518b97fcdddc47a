"""Kafka as this instance needs it: records appended in order, and one partition read in order.

Partitions are assigned by hand, never by a consumer group: who owns what is the ownership log's business.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from .limits import CAUGHT_UP_WITHIN_S, KAFKA_REQUEST_MS


class Record(Protocol):
    offset: int
    timestamp: int
    value: bytes | None


class MayNotSpeak(Exception):
    """The lease lapsed before the record was handed to the producer: nothing was written."""


class Appender:
    """Appends with acks=all. What was appended to one topic first stands first (§4 relies on it).

    A producer for each topic: aiokafka has one request under way per producer and broker, and neither a
    heartbeat nor a hand-over may wait behind what people chat.
    """

    def __init__(self, brokers: str, client_id: str) -> None:
        self._brokers, self._client_id = brokers, client_id
        self._producers: dict[str, AIOKafkaProducer] = {}
        self._in_order: dict[str, asyncio.Lock] = {}

    async def start(self, topics: list[str]) -> None:
        for topic in topics:
            self._in_order[topic] = asyncio.Lock()
            producer = self._producers[topic] = AIOKafkaProducer(
                bootstrap_servers=self._brokers,
                client_id=self._client_id,
                acks="all",
                enable_idempotence=True,
                request_timeout_ms=KAFKA_REQUEST_MS,
            )
            await producer.start()
            await producer.partitions_for(topic)

    async def hand_over(
        self,
        topic: str,
        partition: int,
        value: str,
        key: str | None = None,
        may: Callable[[], bool] = lambda: True,
    ) -> asyncio.Future[Any]:
        """What Kafka's acknowledgement will be. `may` is asked right before the record leaves our hands."""
        async with self._in_order[topic]:
            if not may():
                raise MayNotSpeak(topic)
            return await self._producers[topic].send(
                topic, value.encode(), key=key.encode() if key is not None else None, partition=partition
            )

    async def append(
        self, topic: str, partition: int, value: str, may: Callable[[], bool] = lambda: True
    ) -> int:
        """The offset, once Kafka has acknowledged.

        When it fails the record may stand in the log or not: whoever cannot bear that ends this life.
        """
        return (await (await self.hand_over(topic, partition, value, may=may))).offset

    async def stop(self) -> None:
        await asyncio.gather(*(one.stop() for one in self._producers.values()))


def consumer(brokers: str, client_id: str, wait_ms: int = 500) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=brokers,
        client_id=client_id,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=wait_ms,
        metadata_max_age_ms=60_000,
    )


class LogReader:
    """One partition, record by record, without a hole; `on_hole` when that cannot be kept up.

    `after_batch` follows the records that came together.
    """

    def __init__(
        self,
        brokers: str,
        topic: str,
        partition: int,
        on_record: Callable[[Record], None],
        on_hole: Callable[[str], None],
        after_batch: Callable[[], None] = lambda: None,
    ) -> None:
        self._partition = TopicPartition(topic, partition)
        self._consumer = consumer(brokers, f"{topic}-reader")
        self._on_record, self._on_hole, self._after_batch = on_record, on_hole, after_batch
        self._next = 0
        self._moved = asyncio.Condition()

    async def start(self, where: str) -> None:
        """`beginning` or `end`; the position is fixed when this returns."""
        await self._consumer.start()
        self._consumer.assign([self._partition])
        first = (await self._consumer.beginning_offsets([self._partition]))[self._partition]
        self._next = first if where == "beginning" else await self._end()
        if where == "beginning" and first > 0:
            self._on_hole(f"{self._partition.topic} starts at offset {first}, not at 0")
        self._consumer.seek(self._partition, self._next)

    async def _end(self) -> int:
        return (await self._consumer.end_offsets([self._partition]))[self._partition]

    async def run(self) -> None:
        while True:
            try:
                batch = await self._consumer.getmany(self._partition, timeout_ms=1_000)
            except OffsetOutOfRangeError:
                self._on_hole(f"offset {self._next} of {self._partition.topic} is not kept")
                return
            for record in batch.get(self._partition, []):
                if record.offset != self._next:
                    self._on_hole(f"{self._partition.topic} goes from {self._next} to {record.offset}")
                self._next = record.offset + 1
                self._on_record(record)
            if batch:
                self._after_batch()
                async with self._moved:
                    self._moved.notify_all()

    async def caught_up(self) -> None:
        """Read to the end that the log has now."""
        end = await self._end()
        async with asyncio.timeout(CAUGHT_UP_WITHIN_S), self._moved:
            await self._moved.wait_for(lambda: self._next >= end)

    async def stop(self) -> None:
        await self._consumer.stop()
