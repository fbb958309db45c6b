"""The clocks of all cases, worked out anew from the log: what starts, pauses and resumes them, and the budgets that were
published. A warning or a breach belongs to an instant, and none may have been found before it."""
from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from world import CLOCK_KINDS, CLOCK_OPS, ROLES, ROOT, SLA_FINDING

POLICY = ROOT / "deploy/policy/seconds.json"


@dataclass
class Clock:
    budget: int
    running: int | None
    used: int = 0
    generation: int = 1
    due: dict[int, int] = field(default_factory=dict)  # of each generation in which it ran
    warned: set[int] = field(default_factory=set)


def budgets() -> dict[str, tuple[int, int]]:
    """Kind → budget and short budget, as the policy of the run has them; all are counted by the wall."""
    found = {}
    for state in json.loads(POLICY.read_text()):
        for one in state.get("policy", {}).get("budgets", []):
            found[one["kind"]] = one["budget_millis"], one.get("short_budget_millis") or one["budget_millis"]
    return found


def name_of(key: tuple) -> str:
    case_id, kind, side, cause = key
    return f"case {case_id}: K_{CLOCK_KINDS[kind].lower()} of {ROLES[side]} from entry {cause}"


class Clocks:
    def __init__(self) -> None:
        self.clocks: dict[tuple, Clock] = {}
        self.budgets = budgets()
        self.found: list[tuple[str, Any, int]] = []  # what sla has said of clocks, and when
        self.entered: dict[str, list[tuple[Any, int]]] = defaultdict(list)  # breaches that the log has taken
        self.wrong: list[str] = []
        self.checked = 0

    # --- what the log orders ---

    def entry(self, entry: Any) -> None:
        for effect in entry.clocks:
            ref = effect.clock
            key = entry.case_id, ref.kind, ref.side, ref.cause_sequence
            operation = CLOCK_OPS[effect.op]
            if operation == "START":
                self._start(key, effect)
            elif key in self.clocks:
                self._move(self.clocks[key], operation, entry.time_millis)
        if entry.WhichOneof("content") == "sla_finding" and not entry.HasField("refusal"):
            due = breach_of(entry.sla_finding)
            if due is not None:
                self.entered[entry.case_id].append((due, entry.time_millis))

    def _start(self, key: tuple, effect: Any) -> None:
        kind = CLOCK_KINDS[effect.clock.kind]
        if kind not in self.budgets and not effect.budget_millis:
            return  # a budget of years that this policy leaves as it is
        clock = Clock(effect.budget_millis or self.budgets[kind][effect.short_budget], effect.from_time_millis)
        clock.due[1] = clock.running + clock.budget
        self.clocks[key] = clock

    @staticmethod
    def _move(clock: Clock, operation: str, now: int) -> None:
        if operation == "PAUSE" and clock.running is not None:
            clock.used = min(clock.used + max(now - clock.running, 0), clock.budget)
            clock.running = None
            clock.generation += 1
        elif operation == "RESUME" and clock.running is None:
            clock.running = now
            clock.generation += 1
            clock.due[clock.generation] = now + clock.budget - clock.used

    # --- what sla has found ---

    def finding(self, case_id: str, value: bytes, time_text: str) -> None:
        when = datetime.fromisoformat(time_text.replace("Z", "+00:00"))
        self.found.append((case_id, SLA_FINDING.FromString(value), round(when.timestamp() * 1000)))

    def end(self) -> list[str]:
        """The whole log has been read. What is wrong."""
        for case_id, finding, when in self.found:
            what = finding.WhichOneof("finding")
            for due in finding.clocks_armed.clocks:
                self._known(case_id, due)
            if what == "clock_resumed":
                self._known(case_id, finding.clock_resumed.clock)
            elif what == "clock_rung_reached":
                self._rung(case_id, finding.clock_rung_reached, when)
            elif breach_of(finding) is not None:
                self._breach(case_id, breach_of(finding), when, "found")
        for case_id, breaches in self.entered.items():
            for due, when in breaches:
                self._breach(case_id, due, when, "in the log")
        return self.wrong

    def _known(self, case_id: str, said: Any) -> tuple[str, Clock, int] | None:
        """The clock of what was said and its due time, which must be the one that was said."""
        key = case_id, said.clock.kind, said.clock.side, said.clock.cause_sequence
        clock = self.clocks.get(key)
        if clock is None:
            if CLOCK_KINDS[said.clock.kind] in self.budgets:
                self.wrong.append(f"{name_of(key)}: no entry has started it")
            return None
        self.checked += 1
        due = clock.due.get(said.clock_generation)
        if due != said.due_time_millis:
            self.wrong.append(f"{name_of(key)}: generation {said.clock_generation} due at {said.due_time_millis}, "
                              f"by the log {due}")
        return None if due is None else (name_of(key), clock, due)

    def _rung(self, case_id: str, rung: Any, when: int) -> None:
        known = self._known(case_id, rung.clock)
        if known is None:
            return
        name, clock, due = known
        at = due - (clock.budget - clock.budget // 100 * rung.percent - clock.budget % 100 * rung.percent // 100)
        if rung.percent in clock.warned:
            self.wrong.append(f"{name}: warned twice of {rung.percent} per cent")
        clock.warned.add(rung.percent)
        if when <= at:
            self.wrong.append(f"{name}: warned of {rung.percent} per cent {at - when} ms before that")

    def _breach(self, case_id: str, said: Any, when: int, where: str) -> None:
        known = self._known(case_id, said)
        if known is not None and when <= known[2]:
            self.wrong.append(f"{known[0]}: breach {where} {known[2] - when} ms before it was due")


def breach_of(finding: Any) -> Any:
    """The clock that a finding says has run out; None: it says something else."""
    what = finding.WhichOneof("finding")
    return getattr(finding, what).clock if what in ("clock_breached", "offer_expired") else None
