"""The checker of a chaos run. It shares no code with the product: it reads topics, tables and the stand-ins' records,
recomputes what must follow from them, and sorts what does not into lost, doubled and stuck."""
from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import TopicPartition

import audit
import rebuild
from clocks import Clocks
from load import OUTCOME, SOURCE, Load
from world import CONSOLE, ENTRY_TYPES, EVENT, FOLLOWERS, GATEWAY, LOG, OUTCOMES, SERVICES, STAGES, consumer, \
    headers_of, kept, read_whole, rows

FINDINGS = [f"disputes.{name}.finding.v1" for name in FOLLOWERS]
CLOCKS = "disputes.sla.finding.v1"
SHOWN = 12  # of each kind
SAVED_S = 10  # within which an idle service has saved how far it has read


@dataclass
class Verdict:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    events: int = 0
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)

    def show(self) -> None:
        for kind in ("lost", "doubled", "stuck"):
            found = getattr(self, kind)
            for line in found[:SHOWN]:
                print(f"  {kind}: {line}"[:300])
            if len(found) > SHOWN:
                print(f"  {kind}: and {len(found) - SHOWN} more")


class Streams:
    """What lies in numbered topics, read as a reader must: the next number counts, an earlier one is a repetition."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.last: Counter[tuple[str, int]] = Counter()
        self.seen: dict[tuple[str, int, int], bytes] = {}
        self.behind: dict[tuple[str, int], int] = {}

    def take(self, message: Any, headers: dict[str, str]) -> bool:
        at = message.topic(), message.partition()
        number = int(headers.get("ce_lanesequence") or 0)
        digest = hashlib.sha256(message.value() or b"").digest()
        if number <= self.last[at]:
            if self.seen.get((*at, number)) != digest:
                self.verdict.doubled.append(f"{at[0]}/{at[1]} has two records of number {number}")
            return False
        if number > self.last[at] + 1:  # the publisher must republish from there
            self.behind.setdefault(at, self.last[at] + 1)
            return False
        self.behind.pop(at, None)
        self.last[at] = number
        self.seen[*at, number] = digest
        return True

    def end(self) -> None:
        for at, number in self.behind.items():
            self.verdict.lost.append(f"{at[0]}/{at[1]}: number {number} is missing")


@dataclass
class Case:
    last: int = 0
    hash: bytes = b""
    stage: str = ""
    outcome: str = ""
    types: Counter = field(default_factory=Counter)
    hashes: list[tuple[int, bytes]] = field(default_factory=list)
    agreed: list[int] = field(default_factory=list)    # sums of its agreements, and of the duties that they made
    verified: list[int] = field(default_factory=list)  # sums that the payment side has confirmed


class Log:
    """The case log, recomputed."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.cases: dict[str, Case] = defaultdict(Case)
        self.answers: dict[tuple[str, str], Counter] = defaultdict(Counter)
        self.findings: Counter[tuple[str, str, int]] = Counter()
        self.clocks = Clocks()

    def take(self, message: Any, headers: dict[str, str]) -> None:
        event = EVENT.FromString(message.value())
        self.verdict.events += 1
        if event.WhichOneof("record") == "answered":
            it = event.answered
            self.answers[it.sender, it.message_id]["answer"] += 1
            return
        entry = event.entry
        case = self.cases[entry.case_id]
        digest = hashlib.sha256(message.value()).digest()
        if entry.sequence != case.last + 1:
            kind = self.verdict.doubled if entry.sequence <= case.last else self.verdict.lost
            kind.append(f"case {entry.case_id}: entry {entry.sequence} after {case.last}")
        if entry.previous_hash != case.hash or headers.get("ce_entryhash") != digest.hex():
            self.verdict.lost.append(f"case {entry.case_id}: the hash chain breaks at entry {entry.sequence}")
        case.last, case.hash = entry.sequence, digest
        case.hashes.append((entry.sequence, digest))
        case.stage = STAGES[entry.stage_after]
        case.outcome = OUTCOMES[entry.outcome] if entry.outcome else case.outcome
        case.types[ENTRY_TYPES[entry.type]] += 1
        self.clocks.entry(entry)
        if ENTRY_TYPES[entry.type] == "OFFER_ACCEPTED":
            case.agreed += [entry.ruling.amount.amount_minor, *(duty.amount.amount_minor for duty in entry.duties)]
        elif entry.WhichOneof("content") == "fund_finding" and not entry.HasField("refusal") and \
                entry.fund_finding.WhichOneof("finding") == "duty_verified":
            case.verified.append(entry.fund_finding.duty_verified.amount.amount_minor)
        origin = entry.origin
        if origin.sender == SOURCE:
            refused = ENTRY_TYPES[entry.type] == "COMMAND_REFUSED"
            self.answers[origin.sender, origin.message_id]["refused" if refused else "entry"] += 1
        elif origin.source_sequence:
            self.findings[entry.case_id, origin.sender, origin.source_sequence] += 1


def check_findings(log: Log, said: set[tuple[str, str, int]], verdict: Verdict) -> None:
    """Every finding is answered in the log, accepted or refused, once."""
    for case_id, source, number in sorted(said):
        times = log.findings[case_id, source, number]
        if times == 0:
            verdict.lost.append(f"case {case_id}: finding {number} of {source} has no entry")
    for (case_id, source, number), times in log.findings.items():
        if times > 1:
            verdict.doubled.append(f"case {case_id}: finding {number} of {source} has {times} entries")
        if (case_id, source, number) not in said:
            verdict.doubled.append(f"case {case_id}: the log holds finding {number} of {source} that was never said")
    highest: Counter[tuple[str, str]] = Counter()
    for case_id, source, number in said:
        highest[case_id, source] = max(highest[case_id, source], number)
    for (case_id, source), number in highest.items():
        have = sum(1 for i in range(1, number + 1) if (case_id, source, i) in said)
        if have != number:
            verdict.lost.append(f"case {case_id}: {number - have} findings of {source} are missing")


def check_commands(load: Load, log: Log, records: Counter[str], verdict: Verdict) -> None:
    for dispute in load.disputes:
        for command in dispute.commands:
            got = log.answers[SOURCE, command.id]
            name = f"{command.act} {command.id} of case {dispute.case_id}"
            if got["entry"] + got["refused"] > 1:
                verdict.doubled.append(f"{name} has {got['entry'] + got['refused']} entries")
            if got["entry"] + got["refused"] + got["answer"] == 0:
                verdict.lost.append(f"{name} has no answer")
            elif sum(got.values()) != records[command.id]:
                kind = verdict.lost if sum(got.values()) < records[command.id] else verdict.doubled
                kind.append(f"{name}: {records[command.id]} records, {sum(got.values())} answers")


def payout_wanted(dispute: Any, case: Case) -> bool:
    """By its shape; a merchant who was hindered from paying in time (the log says so) may be stood in for."""
    return dispute.shape in ("silent", "appeal") or case.types["PERFORMANCE_MISSED"] > 0


def check_ends(load: Load, log: Log, verdict: Verdict) -> None:
    for dispute in load.disputes:
        case = log.cases[dispute.case_id]
        if case.stage != "ARCHIVED":
            verdict.stuck.append(f"{dispute.shape} {dispute.case_id}: at {case.stage or 'nothing'}, entry {case.last}")
        elif case.outcome != OUTCOME[dispute.shape]:
            if in_time(dispute):
                verdict.lost.append(f"{dispute.shape} {dispute.case_id}: outcome {case.outcome}")
            else:
                verdict.notes["other ends, since an act came too late"] = \
                    verdict.notes.get("other ends, since an act came too late", 0) + 1


def in_time(dispute: Any) -> bool:
    """By the broker's stamps every act of it lay well inside its clock (the shortest are 15 and 20 s). Who settles must
    have done so within the merchant's time for a position; an appeal has the time of its window, and no end of its own."""
    stamps = {command.act: command.stamp_ms for command in dispute.commands if command.act != "answer_feedback"}
    if dispute.shape == "appeal":
        stamps.pop("file_complaint")
    elif dispute.shape == "settle" and not 0 <= stamps.get("accept_offer", 0) - stamps["file_complaint"] < 13000:
        return False
    ordered = list(stamps.values())
    return all(later - first < 13000 for first, later in zip(ordered, ordered[1:]))


def check_settlements(load: Load, log: Log, link: Any, verdict: Verdict) -> None:
    """What was agreed is what is owed and what was paid, once; the fund has nothing to do with it."""
    booked = {case_id for case_id, in rows(link, "SELECT DISTINCT case_id::text FROM fund.posting_group")}
    for dispute in load.disputes:
        case = log.cases[dispute.case_id]
        if case.outcome != "SETTLED":
            continue
        if case.agreed != [dispute.part, dispute.part]:
            verdict.lost.append(f"settle {dispute.case_id}: agreed and owed {case.agreed}, not {dispute.part}")
        if case.verified != [dispute.part]:
            kind = verdict.doubled if len(case.verified) > 1 else verdict.lost
            kind.append(f"settle {dispute.case_id}: paid {case.verified}, not {dispute.part}")
        if dispute.case_id in booked:
            verdict.doubled.append(f"settle {dispute.case_id}: the fund has booked something")
        offers = [case.types[name] for name in ("OFFER_ACCEPTED", "SETTLEMENT_PERFORMED")]
        if offers != [1, 1]:
            verdict.doubled.append(f"settle {dispute.case_id}: accepted and performed {offers} times")


def check_money(load: Load, log: Log, link: Any, verdict: Verdict) -> None:
    """One bill per dispute that needs one, under one number; books that add up by themselves and with their legs."""
    bills = defaultdict(list)
    for bill in kept("wechat_pay", "bills", "out_bill_no").values():
        bills[bill["openid"] if "openid" in bill else bill["request"]["openid"]].append(bill)
    for dispute in load.disputes:
        case, mine = log.cases[dispute.case_id], bills[dispute.openid]
        wanted = payout_wanted(dispute, case)
        if len(mine) > wanted:
            verdict.doubled.append(f"{dispute.shape} {dispute.case_id}: {len(mine)} payouts")
        elif wanted and not mine:
            verdict.lost.append(f"{dispute.shape} {dispute.case_id}: no payout")
        elif mine and (mine[0]["state"] != "SUCCESS" or json.dumps(mine[0]["request"]).count(str(dispute.amount)) == 0):
            verdict.lost.append(f"{dispute.shape} {dispute.case_id}: payout {mine[0]['state']}, or of another sum")
    debits: Counter[str] = Counter()
    for platform, debit, credit, amount in rows(
            link, "SELECT g.platform_id, l.debit, l.credit, l.amount_minor FROM fund.leg l JOIN fund.posting_group g "
                  "USING (group_id)"):
        debits[f"{platform}|{debit}"] += amount
        debits[f"{platform}|{credit}"] -= amount
    total = 0
    for key, debit, balance in rows(link, "SELECT account_key, debit, balance_minor FROM fund.account"):
        total += balance if debit else -balance
        if (balance if debit else -balance) != debits[key]:
            verdict.doubled.append(f"account {key} holds {balance}, its postings say {abs(debits[key])}")
        if "FUND_RESERVED[" in key and balance:
            verdict.lost.append(f"account {key} still holds {balance}")
    if total:
        verdict.doubled.append(f"the trial balance is {total}")
    steps = Counter(rows(link, "SELECT case_id::text, step FROM fund.posting_group WHERE case_id <> "
                               "'00000000-0000-0000-0000-000000000000'"))
    for (case_id, step), times in steps.items():
        if times > 1 and step != 0:
            verdict.doubled.append(f"case {case_id}: step {step} posted {times} times")


def unread(reader: Any, link: Any) -> list[str]:
    """Where a follower's position in the log is not the end of it."""
    ends = {number: reader.get_watermark_offsets(TopicPartition(LOG, number), timeout=20)[1]
            for number in reader.list_topics(LOG, timeout=20).topics[LOG].partitions}
    found = []
    for service in FOLLOWERS:
        read = dict(rows(link, f"SELECT lane, next_offset FROM {service}.lane_cursor WHERE topic = %s", LOG))
        found += [f"{service} has read {LOG}/{lane} to {read.get(lane, 0)} of {end}"
                  for lane, end in ends.items() if read.get(lane, 0) != end]
    return found


def check_followers(log: Log, link: Any, verdict: Verdict) -> None:
    reader, until = consumer(), time.monotonic() + SAVED_S
    while (behind := unread(reader, link)) and time.monotonic() < until:
        time.sleep(0.5)
    reader.close()
    verdict.lost += behind
    stored = defaultdict(list)
    for case_id, sequence, digest in rows(link, "SELECT case_id::text, sequence, hash FROM intake.case_log "
                                                "ORDER BY case_id, sequence"):
        stored[case_id].append((sequence, bytes(digest)))
    for case_id, case in log.cases.items():
        if stored[case_id] != case.hashes:
            verdict.lost.append(f"case {case_id}: what intake holds is not what it has published")


def check_rest(link: Any, verdict: Verdict) -> None:
    now = int(time.time() * 1000)
    for service in SERVICES:
        for what, statement in (
                ("records in quarantine", "SELECT count(*) FROM {}.quarantine"),
                ("rows not published", "SELECT coalesce(sum(out_seq - published_seq), 0) FROM {}.lane"),
                ("jobs not done", "SELECT count(*) FROM {}.job WHERE state <> 2"),
                ("timers overdue", f"SELECT count(*) FROM {{}}.timer WHERE due_ms < {now - 10000}")):
            number = int(rows(link, statement.format(service))[0][0])
            if number:
                kind = verdict.lost if what == "records in quarantine" else verdict.stuck
                kind.append(f"{service}: {number} {what}")


def check(load: Load, link: Any, binaries: str) -> Verdict:
    verdict = Verdict()
    streams, log = Streams(verdict), Log(verdict)
    known = consumer().list_topics(timeout=20).topics
    dead = [topic for topic in known if topic.startswith("dlq.")]
    records: Counter[str] = Counter()
    said: set[tuple[str, str, int]] = set()
    for message in read_whole([GATEWAY, CONSOLE, LOG, *FINDINGS, *dead]):
        topic, headers = message.topic(), headers_of(message)
        if topic in (GATEWAY, CONSOLE):
            records[headers.get("ce_id", "")] += headers.get("ce_source") == SOURCE
        elif topic in dead:
            verdict.lost.append(f"dead letter on {topic}: {headers.get('x-dispute-dlq-code')} "
                                f"{headers.get('__dlq.errors.message', '')[:120]}")
        elif streams.take(message, headers):
            if topic == LOG:
                log.take(message, headers)
            else:
                verdict.events += 1
                said.add((headers["ce_subject"], headers["ce_source"], int(headers["ce_sequence"])))
                if topic == CLOCKS:
                    log.clocks.finding(headers["ce_subject"], message.value(), headers["ce_time"])
    streams.end()
    check_ends(load, log, verdict)
    check_commands(load, log, records, verdict)
    check_findings(log, said, verdict)
    check_money(load, log, link, verdict)
    check_settlements(load, log, link, verdict)
    verdict.doubled += log.clocks.end()
    verdict.notes["due times and instants of clocks"] = log.clocks.checked
    check_followers(log, link, verdict)
    check_rest(link, verdict)
    verdict.notes["transactions of lanes, each by its owner"] = audit.check(link, verdict.doubled)
    verdict.notes["rows equal to a rebuild"] = rebuild.compare(link, binaries, verdict.lost, verdict.doubled)
    return verdict
