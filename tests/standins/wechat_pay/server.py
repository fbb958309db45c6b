#!/usr/bin/python3
"""Stand-in of WeChat Pay APIv3: refunds, transfer-bills and their callbacks.

Documented behaviour: WECHAT.md 1 and 4. It knows no sandbox time: what the real
one does after a while, this one does when asked (a query moves ACCEPTED to
WAIT_USER_CONFIRM and a refund to SUCCESS) or when told by the control API, whose
word stays until the next one.
"""
from __future__ import annotations

import argparse
import hashlib
import secrets
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from aiohttp import web  # noqa: E402

from callbacks import Callbacks  # noqa: E402
from common import (Answer, Exchange, Refusal, StandIn, arguments, json_response,  # noqa: E402
                    now_rfc3339, run, to_bytes)
from matching import Field, Invalid, check_fields, check_match, matches, text, whole  # noqa: E402
from records import Row, Table  # noqa: E402
from rules import (FINAL, NOTIFY_URL, OUT_REFUND_NO, REFUND_STATUSES, SCENE, STATES,  # noqa: E402
                   check_refund, check_transfer)
from signing import (SCHEME, KeyProblem, answer_message, damage, is_fresh, oaep_decrypt,  # noqa: E402
                     parse_params, read_private, read_public, read_secret, request_message,
                     rsa_sign, rsa_verify)

PLATFORM_SERIAL = "PUB_KEY_ID_0119000000012026"
MOST_REFUNDS = 50


def number_from(text_in: str, digits: int) -> str:
    """A number of WeChat Pay's own, the same for the same number of ours."""
    return "4" + str(int(hashlib.sha256(text_in.encode()).hexdigest(), 16))[:digits - 1]


class WechatPay(StandIn):
    """Keeps bills (transfers) by out_bill_no and refunds by out_refund_no."""

    name = "wechat_pay"
    calls = ("refund.create", "refund.query", "transfer.create", "transfer.query",
             "transfer.cancel")

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options)
        self.mchid, self.appid = options.mchid, options.appid
        self.merchant_serial = options.merchant_serial
        keys, directory = Path(options.keys), Path(options.records)
        self.merchant_key = read_public(keys / "merchant_public.pem")
        self.private_key = read_private(keys / "wechatpay_private.pem")
        public = read_public(keys / "wechatpay_public.pem")
        if public.public_numbers() != self.private_key.public_key().public_numbers():
            raise KeyProblem("wechatpay_public.pem does not belong to wechatpay_private.pem")
        self.bills = self.tables["bills"] = Table(directory, "bills", "out_bill_no")
        self.refunds = self.tables["refunds"] = Table(directory, "refunds", "out_refund_no")
        self.callbacks = Callbacks(self, self.private_key, PLATFORM_SERIAL,
                                   read_secret(keys / "apiv3.key", 32))
        # Whom a number was for, also when the bill was never taken: records and rules find
        # a query by openid though its URL has only the number.
        self.people: dict[str, str] = {}
        for row in self.call_log.rows():
            if row["call"] == "transfer.create" and isinstance(row.get("body"), dict):
                self._note_person(row["body"])
        refunds, bills = "/v3/refund/domestic/refunds", "/v3/fund-app/mch-transfer/transfer-bills"
        self.route("POST", refunds, "refund.create", self.create_refund)
        self.route("GET", refunds + "/{out_refund_no}", "refund.query", self.query_refund)
        self.route("POST", bills, "transfer.create", self.create_transfer)
        self.route("GET", bills + "/out-bill-no/{out_bill_no}", "transfer.query",
                   self.query_transfer)
        self.route("GET", bills + "/transfer-bill-no/{transfer_bill_no}", "transfer.query",
                   self.query_transfer)
        self.route("POST", bills + "/out-bill-no/{out_bill_no}/cancel", "transfer.cancel",
                   self.cancel_transfer)

    # ---- form of answers ----------------------------------------------------

    def failure(self, rule: Row) -> Answer:
        return Answer(rule.get("status", 500), {
            "code": str(rule.get("code", "SYSTEM_ERROR")),
            "message": rule.get("message", "injected by the control API")})

    def malformed(self, err: Invalid) -> Answer:
        return Answer(400, {"code": "PARAM_ERROR", "message": str(err), "detail": {
            "location": "body", "field": err.field, "issue": err.problem}})

    def finish(self, answer: Answer, spoil: bool) -> web.Response:
        raw = b"" if answer.body is None else to_bytes(answer.body)
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = rsa_sign(self.private_key, answer_message(stamp, nonce, raw))
        return json_response(answer, raw, {
            "Wechatpay-Timestamp": stamp, "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": PLATFORM_SERIAL, "Wechatpay-Signature-Type": SCHEME,
            "Wechatpay-Signature": damage(signature) if spoil else signature,
            "Request-ID": secrets.token_hex(16)})

    def about(self, exchange: Exchange) -> Row:
        if exchange.call == "transfer.create" and isinstance(exchange.body, dict):
            self._note_person(exchange.body)
        out_bill_no = exchange.parts.get("out_bill_no")
        if out_bill_no in self.people:
            return {"openid": self.people[out_bill_no]}
        refund = self.refunds.get(exchange.parts.get("out_refund_no", "")) or {}
        return {"transaction_id": refund["transaction_id"]} if "transaction_id" in refund else {}

    def _note_person(self, body: Row) -> None:
        if isinstance(body.get("out_bill_no"), str) and isinstance(body.get("openid"), str):
            self.people[body["out_bill_no"]] = body["openid"]

    def authenticate(self, exchange: Exchange) -> None:
        """The Authorization header over the message as received; raises 401 SIGN_ERROR."""
        problem = self._signature_problem(exchange)
        if problem is not None:
            raise Refusal(401, {"code": "SIGN_ERROR", "message": problem})
        if exchange.request.method == "POST" and exchange.raw:
            if exchange.request.content_type != "application/json":
                raise Invalid("Content-Type", "must be application/json")
            if not isinstance(exchange.body, dict):
                raise Invalid("body", "a JSON object is needed")

    def _signature_problem(self, exchange: Exchange) -> str | None:
        scheme, _, rest = exchange.header("Authorization").partition(" ")
        given = parse_params(rest) if scheme == SCHEME else None
        names = ("mchid", "nonce_str", "timestamp", "serial_no", "signature")
        if given is None or any(not given.get(name) for name in names):
            return f"Authorization must be {SCHEME} with " + ", ".join(names)
        if given["mchid"] != self.mchid:
            return "unknown mchid"
        if given["serial_no"] != self.merchant_serial:
            return "serial_no names no certificate of this merchant"
        if not is_fresh(given["timestamp"]):
            return "timestamp is 300 s or more away from now"
        message = request_message(exchange.request.method, exchange.request.raw_path,
                                  given["timestamp"], given["nonce_str"], exchange.raw)
        if not rsa_verify(self.merchant_key, message, given["signature"]):
            return "the signature does not match"
        return None

    # ---- transfers ----------------------------------------------------------

    def create_transfer(self, exchange: Exchange) -> Answer:
        self.authenticate(exchange)
        body = exchange.body
        check_transfer(body, self.appid)
        if body["transfer_scene_id"] != SCENE:
            raise Refusal(403, {"code": "NO_AUTH",
                                "message": f"only scene {SCENE} is open to this merchant"})
        if "user_name" in body:
            self._check_name(exchange, body["user_name"])
        bill = self.bills.get(body["out_bill_no"])
        if bill is not None:
            if same_request(bill["request"], body):
                return Answer(200, transfer_answer(bill))
            raise Refusal(400, {"code": "INVALID_REQUEST", "message":
                                "the out_bill_no exists and its information differs"})
        moment = now_rfc3339()
        bill = {"out_bill_no": body["out_bill_no"],
                "transfer_bill_no": number_from("bill" + body["out_bill_no"], 28),
                "mch_id": self.mchid, "appid": self.appid, "state": "ACCEPTED",
                "told": False, "transfer_amount": body["transfer_amount"],
                "transfer_remark": body["transfer_remark"], "openid": body["openid"],
                "fail_reason": "", "create_time": moment, "update_time": moment,
                "notify_url": body.get("notify_url", ""), "request": body}
        self._apply_told_ahead(exchange, bill)
        self.bills.put(bill)
        return Answer(200, transfer_answer(bill))

    def _check_name(self, exchange: Exchange, sealed: str) -> None:
        """The real one compares it with the account's name; here it must be readable."""
        if exchange.header("Wechatpay-Serial") != PLATFORM_SERIAL:
            raise Invalid("Wechatpay-Serial", "must name the key that user_name is encrypted for")
        if not oaep_decrypt(self.private_key, sealed):
            raise Invalid("user_name", "cannot be decrypted")

    def _apply_told_ahead(self, exchange: Exchange, bill: Row) -> None:
        """A state told before there was a bill counts for the next one that fits, once."""
        for fact in self.facts("transfer_state"):
            if fact["left"] > 0 and matches(fact["match"], bill, bill["request"]):
                self.known.put({**fact, "left": fact["left"] - 1})
                self._set_state(bill, fact)
                if fact["callback"] and bill["state"] in FINAL:
                    exchange.after.append(lambda: self.callbacks.transfer(
                        bill, times=fact["callback_times"]))
                return

    def _find_bill(self, exchange: Exchange) -> Row:
        parts = exchange.parts
        if "out_bill_no" in parts:
            bill = self.bills.get(parts["out_bill_no"])
        else:
            bill = next((row for row in self.bills.rows(parts["transfer_bill_no"])
                         if row["transfer_bill_no"] == parts["transfer_bill_no"]), None)
        if bill is None:
            raise Refusal(404, {"code": "RESOURCE_NOT_EXISTS", "message": "no such bill"})
        return bill

    def query_transfer(self, exchange: Exchange) -> Answer:
        self.authenticate(exchange)
        bill = self._find_bill(exchange)
        onward = {"ACCEPTED": "WAIT_USER_CONFIRM", "CANCELING": "CANCELLED"}
        if not bill["told"] and bill["state"] in onward:
            bill.update(state=onward[bill["state"]], update_time=now_rfc3339())
            self.bills.put(bill)
        names = ("mch_id", "out_bill_no", "transfer_bill_no", "appid", "state",
                 "transfer_amount", "transfer_remark", "fail_reason", "openid", "create_time",
                 "update_time")
        return Answer(200, {name: bill[name] for name in names})

    def cancel_transfer(self, exchange: Exchange) -> Answer:
        self.authenticate(exchange)
        bill = self._find_bill(exchange)
        if bill["state"] in ("ACCEPTED", "WAIT_USER_CONFIRM"):
            bill.update(state="CANCELING", told=False, fail_reason="MCH_CANCEL",
                        update_time=now_rfc3339())
            self.bills.put(bill)
        elif bill["state"] not in ("CANCELING", "CANCELLED"):
            raise Refusal(400, {"code": "INVALID_REQUEST",
                                "message": f"a bill in state {bill['state']} cannot be cancelled"})
        return Answer(200, {name: bill[name] for name in (
            "out_bill_no", "transfer_bill_no", "state", "update_time")})

    # ---- refunds -------------------------------------------------------------

    def create_refund(self, exchange: Exchange) -> Answer:
        self.authenticate(exchange)
        body = exchange.body
        check_refund(body)
        refund = self.refunds.get(body["out_refund_no"])
        if refund is not None:
            if not same_request(refund["request"], body):
                raise Refusal(400, {"code": "INVALID_REQUEST", "message":
                                    "the out_refund_no exists and its information differs"})
            if refund["status"] == "CLOSED":
                # A failed refund is tried again under the same number.
                refund.update(status="PROCESSING", told=False)
                self.refunds.put(refund)
            return Answer(200, refund_answer(refund))
        self._check_order(body)
        refund = self._new_refund(body, "PROCESSING")
        self.refunds.put(refund)
        return Answer(200, refund_answer(refund))

    def _check_order(self, body: Row) -> None:
        """At most 50 refunds an order, their sum within it, one total for all of them."""
        name = "transaction_id" if "transaction_id" in body else "out_trade_no"
        others = [row for row in self.refunds.rows(body[name]) if row.get(name) == body[name]
                  and row["status"] != "CLOSED"]
        total, refunded = body["amount"]["total"], sum(row["amount"]["refund"] for row in others)
        if any(row["amount"]["total"] != total for row in others if row["total_told"]):
            problem = "amount.total differs from what was paid for this order"
        elif refunded + body["amount"]["refund"] > total:
            problem = "the refunds of this order would exceed what was paid"
        elif len(others) >= MOST_REFUNDS:
            problem = f"at most {MOST_REFUNDS} refunds for one order"
        else:
            return
        raise Refusal(400, {"code": "INVALID_REQUEST", "message": problem})

    def _new_refund(self, body: Row, status: str) -> Row:
        number = body["out_refund_no"]
        refund: Row = {"refund_id": number_from("refund" + number, 30), "out_refund_no": number}
        for name in ("transaction_id", "out_trade_no"):
            if name in body:
                refund[name] = body[name]
        amount = body["amount"]
        refund.update({
            "channel": "ORIGINAL", "user_received_account": "零钱", "create_time": now_rfc3339(),
            "status": status, "told": False, "total_told": True,
            "funds_account": body.get("funds_account", "AVAILABLE"),
            "amount": {"total": amount["total"], "refund": amount["refund"],
                       "payer_total": amount["total"], "payer_refund": amount["refund"],
                       "settlement_refund": amount["refund"], "settlement_total": amount["total"],
                       "discount_refund": 0, "currency": amount["currency"]},
            "notify_url": body.get("notify_url", ""), "request": body})
        if status == "SUCCESS":
            refund["success_time"] = now_rfc3339()
        return refund

    def query_refund(self, exchange: Exchange) -> Answer:
        self.authenticate(exchange)
        refund = self.refunds.get(exchange.parts["out_refund_no"])
        if refund is None:
            raise Refusal(404, {"code": "RESOURCE_NOT_EXISTS", "message": "no such refund"})
        if refund["status"] == "PROCESSING" and not refund["told"]:
            refund.update(status="SUCCESS", success_time=now_rfc3339())
            self.refunds.put(refund)
        return Answer(200, refund_answer(refund))

    # ---- control API -----------------------------------------------------------

    async def know_refund(self, fact: Row) -> Row:
        """A refund we did not make (SC01), or a new status of one we did make."""
        check_fields(fact, {
            "out_refund_no": text(64, True, pattern=OUT_REFUND_NO), "transaction_id": text(32),
            "out_trade_no": text(32), "amount_minor": whole(1), "total_minor": whole(1),
            "status": Field(str, one_of=REFUND_STATUSES), "success_time": text(64),
            "notify_url": NOTIFY_URL, "callback": Field(bool), "callback_times": whole(1, most=20)})
        refund = self.refunds.get(fact["out_refund_no"])
        status = fact.get("status", "SUCCESS")
        if refund is None:
            for name in ("amount_minor", "transaction_id"):
                if name not in fact:
                    raise Invalid(name, "is required for a refund not known yet")
            sum_minor = fact["amount_minor"]
            body = {name: fact[name] for name in ("out_refund_no", "transaction_id", "out_trade_no",
                                                  "notify_url") if name in fact}
            body["amount"] = {"refund": sum_minor, "total": fact.get("total_minor", sum_minor),
                              "currency": "CNY"}
            refund = self._new_refund(body, status)
            refund["total_told"] = "total_minor" in fact
        elif fact.get("amount_minor", refund["amount"]["refund"]) != refund["amount"]["refund"]:
            raise Invalid("amount_minor", "the refund is known with another sum")
        refund.update(status=status, told=True)
        if status == "SUCCESS":
            refund["success_time"] = fact.get("success_time",
                                              refund.get("success_time", now_rfc3339()))
        self.refunds.put(refund)
        sent = []
        if fact.get("callback", False):
            sent = await self.callbacks.refund(refund, times=fact.get("callback_times", 1))
        return {"refund": refund, "callbacks": sent}

    async def know_transfer_state(self, fact: Row) -> Row:
        """Moves the bills that fit, or, when there are none yet, the next one that will."""
        check_fields(fact, {
            "match": Field(dict, True, check=lambda value: check_match(value, "")),
            "state": Field(str, True, one_of=STATES), "fail_reason": text(64),
            "callback": Field(bool), "callback_times": whole(1, most=20), "force": Field(bool)})
        if not fact["match"]:
            raise Invalid("match", "must name at least one field")
        fact = {"callback": False, "callback_times": 1, **fact}
        found = [row for row in self.bills.rows() if matches(fact["match"], row, row["request"])]
        for bill in found:
            if bill["state"] in FINAL and bill["state"] != fact["state"] and not fact.get("force"):
                raise Invalid("state", f"{bill['out_bill_no']} is {bill['state']}, which is final")
        sent: list[Any] = []
        for bill in found:
            self._set_state(bill, fact)
            self.bills.put(bill)
        for bill in found:
            if fact["callback"]:
                sent += await self.callbacks.transfer(bill, times=fact["callback_times"])
        if not found:
            self.remember("transfer_state", {**fact, "left": 1})
        return {"bills": [bill["out_bill_no"] for bill in found], "ahead": not found,
                "callbacks": sent}

    @staticmethod
    def _set_state(bill: Row, fact: Row) -> None:
        if bill["state"] != fact["state"]:
            bill["update_time"] = now_rfc3339()
        bill.update(state=fact["state"], told=True)
        if fact["state"] == "FAIL":
            bill["fail_reason"] = fact.get("fail_reason", "ACCOUNT_FROZEN")

    async def send(self, wanted: Row) -> Row:
        return await self.callbacks.send(wanted)

    knows = {"refund": know_refund, "transfer_state": know_transfer_state}


def same_request(first: Row, second: Row) -> bool:
    """Ciphertexts of one name differ each time, so they are not compared."""
    def plain(row: Row) -> Row:
        return {name: value for name, value in row.items() if name != "user_name"}
    return plain(first) == plain(second) and ("user_name" in first) == ("user_name" in second)


def transfer_answer(bill: Row) -> Row:
    """What POST answers; package_info opens the page on which the user confirms."""
    shown = {name: bill[name] for name in ("out_bill_no", "transfer_bill_no", "create_time",
                                           "state")}
    if bill["fail_reason"]:
        shown["fail_reason"] = bill["fail_reason"]
    if bill["state"] in ("ACCEPTED", "WAIT_USER_CONFIRM"):
        shown["package_info"] = "mock-package-" + bill["transfer_bill_no"]
    return shown


def refund_answer(refund: Row) -> Row:
    """What POST and GET answer: the status field is `status` here, `refund_status` in callbacks."""
    hidden = ("told", "total_told", "notify_url", "request", "notifications")
    return {name: value for name, value in refund.items() if name not in hidden}


if __name__ == "__main__":
    run(WechatPay, arguments(__doc__.splitlines()[0]))
