"""One life of one instance: puts the parts together, in the order in which they must start and end."""

import asyncio
import signal
import uuid
from collections.abc import Coroutine
from typing import Any

from .evidence import Evidence
from .feeds import Feeds
from .fencing import Predecessors
from .goals import read_control
from .handover import HandOver
from .kafka import Appender, LogReader, MayNotSpeak, Record
from .lease import Lease, LeaseKeeper
from .limits import (
    LEAVE_ALONE_WITHIN_MS,
    LEAVE_UNANSWERED_MS,
    LEAVE_WITHIN_MS,
    TICK_MS,
)
from .log import Log, Skipped
from .ownership import OwnershipLog
from .probes import Probes, metrics_text
from .reports import Gaps, Reports
from .sends import Sends
from .settings import Settings
from .sockets import Sockets
from .text import now_ms, parse_object, to_json, wall_ms
from .tokens import Keys

DONE, FAILED, FENCED = 0, 1, 3


class Life:
    def __init__(self, settings: Settings, log: Log) -> None:
        s = self.settings = settings
        self.log = log
        # §9: a name of this process by the platform's, so that the platform's word about it is about us.
        self.incarnation = f"{s.uid}.{uuid.uuid4().hex[:8]}"
        logs = ("messages", "control", "ownership", "sessions", "leases")
        self.topics = {name: f"{s.service}.{name}" for name in logs}
        self.state = "starting"
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._skipped = Skipped(log)

        self.appender = Appender(s.brokers, s.name)
        self.lease = Lease(s.name, self.incarnation)
        self.keeper = LeaseKeeper(self.lease, self.appender, self.topics["leases"], s.ordinal)
        self.evidence = Evidence(self.appender, self.topics["sessions"], self.keeper)
        self.feeds = Feeds(s.brokers, self.topics["messages"], lambda p: self.hand_over.on_warm(p))
        self.ownership = OwnershipLog(s.partitions)
        self.hand_over = HandOver(s.service, s.ordinal, self.incarnation, s.url, self.ownership, hands=self)
        self.evidence.on_drained = self.hand_over.on_drained
        self.predecessors = Predecessors(self.appender, self.topics, self.keeper, s.name, s.ended_uids, log)
        self.gaps = Gaps()
        self.reports = Reports(s.mongo_uri, s.mongo_database, self._report, log)
        sends = Sends(self.appender, self.topics["messages"], s.partitions, self.feeds, self.keeper)
        self.sockets = Sockets(
            *(s.service, s.partitions, Keys(s.jwks), s.origins),
            *(self.keeper, self.evidence, self.feeds, sends),
            *(self.spawn, self._on_gap, self._on_left, log),
        )
        self.sockets.hand_over = self.hand_over

    # ---- what the hand-over asks for (handover.Hands)

    def append(self, record: dict[str, Any]) -> None:
        self.spawn(self._append(record))

    async def _append(self, record: dict[str, Any]) -> None:
        while True:
            await self.keeper.until_speaks()
            try:
                speaks = self.lease.speaks
                await self.appender.append(self.topics["ownership"], 0, to_json(record), may=speaks)
                return
            except MayNotSpeak:
                continue

    def warm(self, partition: int) -> None:
        self.feeds.want(partition)
        feed = self.feeds.get(partition)
        if feed is not None and feed.told_warm:  # still read from the last time
            asyncio.get_running_loop().call_soon(self.hand_over.on_warm, partition)

    def forget(self, partition: int) -> None:
        self.feeds.unwant(partition)

    def next_of(self, partition: int) -> int:
        return self.feeds.next_of(partition)

    def clients_of(self, partition: int) -> int:
        return self.sockets.clients_of(partition)

    def drain(
        self, partitions: list[int], reason: str, url: str | None, revision: int, accept_per_second: float
    ) -> None:
        self.sockets.drain(partitions, reason, url, revision, accept_per_second)
        for partition in partitions:
            if self.evidence.is_drained(partition):
                asyncio.get_running_loop().call_soon(self.hand_over.on_drained, partition)

    def fence(self, incarnation: str) -> None:
        self.spawn(self.predecessors.fence(incarnation))

    def answer_warmed(self, rebalance: str, partitions: int) -> None:
        s = self.settings
        document = {
            "service": s.service,
            "rebalance": rebalance,
            "instance": s.name,
            "incarnation": self.incarnation,
            "partitions": partitions,
            "at": wall_ms(),
        }
        self.spawn(self.reports.warmed(document))

    def report(self) -> None:
        self.reports.soon()

    def changed(self) -> None:
        self.sockets.changed()

    # ---- logs

    def _on_lease(self, record: Record) -> None:
        self.predecessors.on_lease(record)
        self.keeper.on_record(record)

    def _on_ownership(self, record: Record) -> None:
        said = parse_object(record.value)
        if said is None or said.get("type") not in ("acquired", "released", "fenced"):
            self._skipped.add("ownership", "not-an-object" if said is None else "unknown-type")
        self.hand_over.on_ownership(said, record.offset)

    def _on_control(self, record: Record) -> None:
        message = read_control(parse_object(record.value), self.settings.partitions)
        if isinstance(message, str):
            self._skipped.add("control", message)
        elif self.hand_over.on_control(message) == "alarm":
            self.log("error", "one-revision-two-hashes", revision=message.revision)

    # ---- what is told

    def _on_gap(self, revision: int, was_told: bool, gap_ms: int) -> None:
        self.gaps.arrived(revision, was_told, gap_ms)
        self.reports.soon()

    def _on_left(self, revision: int, clients: int) -> None:
        self.gaps.left(revision, clients)
        self.reports.soon()

    def _report(self) -> dict[str, Any]:
        s, goals = self.settings, self.hand_over.goals
        return {
            "service": s.service,
            "instance": s.name,
            "incarnation": self.incarnation,
            "url": s.url,
            **({"leaving": True} if self.state == "leaving" else {}),
            "revision": goals.revision,
            "epoch": goals.epoch,
            "clients": self.sockets.clients(),
            "held": len(self.hand_over.held()),
            "load": self.sockets.load(),
            "takenBack": [[p, p] for p in sorted(self.hand_over.taken_back)],
            "moves": self.gaps.report(),
            "at": wall_ms(),
        }

    def _ready(self) -> str | None:
        if self.state != "ready":
            return f"the instance is {self.state}"
        return None if self.lease.speaks() else "the lease of the instance has lapsed"

    def _metrics(self) -> str:
        by_code = {f'{{code="{code}"}}': n for code, n in self.sockets.errors.items()}
        return metrics_text(
            ("evenkeel_connected_clients", "gauge", self.sockets.clients()),
            ("evenkeel_partitions_held", "gauge", len(self.hand_over.held())),
            ("evenkeel_lease_good", "gauge", int(self.lease.speaks())),
            ("evenkeel_messages_delivered_total", "counter", self.sockets.delivered),
            ("evenkeel_client_errors_total", "counter", by_code),
            ("evenkeel_skipped_records_total", "counter", self._skipped.by_labels()),
        )

    # ---- from start to end

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Whatever fails in the background ends this life: half an instance is worse than none."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self._failure.done():
            self._failure.set_exception(error)

    def _on_hole(self, why: str) -> None:
        if not self._failure.done():
            self._failure.set_exception(RuntimeError(f"{why}: this instance cannot start from a checkpoint"))

    async def run(self) -> int:
        """Until it is told to end, or fenced; the exit code."""
        told: asyncio.Queue[str] = asyncio.Queue()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, told.put_nowait, one.name)
        s, answers = self.settings, {"startup": self._started, "live": lambda: None, "ready": self._ready}
        probes = await Probes(answers, self._metrics).start(s.host, s.probe_port)
        readers = await self._join()
        await self.sockets.start(s.host, s.port)
        self.state = "ready"
        self.log("info", "serving", incarnation=self.incarnation)
        try:
            term = asyncio.ensure_future(told.get())
            over = asyncio.ensure_future(self.keeper.over.wait())
            ends: set[asyncio.Future[Any]] = {term, over, self._failure}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self._failure.done():
                self._failure.result()
            if not over.done():
                await self._leave(term.result(), told)
                if self._failure.done():
                    self._failure.result()
            code = FENCED if self.lease.is_over() else DONE
            self.log("info", "ended", how=self.lease.ended or "told")
            await self.sockets.close()
            return code
        finally:
            probes.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.wait_for(self._stop(readers), 5)

    def _started(self) -> str | None:
        return "the instance is starting" if self.state == "starting" else None

    async def _join(self) -> list[LogReader]:
        """Both logs to their ends, and a good lease: only then may anything be done."""
        s, topics = self.settings, self.topics
        await self.appender.start([topic for name, topic in topics.items() if name != "control"])
        await self.feeds.start()
        leases = LogReader(
            s.brokers, topics["leases"], self.keeper.partition, self._on_lease, self.keeper.on_hole
        )
        ownership = LogReader(
            *(s.brokers, topics["ownership"], 0, self._on_ownership, self._on_hole),
            after_batch=self.hand_over.after_ownership,
        )
        control = LogReader(s.brokers, topics["control"], 0, self._on_control, self.log_hole)
        await leases.start("end")  # before the first heartbeat: what comes first could be a fence
        await ownership.start("beginning")
        await control.start("beginning")
        for work in (leases.run(), ownership.run(), control.run(), self.keeper.run(), self.feeds.run()):
            self.spawn(work)
        joined = asyncio.gather(ownership.caught_up(), control.caught_up(), self.keeper.until_speaks())
        either: set[asyncio.Future[Any]] = {joined, self._failure}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._failure.done():
            joined.cancel()
            self._failure.result()
        joined.result()
        self.hand_over.start()
        for work in (self._tick(), self.reports.run(), self.sockets.watch_suspension()):
            self.spawn(work)
        return [leases, ownership, control]

    def log_hole(self, why: str) -> None:
        """The control topic may be trimmed: its last `distribution` is all that is needed."""
        self.log("warn", "control-topic", message=why)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_MS / 1_000)
            if self.lease.speaks():
                self.hand_over.on_tick()

    async def _leave(self, why: str, told: asyncio.Queue[str]) -> None:
        """§9, SIGTERM: says so, is drained by the control plane, or gives everything away by itself."""
        self.state, began = "leaving", now_ms()
        self.log("info", "leaving", signal=why)
        self.reports.soon()
        while not (self.hand_over.is_empty() and self.sockets.clients() == 0):
            await asyncio.sleep(TICK_MS / 1_000)
            spent = now_ms() - began
            if spent >= LEAVE_WITHIN_MS or self.lease.is_over() or self._failure.done():
                return
            unanswered = spent >= LEAVE_UNANSWERED_MS and not self.hand_over.is_to_give_all()
            late = LEAVE_WITHIN_MS - spent <= LEAVE_ALONE_WITHIN_MS
            if not self.hand_over.leaving_alone and (unanswered or late or not told.empty()):
                self.hand_over.leave_alone()

    async def _stop(self, readers: list[LogReader]) -> None:
        parts = [self.appender.stop(), self.feeds.stop(), self.reports.close()]
        await asyncio.gather(*parts, *(one.stop() for one in readers), return_exceptions=True)
