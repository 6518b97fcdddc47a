"""Both ends of every hand-over of this instance: ARCHITECTURE.md, "Handing over a partition", and §4.

What each partition is about to do here is its phase; who holds it is the log's business, and the log is
obeyed, also about this very instance. `settle` compares log, goal and phase and takes the one step that
follows, so a grow, a restart, a lost instance and a take-back are all the same few rules:

    (none) → warming → warm → acquiring → held → closing → releasing → released → (none)
                                 ↑___________________________________________| nobody came

Nothing here waits: it decides, and asks its `Hands` to act.
"""

from typing import Any

from .goals import Control, Goals
from .limits import REPEAT_APPEND_AFTER_MS, TAKE_BACK_AFTER_MS
from .ownership import OwnershipLog
from .phases import Admission, Hands, Phase
from .text import now_ms, whole
from .waves import Waves


class HandOver:
    def __init__(
        self, service: str, ordinal: int, incarnation: str, url: str, log: OwnershipLog, hands: Hands
    ) -> None:
        self.service, self.ordinal, self.incarnation, self.url = service, ordinal, incarnation, url
        self.name = f"{service}-{ordinal}"
        self.log, self.hands, self.goals = log, hands, Goals()
        self.phases: dict[int, Phase] = {}
        self.taken_back: set[int] = set()
        self.leaving_alone = False
        self._started = False
        self._answered: str | None = None
        self._fencing: set[str] = set()
        self._waves = Waves(self.name, service, log)

    # ---- what happens

    def start(self) -> None:
        """Ownership log and control topic are read to their ends, and the lease is good."""
        self._started = True
        self._settle_all()
        self._prepare()

    def on_control(self, message: Control) -> str:
        change = self.goals.read(message)
        if change in ("target", "resume"):
            self.taken_back.clear()
        if change in ("target", "prepared", "unprepared", "resume"):
            self._settle_all()
        if change == "prepared" and self._started:
            self._prepare()
        if change in ("target", "resume", "report"):
            self.hands.report()
        return change

    def on_ownership(self, record: dict[str, Any] | None, offset: int) -> None:
        """Applies a record of the ownership log, in order, and does what follows from it."""
        valid = self.log.apply(record, offset)
        if not self._started or record is None:
            return
        if record.get("type") == "fenced":
            if valid:
                self._settle_all()
        elif (partition := whole(record.get("partition"), 0, self.log.partitions - 1)) is not None:
            if record.get("incarnation") == self.incarnation:
                self._on_own(partition, record, valid)
            elif valid and record["type"] == "acquired":
                self._on_acquired_by_other(partition)
            self._settle(partition)
            self._answer_when_warm()

    def after_ownership(self) -> None:
        """Once for all records that came together: both look at everything there is."""
        if self._started:
            self._start_waves()
            self.hands.changed()

    def on_warm(self, partition: int) -> None:
        """The partition is read to its tail."""
        if (phase := self.phases.get(partition)) and phase.kind == "warming":
            phase.kind = "warm"
            self._settle(partition)
        self._answer_when_warm()

    def on_drained(self, partition: int) -> None:
        """§4: every connection that was ever logged as opened has its `closed` acknowledged."""
        phase, last = self.phases.get(partition), self.log.last(partition)
        if phase is None or phase.kind != "closing" or last is None:
            return
        # From here on the partition is not held, whatever becomes of the record, and not again before
        # a *later* valid `acquired` of our own is read back.
        self._append(partition, "releasing", self._change("released", partition, phase.revision))

    def on_tick(self) -> None:
        if not self._started:
            return
        for partition, phase in list(self.phases.items()):
            waited = now_ms() - phase.since_ms
            if phase.record is not None and waited >= REPEAT_APPEND_AFTER_MS:
                # The same record with the same `prev`: if the first one is in the log, this one is void.
                phase.since_ms = now_ms()
                self.hands.append(phase.record)
            elif phase.kind == "released" and waited >= TAKE_BACK_AFTER_MS:
                self._take_back(partition, phase)
        self._start_waves()

    def leave_alone(self) -> None:
        """Give everything away without being asked to, and take nothing more."""
        self.leaving_alone = True
        self._start_waves()

    # ---- what may be asked

    def holds(self, partition: int) -> bool:
        """May be served while the lease is good."""
        phase = self.phases.get(partition)
        return phase is not None and phase.kind == "held" and self.incarnation not in self.log.fenced

    def held(self) -> list[int]:
        return [p for p, phase in self.phases.items() if phase.kind == "held"]

    def is_empty(self) -> bool:
        owning = ("acquiring", "held", "closing", "releasing")
        return not any(phase.kind in owning for phase in self.phases.values())

    def is_to_give_all(self) -> bool:
        goal = self.goals.prepared or self.goals.target
        return goal is not None and self.ordinal not in goal.owners

    def admission(self, partition: int, revision: int | None) -> Admission:
        """§2, `redirect`: where a client of the partition belongs; `revision` is what its hello echoed."""
        phase, target = self.phases.get(partition), self.goals.target
        kind = phase.kind if phase else "idle"
        if kind == "held":
            return Admission("serve", self.goals.revision)
        given_away = kind in ("closing", "releasing", "released")
        owner = target.owners[partition] if target else None
        if not given_away and not self.leaving_alone:
            # Who echoes a revision that has not reached us yet was told to come here.
            ahead = revision is not None and revision > self.goals.revision
            if owner == self.ordinal or ahead or kind == "acquiring":
                return Admission("park")
        holder = self.log.holder(partition)
        if not given_away and holder and holder.url and holder.incarnation != self.incarnation:
            return Admission("redirect", max(holder.revision, self.goals.revision), holder.url)
        if target and owner != self.ordinal:
            url = target.urls.get(f"{self.service}-{owner}")
            if url is not None:
                return Admission("redirect", target.revision, url)
        return Admission("unavailable")

    # ---- rules

    def _mine(self, partition: int) -> bool:
        target = self.goals.target
        return target is not None and target.owners[partition] == self.ordinal

    def _prepared_for_me(self, partition: int) -> bool:
        prepared = self.goals.prepared
        return prepared is not None and prepared.owners[partition] == self.ordinal

    def _set(self, partition: int, kind: str, revision: int = 0) -> None:
        self.phases[partition] = Phase(kind, now_ms(), revision)

    def _change(self, kind: str, partition: int, revision: int) -> dict[str, Any]:
        """`prev` is the last valid record that *we* have read: the log judges whether it still is."""
        last = self.log.last(partition)
        return {
            "type": kind,
            "partition": partition,
            "revision": revision,
            "instance": self.name,
            "incarnation": self.incarnation,
            "prev": str(last.offset) if last else None,
            "next": str(self.hands.next_of(partition)),
            **({"url": self.url} if kind == "acquired" else {}),
        }

    def _append(self, partition: int, kind: str, record: dict[str, Any], take_back: bool = False) -> None:
        self.phases[partition] = Phase(kind, now_ms(), record["revision"], record, take_back)
        self.hands.append(record)

    def _on_own(self, partition: int, record: dict[str, Any], valid: bool) -> None:
        """Our own record at its place: only now is it true, or void."""
        phase = self.phases.get(partition)
        if valid and record["type"] == "released":
            self._set(partition, "released", record["revision"])
        elif valid:
            self._set(partition, "held")
            self._arrived(partition)
            if phase is not None and phase.take_back:
                self.taken_back.add(partition)
                self.goals.holding = True  # until the control plane says `resume`, or another revision
                self.hands.report()
        elif phase is not None and phase.kind == "acquiring" and phase.record is not None:
            if record.get("prev") == phase.record["prev"]:
                self._set(partition, "warm")  # somebody was there before

    def _on_acquired_by_other(self, partition: int) -> None:
        phase = self.phases.get(partition)
        if phase is not None and phase.kind in ("released", "acquiring"):
            self._set(partition, "warm")
        self._arrived(partition)

    def _arrived(self, partition: int) -> None:
        self.taken_back.discard(partition)
        self._waves.arrived(partition)

    def _settle_all(self) -> None:
        if self._started:
            for partition in range(self.log.partitions):
                self._settle(partition)
            self._start_waves()
        self.hands.changed()

    def _settle(self, partition: int) -> None:
        phase, wanted = self.phases.get(partition), self._mine(partition)
        if phase is None:
            if wanted:
                self._warm(partition)
        elif phase.kind in ("warming", "warm", "released"):
            if wanted:
                self._acquire_when_free(partition, phase)
            elif phase.kind != "released" and not self._prepared_for_me(partition):
                del self.phases[partition]
                self.hands.forget(partition)
        elif phase.kind == "held" and wanted:
            self.taken_back.discard(partition)
        holder = self.log.holder(partition)
        if holder is not None and holder.instance == self.name and holder.incarnation != self.incarnation:
            if holder.incarnation not in self._fencing:
                self._fencing.add(holder.incarnation)
                self.hands.fence(holder.incarnation)  # an earlier life of ours must speak no more

    def _warm(self, partition: int) -> None:
        self._set(partition, "warming")
        self.hands.warm(partition)

    def _acquire_when_free(self, partition: int, phase: Phase) -> None:
        target, last = self.goals.target, self.log.last(partition)
        assert target is not None
        if phase.kind == "warming" or self.log.holder(partition) is not None or self.leaving_alone:
            return
        if self.incarnation in self.log.fenced or (last and target.revision < last.revision):
            return
        self._append(partition, "acquiring", self._change("acquired", partition, target.revision))

    def _take_back(self, partition: int, phase: Phase) -> None:
        last = self.log.last(partition)
        if self.leaving_alone or last is None or last.type != "released":
            return
        if last.incarnation == self.incarnation:
            revision = max(phase.revision, last.revision)
            record = self._change("acquired", partition, revision)
            self._append(partition, "acquiring", record, take_back=True)

    def _prepare(self) -> None:
        self._answered = None
        for partition in range(self.log.partitions):
            if self._prepared_for_me(partition) and partition not in self.phases:
                self._warm(partition)
        self._answer_when_warm()

    def _answer_when_warm(self) -> None:
        """§5, `warmed`: once per preparation, when everything that it brings is read to the tail."""
        prepared = self.goals.prepared
        if prepared is None or self._answered == prepared.rebalance or not self._started:
            return
        gained = 0
        for partition, owner in enumerate(prepared.owners):
            holder = self.log.holder(partition)
            if owner != self.ordinal or (holder and holder.incarnation == self.incarnation):
                continue
            if (phase := self.phases.get(partition)) and phase.kind == "warming":
                return
            gained += 1
        self._answered = prepared.rebalance
        self.hands.answer_warmed(prepared.rebalance, gained)

    # ---- giving

    def _start_waves(self) -> None:
        target = self.goals.target
        if not self._started or target is None:
            return
        held = sorted(self.held())
        if self.leaving_alone:  # §2 `leaving`: nobody has taken over yet, so there is no url
            if held:
                self._close(held, "leaving", None, target.pace.accept_per_second)
        elif not self.goals.holding:
            may_give = [p for p in held if target.owners[p] != self.ordinal and p not in self.taken_back]
            for url, wave, accepts in self._waves.start(may_give, target, self.hands.clients_of):
                self._close(wave, "moved", url, accepts)

    def _close(self, partitions: list[int], reason: str, url: str | None, accepts: float) -> None:
        for partition in partitions:
            self._set(partition, "closing", self.goals.revision)
        self.hands.drain(partitions, reason, url, self.goals.revision, accepts)
