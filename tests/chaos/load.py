"""The disputes of a chaos run: who says what, and when. Commands go out by the second; where people answer what they
have read (offers, an appeal), when the log shows it."""
from __future__ import annotations

import concurrent.futures
import heapq
import itertools
import os
import random
import time
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Producer

from world import CLOCK_KINDS, CLOCK_OPS, CONSOLE, ENTRY_TYPES, EVENT, GATEWAY, LOG, OUTCOMES, STAGES, TYPES, \
    consumer, headers_of, partitions, standin, uuid7

SOURCE = "/chaos"
PLATFORM = "seconds"
COMMAND = {GATEWAY: TYPES.message("disputes.gateway.v1.Command"), CONSOLE: TYPES.message("disputes.console.v1.Command")}
CONSUMER, MERCHANT, AGENT = 1, 2, 3
REFUND, PART_REFUND = 2, 3
# Of a hundred disputes: who accepts and pays, who settles for a part, who is silent to the end, who is silent while the
# other side appeals and takes that back, who withdraws, who goes to the institution.
MIX = (("accept", 30), ("settle", 18), ("silent", 22), ("appeal", 10), ("withdraw", 10), ("refer", 10))
OUTCOME = {"accept": "MERCHANT_ACCEPTED", "settle": "SETTLED", "silent": "DEFAULT", "appeal": "DEFAULT",
           "withdraw": "WITHDRAWN", "refer": "AWARD_MERCHANT"}
REASON = {"accept": 5, "settle": 5, "silent": 1, "appeal": 1, "withdraw": 5, "refer": 7}


@dataclass
class Command:
    id: str
    topic: str
    act: str
    value: bytes
    stamp_ms: int = 0     # of the copy that the broker took first
    acknowledged: int = 0


@dataclass
class Dispute:
    number: int
    shape: str
    case_id: str
    order_id: str
    amount: int
    commands: list[Command] = field(default_factory=list)
    sequence: int = 0
    stage: str = ""
    outcome: str = ""
    said: set[str] = field(default_factory=set)  # what the log has shown of it

    @property
    def openid(self) -> str:
        return f"openid-{self.order_id}"

    @property
    def part(self) -> int:
        """What they settle for, and what was offered before."""
        return self.amount // 2

    @property
    def refund(self) -> str:
        return "R" + self.case_id.replace("-", "")[:24]


class Load:
    def __init__(self, seed: int, count: int, copies: int) -> None:
        self.chance = random.Random(seed)
        self.copies = copies
        self.disputes: list[Dispute] = []
        self.by_case: dict[str, Dispute] = {}
        self.entries = 0
        self.failures: list[str] = []
        self._due: list[tuple[float, int, Any]] = []
        self._tick = itertools.count()
        self._calls = concurrent.futures.ThreadPoolExecutor(32)
        shapes = [name for name, share in MIX for _ in range(share)]
        for number in range(count):
            case_id = uuid7()
            self.disputes.append(Dispute(number, self.chance.choice(shapes), case_id,
                                         f"chaos-{seed}-{number}-{case_id[-6:]}", self.chance.randrange(500, 5000)))
        self.by_case = {dispute.case_id: dispute for dispute in self.disputes}
        self.producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
                                  "partitioner": "murmur2_random", "acks": "all",
                                  # One request at a time keeps the order; a copy more by a retry has the same id and is
                                  # no harm. An idempotent producer may die for good of a killed broker.
                                  "max.in.flight.requests.per.connection": 1, "retries": 1000000,
                                  "message.timeout.ms": 0, "linger.ms": 2, "log_level": 0, "reconnect.backoff.max.ms": 500})
        self.reader = consumer()
        self.reader.assign(partitions(self.reader, [LOG]))

    # --- time ---

    def later(self, seconds: float, what: Any) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._tick), what))

    def start(self, seconds: float) -> None:
        """All filings, spread over the time given."""
        for dispute in self.disputes:
            self.later(seconds * dispute.number / len(self.disputes), lambda it=dispute: self._file(it))

    def turn(self) -> None:
        """What is due goes out; what the log says is taken in. Called again and again."""
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()
        self.producer.poll(0)
        for message in self.reader.consume(500, timeout=0.02):
            if not message.error():
                self._read(message)

    @property
    def idle(self) -> bool:
        return not self._due and all(c.acknowledged >= self.copies for d in self.disputes for c in d.commands)

    @property
    def ended(self) -> int:
        return sum(dispute.stage == "ARCHIVED" for dispute in self.disputes)

    # --- commands ---

    def _say(self, dispute: Dispute, topic: str, role: int, person: str, act: str, **content: Any) -> None:
        command = COMMAND[topic](actor={"role": role, "id": person})
        getattr(command, act).SetInParent()
        getattr(command, act).MergeFrom(type(getattr(command, act))(**content))
        it = Command(uuid7(), topic, act, command.SerializeToString())
        dispute.commands.append(it)
        for copy in range(self.copies):
            self.later(0 if copy == 0 else self.chance.uniform(0, 4), lambda: self._publish(dispute, it))

    def _publish(self, dispute: Dispute, it: Command) -> None:
        def on_taken(error: Any, message: Any) -> None:
            if error:
                self.failures.append(f"command {it.id} was not taken: {error}")
                return
            it.acknowledged += 1
            stamp = message.timestamp()[1]
            it.stamp_ms = min(it.stamp_ms or stamp, stamp)
        self.producer.produce(it.topic, it.value, dispute.order_id, on_delivery=on_taken, headers={
            "ce_specversion": "1.0", "ce_id": it.id, "ce_source": SOURCE, "ce_type": f"cn.example.{it.topic}",
            "ce_subject": dispute.case_id, "content-type": "application/protobuf"})

    def _file(self, dispute: Dispute) -> None:
        now = int(time.time() * 1000)
        money = {"amount_minor": dispute.amount, "currency": "CNY"}
        order = {"order_line": 1, "consumer_id": f"c-{dispute.order_id}", "merchant_id": f"m-{dispute.number % 40}",
                 "paid": money, "paid_time_millis": now - 9 * 86400000, "transaction_id": f"42{dispute.refund[1:27]}",
                 "consumer_openid": {"plain": dispute.openid}}
        reason = REASON[dispute.shape]
        if reason == 1:
            order["promised_time_millis"] = now - 86400000
        else:
            order["received_time_millis"] = now - 2 * 86400000
        if dispute.shape == "refer":
            order.update(consumer_clause_id="C-A7", merchant_clause_id="M-A7")
            self.call("institution", "know", kind="fee", case_match=dispute.case_id, amount_minor=0,
                      due_from="CONSUMER", paid_to_institution=True)
        elif dispute.shape == "accept":
            self.call("wechat_pay", "know", kind="refund", out_refund_no=dispute.refund, status="SUCCESS",
                      transaction_id=order["transaction_id"], amount_minor=dispute.amount, total_minor=dispute.amount)
            self.later(2, lambda: self._merchant(dispute, "accept_claim", remedy=REFUND, amount=money))
            self.later(4, lambda: self._merchant(dispute, "duty_performed", amount=money,
                                                 payment_number=dispute.refund))
        elif dispute.shape == "settle":
            self.call("wechat_pay", "know", kind="refund", out_refund_no=dispute.refund, status="SUCCESS",
                      transaction_id=order["transaction_id"], amount_minor=dispute.part, total_minor=dispute.amount)
            self.later(1, lambda: self._merchant(dispute, "make_offer", offer_id="first",
                                                 terms=self._terms(dispute.part // 2)))
        elif dispute.shape == "withdraw":
            self.later(3, lambda: self._say(dispute, GATEWAY, CONSUMER, order["consumer_id"], "withdraw"))
        elif dispute.number % 2:  # the transfer is taken, its answer is lost
            self.call("wechat_pay", "behave", call="transfer.create", match={"openid": dispute.openid},
                      action="drop_after_accept")
        self._say(dispute, GATEWAY, CONSUMER, order["consumer_id"], "file_complaint", platform_id=PLATFORM, order=order,
                  reason=reason, remedy=REFUND, amount=money, description={"plain": f"投诉 {dispute.number}"},
                  channel="mini-program")

    def _merchant(self, dispute: Dispute, act: str, **content: Any) -> None:
        self._say(dispute, GATEWAY, MERCHANT, f"m-{dispute.number % 40}", act, **content)

    @staticmethod
    def _terms(amount: int) -> dict:
        return {"remedy": PART_REFUND, "amount": {"amount_minor": amount, "currency": "CNY"}}

    # --- what the log calls for ---

    def _read(self, message: Any) -> None:
        dispute = self.by_case.get(headers_of(message).get("ce_subject", ""))
        if dispute is None:
            return
        event = EVENT.FromString(message.value())
        if event.WhichOneof("record") != "entry" or event.entry.sequence <= dispute.sequence:
            return
        entry = event.entry
        self.entries += 1
        dispute.sequence = entry.sequence
        dispute.stage = STAGES[entry.stage_after]
        dispute.outcome = OUTCOMES[entry.outcome] if entry.outcome else dispute.outcome
        for effect in entry.clocks:
            if CLOCK_OPS[effect.op] == "START" and CLOCK_KINDS[effect.clock.kind] == "APPEAL":
                self._once(dispute, f"APPEAL_WINDOW_{effect.clock.side}")
        if {f"APPEAL_WINDOW_{side}" for side in (CONSUMER, MERCHANT)} <= dispute.said:
            self._once(dispute, "APPEAL_WINDOWS")
        if dispute.stage == "EVIDENCE":
            self._once(dispute, "EVIDENCE")
        name = ENTRY_TYPES[entry.type]
        if name == "FINDING" and entry.WhichOneof("content"):
            finding = getattr(entry, entry.WhichOneof("content"))
            name = next((one.name for one in finding.DESCRIPTOR.oneofs if finding.WhichOneof(one.name)), "")
            name = finding.WhichOneof(name) if name else "FINDING"
        self._once(dispute, name)

    def _once(self, dispute: Dispute, name: str) -> None:
        if name not in dispute.said:
            dispute.said.add(name)
            if dispute.shape == "settle":
                self._bargain(dispute, name)
            self._react(dispute, name)

    def _bargain(self, dispute: Dispute, name: str) -> None:
        """An offer can be answered when the log has it."""
        if name == "offer_opened":
            self.later(0.5, lambda: self._say(dispute, GATEWAY, CONSUMER, f"c-{dispute.order_id}", "counter_offer",
                                              offer_id="first", new_offer_id="second",
                                              terms=self._terms(dispute.part)))
        elif name == "offer_countered":
            self.later(0.5, lambda: self._merchant(dispute, "accept_offer", offer_id="second"))
        elif name == "OFFER_ACCEPTED":
            self.later(1, lambda: self._merchant(dispute, "duty_performed", payment_number=dispute.refund, amount={
                "amount_minor": dispute.part, "currency": "CNY"}))
        elif name == "EVIDENCE":  # too late: the merchant has no position. Without this it would take minutes more
            self._say(dispute, GATEWAY, CONSUMER, f"c-{dispute.order_id}", "withdraw")

    def _react(self, dispute: Dispute, name: str) -> None:
        if name == "TRIAGE_STARTED" and dispute.shape == "refer":
            self._say(dispute, CONSOLE, AGENT, "a1", "refer_direct", consumer_clause_id="C-A7",
                      merchant_clause_id="M-A7")
        elif name == "referral_sent":
            self._calls.submit(self._institution, dispute)
        elif name == "payout_sent":
            self.later(self.chance.uniform(0.5, 4), lambda: self.call(
                "wechat_pay", "know", kind="transfer_state", match={"openid": dispute.openid}, state="SUCCESS",
                callback=True, callback_times=2))
        elif name == "APPEAL_WINDOWS" and dispute.shape == "appeal":  # not to its half: the first warning is to come
            self.later(2.5, lambda: self._say(dispute, GATEWAY, CONSUMER, f"c-{dispute.order_id}", "appeal",
                                              ground="FACTS", text={"plain": "还要赔偿。"}))
        elif name == "APPEAL_FILED":
            self.later(1, lambda: self._say(dispute, GATEWAY, CONSUMER, f"c-{dispute.order_id}", "withdraw_appeal"))
        elif name in ("ALL_DUTIES_DISCHARGED", "SETTLEMENT_PERFORMED") and dispute.shape in ("accept", "settle"):
            for role, person in ((CONSUMER, f"c-{dispute.order_id}"), (MERCHANT, f"m-{dispute.number % 40}")):
                self._say(dispute, GATEWAY, role, person, "answer_feedback", score=4)

    def call(self, which: str, verb: str, **body: Any) -> None:
        self._calls.submit(self._ask, which, verb, body)

    def _ask(self, which: str, verb: str, body: dict, tries: int = 60) -> dict:
        for left in reversed(range(tries)):
            try:
                return standin(which, verb, body)
            except OSError as error:
                if not left:
                    self.failures.append(f"{which} {verb} {body}: {error}")
                time.sleep(1)
        return {}

    def _institution(self, dispute: Dispute) -> None:
        """Its messages one after the other, each the same bytes again until the door has taken it."""
        award = {"outcome": "merchant", "amount_minor": 0, "fee_consumer_minor": 0, "fee_merchant_minor": 0}
        for sent in ({"kind": "status", "status": "acknowledged"}, {"kind": "status", "status": "accepted"},
                     {"kind": "award", "award": award}):
            time.sleep(1)
            body = {"case_match": dispute.case_id, "times": 1 + dispute.number % 2, **sent}
            for _ in range(60):
                status = self._ask("institution", "send", body).get("status", 0)
                if 200 <= status < 300:
                    break
                body = {"case_match": dispute.case_id, "again": True}
                time.sleep(0.5)
            else:
                self.failures.append(f"the door took no message about {dispute.case_id}: {status}")

    def close(self) -> None:
        self._calls.shutdown()
        self.producer.flush(60)
        self.reader.close()
