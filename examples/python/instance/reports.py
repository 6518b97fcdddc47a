"""What this instance says of itself: §5, `instances` and `warmed`. Nothing that safety rests on."""

import asyncio
import base64
import struct
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from .limits import (
    GAP_MAX_MS,
    GAP_REVISIONS_MAX,
    REPORT_AT_MOST_EVERY_MS,
    REPORT_EVERY_MS,
)


def encode_histogram(counts: dict[int, int]) -> str:
    """An HdrHistogram (V2, compressed, base64) of milliseconds from 1 to 60 000 with two digits."""
    indexed: dict[int, int] = {}
    for value, count in counts.items():
        bucket = (value | 255).bit_length() - 8
        index = (bucket + 1) * 128 + (value >> bucket) - 128
        indexed[index] = indexed.get(index, 0) + count
    body, at = bytearray(), 0
    for index in sorted(indexed):
        if index > at:
            body += _zig_zag(at - index)  # a negative number stands for so many zeros
        body += _zig_zag(indexed[index])
        at = index + 1
    header = struct.pack(">iiiiqqd", 0x1C849313, len(body), 0, 2, 1, GAP_MAX_MS, 1.0)
    packed = zlib.compress(header + bytes(body))
    return base64.b64encode(struct.pack(">ii", 0x1C849314, len(packed)) + packed).decode()


def _zig_zag(value: int) -> bytes:
    rest, out = (value << 1) ^ (value >> 63), bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


class Gaps:
    """Clients told to move, and the gaps of those that arrived, per revision, the latest few: of all, and
    of those that were told to move."""

    def __init__(self) -> None:
        self._moves: dict[int, _Moves] = {}

    def left(self, revision: int, clients: int) -> None:
        self._of(revision).left += clients

    def arrived(self, revision: int, was_told: bool, gap_ms: int) -> None:
        moves = self._of(revision)
        moves.all[gap_ms] += 1
        if was_told:
            moves.planned[gap_ms] += 1

    def _of(self, revision: int) -> "_Moves":
        moves = self._moves.setdefault(revision, _Moves())
        for old in sorted(self._moves)[:-GAP_REVISIONS_MAX]:
            del self._moves[old]
        return moves

    def report(self) -> list[dict[str, Any]]:
        return [
            {
                **{"revision": revision, "left": moves.left, **_arrivals(moves.all)},
                **({} if moves.planned == moves.all else {"planned": _arrivals(moves.planned)}),
            }
            for revision, moves in self._moves.items()
        ]


@dataclass(slots=True)
class _Moves:
    left: int = 0
    all: Counter[int] = field(default_factory=Counter)
    planned: Counter[int] = field(default_factory=Counter)


def _arrivals(gaps: Counter[int]) -> dict[str, Any]:
    return {"arrived": gaps.total(), "gaps": encode_histogram(gaps) if gaps else ""}


class Reports:
    """Writes the report every second, and soon after `soon`; a database that is away is waited for."""

    def __init__(
        self, uri: str, database: str, report: Callable[[], dict[str, Any]], log: Callable[..., None]
    ) -> None:
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            uri, serverSelectionTimeoutMS=5_000, socketTimeoutMS=10_000, maxPoolSize=4
        )
        self._database = self._client[database]
        self._report, self._log = report, log
        self._soon = asyncio.Event()

    def soon(self) -> None:
        self._soon.set()

    async def run(self) -> None:
        while True:
            report = self._report()
            await self._replace("instances", f"{report['service']}/{report['instance']}", report)
            try:
                async with asyncio.timeout(REPORT_EVERY_MS / 1_000):
                    await self._soon.wait()
                await asyncio.sleep(REPORT_AT_MOST_EVERY_MS / 1_000)
            except TimeoutError:
                pass
            self._soon.clear()

    async def warmed(self, document: dict[str, Any]) -> None:
        name = "{rebalance}/{instance}/{incarnation}".format(**document)
        while not await self._replace("warmed", name, document):
            await asyncio.sleep(0.5)

    async def _replace(self, collection: str, name: str, document: dict[str, Any]) -> bool:
        try:
            await self._database[collection].replace_one({"_id": name}, document, upsert=True)
            return True
        except PyMongoError as error:
            self._log("warn", "report-not-written", message=str(error)[:200])
            return False

    async def close(self) -> None:
        await self._client.close()
