"""Callbacks of WeChat Pay: the encrypted envelope, its signature, and its retries (WECHAT.md 1).

One notification keeps its id and its bytes for ever: a retry and a second
callback carry the same envelope, signed again with a new time and nonce.
"""
from __future__ import annotations

import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any

from common import ATTEMPTS, RETRY_DELAYS_S, is_callback_url, now_rfc3339, to_bytes
from matching import Field, Invalid, check_fields, check_match, matches, text, whole
from records import Row, Table
from rules import FINAL
from signing import FRESH_S, PROBE_PREFIX, SCHEME, answer_message, damage, gcm_encrypt, rsa_sign

if TYPE_CHECKING:
    from server import WechatPay

SPOILS = ("signature", "probe", "cipher", "stale", "serial")


class Callbacks:
    """Makes and sends notifications; borrows the stand-in for its tables and its HTTP client."""

    def __init__(self, pay: "WechatPay", private_key: Any, serial: str, apiv3_key: bytes) -> None:
        self._pay = pay
        self._private_key = private_key
        self._serial = serial
        self._apiv3_key = apiv3_key

    async def transfer(self, bill: Row, times: int = 1, **how: Any) -> list[Row]:
        """MCHTRANSFER.BILL.FINISHED for a bill in a final state."""
        if bill["state"] not in FINAL:
            raise Invalid("state", f"{bill['out_bill_no']} is {bill['state']}: only "
                          + ", ".join(FINAL) + " are called back")
        plain = {name: bill[name] for name in (
            "out_bill_no", "transfer_bill_no", "state", "mch_id", "transfer_amount", "openid",
            "fail_reason", "create_time", "update_time")}
        return await self._send(self._pay.bills, bill, bill["state"], "MCHTRANSFER.BILL.FINISHED",
                                "mch_payment", "商家转账单据终态通知", plain, times, how)

    async def refund(self, refund: Row, times: int = 1, **how: Any) -> list[Row]:
        """REFUND.SUCCESS, REFUND.ABNORMAL or REFUND.CLOSED; its field is refund_status."""
        status = refund["status"]
        if status == "PROCESSING":
            raise Invalid("status", "a refund in PROCESSING is not called back")
        plain = {"mchid": self._pay.mchid, "refund_status": status, "amount": {
            name: refund["amount"][name]
            for name in ("total", "refund", "payer_total", "payer_refund")}}
        for name in ("transaction_id", "out_trade_no", "refund_id", "out_refund_no",
                     "success_time", "user_received_account"):
            if name in refund:
                plain[name] = refund[name]
        return await self._send(self._pay.refunds, refund, status, f"REFUND.{status}", "refund",
                                "退款结果通知", plain, times, how)

    async def send(self, wanted: Row) -> Row:
        """Control call: {transfer_callback:{match}} or {refund_callback:{match}}, with options."""
        check_fields(wanted, {
            "transfer_callback": Field(dict, check=check_match_only),
            "refund_callback": Field(dict, check=check_match_only),
            "spoil": Field(object), "times": whole(1, most=20), "attempts": ATTEMPTS,
            "new_id": Field(bool), "url": text(256), "change": Field(dict)})
        kinds = [name for name in ("transfer_callback", "refund_callback") if name in wanted]
        if len(kinds) != 1:
            raise Invalid("transfer_callback", "transfer_callback or refund_callback is needed")
        how = {name: wanted[name] for name in ("attempts", "new_id", "url", "change")
               if name in wanted}
        spoil = wanted.get("spoil", False)
        if spoil:
            how["spoil"] = "signature" if spoil is True else spoil
            if how["spoil"] not in SPOILS:
                raise Invalid("spoil", "must be true or one of " + ", ".join(SPOILS))
        one = kinds[0] == "transfer_callback"
        table, call = (self._pay.bills, self.transfer) if one else (self._pay.refunds, self.refund)
        match = wanted[kinds[0]]["match"]
        found = [row for row in table.rows() if matches(match, row, row["request"])]
        if len(found) != 1:
            raise Invalid(f"{kinds[0]}.match", f"fits {len(found)} records, one is needed")
        sent = await call(found[0], wanted.get("times", 1), **how)
        return {"status": sent[-1]["status"], "callbacks": sent}

    async def _send(self, table: Table, row: Row, state: str, event: str, kind: str, summary: str,
                    plain: Row, times: int, how: Row) -> list[Row]:
        url = how.get("url", row["notify_url"])
        if not is_callback_url(url):
            raise Invalid("notify_url", "the record has none and the command gave none")
        plain.update(how.get("change", {}))
        known = (table.get(row[table.key]) or row).get("notifications", {})
        body = known.get(state)
        if body is None or how.get("new_id") or "change" in how:
            body = to_bytes(self._envelope(event, kind, summary, plain)).decode()
            if "change" not in how:
                # Read again: the caller's copy may be older than the record by now.
                newest = table.get(row[table.key]) or row
                table.put({**newest, "notifications": {**known, state: body}})
        spoil = how.get("spoil", "")
        if spoil == "cipher":
            body = self._broken_cipher(event, kind, summary, plain)
        shown = {"event_type": event, "resource": plain, **({"spoil": spoil} if spoil else {})}
        attempts = how.get("attempts", 1 if spoil else len(RETRY_DELAYS_S))
        return [await self._pay.deliver(f"callback.{kind}", url, attempts,
                                        lambda: self._signed(body.encode(), spoil), shown)
                for _ in range(times)]

    def _envelope(self, event: str, kind: str, summary: str, plain: Row) -> Row:
        nonce = secrets.token_hex(6)
        return {"id": str(uuid.uuid4()), "create_time": now_rfc3339(),
                "resource_type": "encrypt-resource", "event_type": event, "summary": summary,
                "resource": {"original_type": kind, "algorithm": "AEAD_AES_256_GCM",
                             "ciphertext": gcm_encrypt(self._apiv3_key, nonce, kind,
                                                       to_bytes(plain)),
                             "associated_data": kind, "nonce": nonce}}

    def _broken_cipher(self, event: str, kind: str, summary: str, plain: Row) -> str:
        """Signed rightly over a ciphertext whose tag does not hold."""
        envelope = self._envelope(event, kind, summary, plain)
        envelope["resource"]["ciphertext"] = damage(envelope["resource"]["ciphertext"])
        return to_bytes(envelope).decode()

    def _signed(self, body: bytes, spoil: str) -> tuple[bytes, dict[str, str]]:
        age = FRESH_S + 1 if spoil == "stale" else 0
        stamp, nonce = str(int(time.time()) - age), secrets.token_hex(16)
        signature = rsa_sign(self._private_key, answer_message(stamp, nonce, body))
        if spoil == "signature":
            signature = damage(signature)
        elif spoil == "probe":
            signature = PROBE_PREFIX + signature[len(PROBE_PREFIX):]
        return body, {
            "Content-Type": "application/json", "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce, "Wechatpay-Signature": signature,
            "Wechatpay-Serial": "PUB_KEY_ID_UNKNOWN" if spoil == "serial" else self._serial,
            "Wechatpay-Signature-Type": SCHEME}


def check_match_only(value: Row) -> None:
    """`{match:{…}}` and nothing else; an empty match would mean any record."""
    check_fields(value, {"match": Field(dict, True, check=lambda row: check_match(row, ""))})
    if not value["match"]:
        raise Invalid("match", "must name at least one field")
