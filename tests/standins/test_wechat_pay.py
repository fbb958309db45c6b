"""WeChat Pay over real HTTP: what it takes, what it refuses, how it fails when told to."""
from __future__ import annotations

import json
import sys
import time
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import signing  # noqa: E402
from testing import BILLS, REFUNDS, Merchant, WithServer, oaep, refund, transfer  # noqa: E402


class WechatPay(WithServer):
    name = "wechat_pay"

    def setUp(self) -> None:
        super().setUp()
        self.merchant = Merchant(self.server, self.keys["merchant"])

    def assert_refused(self, reply: Any, status: int, code: str) -> None:
        self.assertEqual((reply.status, reply.json.get("code")), (status, code), reply.raw)

    def opened(self, raw: bytes, headers: Any) -> Any:
        message = signing.answer_message(headers["Wechatpay-Timestamp"],
                                         headers["Wechatpay-Nonce"], raw)
        self.assertTrue(signing.rsa_verify(self.keys["wechatpay"].public_key(), message,
                                           headers["Wechatpay-Signature"]))
        self.assertTrue(signing.is_fresh(headers["Wechatpay-Timestamp"]))
        part = json.loads(raw)["resource"]
        plain = signing.gcm_decrypt((self.key_dir / "apiv3.key").read_bytes().strip(),
                                    part["nonce"], part["associated_data"], part["ciphertext"])
        return json.loads(plain or b"null")

    def test_an_answer_is_signed_over_its_bytes(self) -> None:
        reply = self.merchant.transfer("HSsigned")
        message = signing.answer_message(reply.headers["Wechatpay-Timestamp"],
                                         reply.headers["Wechatpay-Nonce"], reply.raw)
        self.assertTrue(signing.rsa_verify(self.keys["wechatpay"].public_key(), message,
                                           reply.headers["Wechatpay-Signature"]))
        self.assertEqual(reply.headers["Wechatpay-Serial"], "PUB_KEY_ID_0119000000012026")

    def test_a_wrong_signature_is_refused_and_takes_no_bill(self) -> None:
        body = transfer("HSbad")
        self.assertEqual(self.merchant.call("POST", BILLS, body, age_s=290,
                                            mchid="1900000001").status, 200)
        raw = json.dumps(transfer("HSbad2"), ensure_ascii=False).encode()
        for changed in ({"sent": raw + b" "}, {"age_s": 301}, {"age_s": -301},
                        {"mchid": "1900000002"}, {"serial_no": "OTHER"}, {"nonce_str": "x"},
                        {"signature": "AAAA"}, {"signature": ""}):
            with self.subTest(changed):
                self.assert_refused(self.merchant.call("POST", BILLS, transfer("HSbad2"), **changed),
                                    401, "SIGN_ERROR")
        self.assert_refused(self.server.call("GET", f"{BILLS}/out-bill-no/HSbad"), 401, "SIGN_ERROR")
        self.assertEqual(self.server.records_of("HSbad2")["bills"], [])

    def test_fields_of_a_transfer(self) -> None:
        info = [{"info_type": "赔付原因", "info_content": "x"}]
        for changed in ({"out_bill_no": "a_b"}, {"out_bill_no": "9" * 33}, {"appid": "wx1"},
                        {"transfer_amount": 9}, {"transfer_amount": "100"}, {"transfer_amount": True},
                        {"transfer_amount": 1.5}, {"transfer_remark": "字" * 33}, {"openid": "a b"},
                        {"user_recv_perception": "别的"}, {"transfer_scene_report_infos": info * 2},
                        {"transfer_scene_report_infos": [{"info_type": "原因", "info_content": "x"}]},
                        {"transfer_scene_report_infos": [{"info_type": "赔付原因",
                                                          "info_content": "字" * 33}]},
                        {"notify_url": "https://a.example/x?y=1"}, {"notify_url": "http://a.example/"},
                        {"user_recv_style": {"type": "OTHER"}}, {"extra": 1},
                        {"transfer_amount": 200000}, {"user_name": "not sealed"}):
            with self.subTest(changed):
                self.assert_refused(self.merchant.transfer(**{"number": "HSfields", **changed}),
                                    400, "PARAM_ERROR")
        self.assert_refused(self.merchant.transfer("HSfields", transfer_scene_id="1000"),
                            403, "NO_AUTH")
        self.assertEqual(self.merchant.transfer("HSlong", transfer_remark="字" * 32).status, 200)

    def test_a_large_transfer_needs_the_sealed_name(self) -> None:
        name = oaep(self.keys["wechatpay"].public_key(), "张三")
        reply = self.merchant.transfer("HSname", transfer_amount=200000, user_name=name)
        self.assert_refused(reply, 400, "PARAM_ERROR")
        self.assertEqual(reply.json["detail"]["field"], "Wechatpay-Serial")
        again = transfer("HSname", transfer_amount=200000, user_name=oaep(
            self.keys["wechatpay"].public_key(), "张三"))
        for body in (again, transfer("HSname", transfer_amount=200000, user_name=name)):
            self.assertEqual(self.merchant.call("POST", BILLS, body, key_serial=
                                                "PUB_KEY_ID_0119000000012026").status, 200)

    def test_the_same_number_pays_once(self) -> None:
        first = self.merchant.transfer("HSonce")
        self.assertEqual(self.merchant.transfer("HSonce").json, first.json)
        self.assertEqual(first.json["state"], "ACCEPTED")
        self.assert_refused(self.merchant.transfer("HSonce", transfer_amount=36801),
                            400, "INVALID_REQUEST")
        self.assertEqual(len(self.server.records_of("HSonce")["bills"]), 1)

    def test_sc12_dropped_after_acceptance_then_asked_about_confirmed_and_called_back_twice(self) -> None:
        who = "oc1012-sc12"
        self.tell("behave", call="transfer.create", match={"openid": who},
                  action="drop_after_accept")
        self.assertEqual(self.merchant.transfer("HSsc12", openid=who, notify_url=self.door.url).status, 0)
        self.assertEqual(self.merchant.bill("HSsc12").json["state"], "WAIT_USER_CONFIRM")
        done = self.tell("know", kind="transfer_state", match={"openid": who}, state="SUCCESS",
                         callback=True, callback_times=2)
        self.assertEqual([c["status"] for c in done["callbacks"]], [204, 204])
        self.assertEqual(self.merchant.bill("HSsc12").json["state"], "SUCCESS")
        first, second = (self.opened(*got) for got in self.door.got)
        self.assertEqual((first["state"], first["out_bill_no"], first["transfer_amount"]),
                         ("SUCCESS", "HSsc12", 36800))
        self.assertEqual(first, second)
        self.assertEqual(self.door.got[0][0], self.door.got[1][0], "one notification, one id")
        shown = self.server.records_of(who)
        self.assertEqual([(c["call"], c["status"], c.get("dropped", False)) for c in shown["calls"]],
                         [("transfer.create", 200, True), ("transfer.query", 200, False),
                          ("callback.mch_payment", 204, False), ("callback.mch_payment", 204, False),
                          ("transfer.query", 200, False)])
        self.assertEqual(len(shown["bills"]), 1)

    def test_dropped_before_acceptance_there_is_no_bill_and_the_query_says_404(self) -> None:
        self.tell("behave", call="transfer.create", match={"out_bill_no": "HSbefore"},
                  action="drop_before_accept")
        self.assertEqual(self.merchant.transfer("HSbefore", openid="oc-before").status, 0)
        self.assert_refused(self.merchant.bill("HSbefore"), 404, "RESOURCE_NOT_EXISTS")
        self.assertEqual(self.merchant.transfer("HSbefore", openid="oc-before").status, 200)
        calls = self.server.records_of("oc-before")["calls"]
        self.assertEqual([(c["call"], c["status"]) for c in calls], [
            ("transfer.create", 0), ("transfer.query", 404), ("transfer.create", 200)])

    def test_injected_errors_fit_their_call_and_are_used_up(self) -> None:
        self.tell("behave", call="transfer.create", match={"out_bill_no": "HSerr"}, action="error",
                  status=500, code="SYSTEM_ERROR", accepted=True)
        self.tell("behave", call="transfer.query", match={"openid": "oc-err"}, action="error",
                  status=429, code="RATELIMIT_EXCEEDED", times=2)
        self.assertEqual(self.merchant.transfer("HSother").status, 200)
        self.assert_refused(self.merchant.transfer("HSerr", openid="oc-err"), 500, "SYSTEM_ERROR")
        self.restart()
        for _ in range(2):
            self.assert_refused(self.merchant.bill("HSerr"), 429, "RATELIMIT_EXCEEDED")
        self.assertEqual(self.merchant.bill("HSerr").json["state"], "WAIT_USER_CONFIRM")

    def test_a_state_told_ahead_counts_for_the_next_bill_once(self) -> None:
        self.tell("know", kind="transfer_state", match={"openid": "oc-ahead"}, state="FAIL",
                  fail_reason="TRANSFER_RISK")
        self.restart()
        first = self.merchant.transfer("HSahead1", openid="oc-ahead").json
        self.assertEqual((first["state"], first["fail_reason"]), ("FAIL", "TRANSFER_RISK"))
        self.assertEqual(self.merchant.transfer("HSahead2", openid="oc-ahead").json["state"], "ACCEPTED")
        reply = self.server.control("know", kind="transfer_state", match={"out_bill_no": "HSahead1"},
                                    state="SUCCESS")
        self.assertEqual(reply.status, 400)

    def test_cancelling_ends_in_cancelled(self) -> None:
        self.merchant.transfer("HScancel")
        path = f"{BILLS}/out-bill-no/HScancel"
        self.assertEqual(self.merchant.call("POST", path + "/cancel").json["state"], "CANCELING")
        self.assertEqual(self.merchant.call("GET", path).json["state"], "CANCELLED")

    def test_a_callback_is_repeated_until_2xx_and_a_spoiled_one_does_not_verify(self) -> None:
        self.merchant.transfer("HSretry", notify_url=self.door.url)
        self.tell("know", kind="transfer_state", match={"out_bill_no": "HSretry"}, state="SUCCESS")
        self.door.statuses[:] = [500, 503]
        done = self.tell("send", transfer_callback={"match": {"out_bill_no": "HSretry"}})
        self.assertEqual((done["status"], done["callbacks"][0]["attempts"]), (204, 3))
        self.door.got.clear()
        self.door.statuses[:] = [401]
        done = self.tell("send", transfer_callback={"match": {"out_bill_no": "HSretry"}}, spoil=True)
        self.assertEqual((done["status"], len(self.door.got)), (401, 1))
        with self.assertRaises(AssertionError):
            self.opened(*self.door.got[0])

    def test_sc01_a_refund_of_the_merchants_own_is_found_by_its_number(self) -> None:
        number = "R260413SC01"
        self.assert_refused(self.merchant.call("GET", f"{REFUNDS}/{number}"), 404, "RESOURCE_NOT_EXISTS")
        self.tell("know", kind="refund", out_refund_no=number, amount_minor=12900,
                  transaction_id="4200001", status="SUCCESS")
        self.restart()
        got = self.merchant.call("GET", f"{REFUNDS}/{number}").json
        self.assertEqual((got["status"], got["amount"]["refund"], got["transaction_id"]),
                         ("SUCCESS", 12900, "4200001"))
        self.assertNotIn("request", got)

    def test_a_refund_of_ours(self) -> None:
        first = self.merchant.refund("R1|x@*", transaction_id="42ours", notify_url=self.door.url)
        self.assertEqual(first.json["status"], "PROCESSING")
        again = self.merchant.refund("R1|x@*", transaction_id="42ours", notify_url=self.door.url)
        self.assertEqual(again.json, first.json)
        self.assert_refused(self.merchant.refund("R1|x@*", transaction_id="42ours"),
                            400, "INVALID_REQUEST")
        self.assert_refused(self.merchant.refund("R2", transaction_id="42ours", amount={
            "refund": 7901, "total": 12900, "currency": "CNY"}), 400, "INVALID_REQUEST")
        self.tell("know", kind="refund", out_refund_no="R1|x@*", status="ABNORMAL", callback=True)
        self.assertEqual(self.opened(*self.door.got[0])["refund_status"], "ABNORMAL")
        for changed in ({"out_refund_no": "a b"}, {"reason": "字" * 81},
                        {"amount": {"refund": 2, "total": 1, "currency": "CNY"}},
                        {"amount": {"refund": 1, "total": 1, "currency": "USD"}}):
            self.assert_refused(self.merchant.call("POST", REFUNDS, refund("R3", **changed)),
                                400, "PARAM_ERROR")

    def test_control_errors_are_clear(self) -> None:
        for what, wanted, field in (
                ("know", {"kind": "nothing"}, "kind"), ("behave", {"call": "x", "action": "error"}, "call"),
                ("behave", {"call": "transfer.create", "action": "delay"}, "delay_ms"),
                ("know", {"kind": "transfer_state", "match": {"openid": "x"}, "state": "DONE"}, "state"),
                ("send", {"transfer_callback": {"match": {"out_bill_no": "HSnone"}}},
                 "transfer_callback.match")):
            reply = self.server.control(what, **wanted)
            self.assertEqual((reply.status, reply.json.get("field")), (400, field), reply.raw)
        self.assertEqual(self.server.call("GET", "/_standin/health").json["status"], "ok")

    def test_bytes_that_are_no_json_are_refused_and_break_nothing(self) -> None:
        for raw in (b"", b"{", b"[]", b"\xff\xfe", b'{"a":NaN}', b'{"out_bill_no":"\\ud800"}',
                    b'{"a":1,"a":1}', b"[" * 100_000, b"9" * 5000):
            path, stamp = BILLS + "?x=%ff", str(int(time.time()))
            signature = signing.rsa_sign(self.keys["merchant"], signing.request_message(
                "POST", path, stamp, "n", raw))
            reply = self.server.call("POST", path, raw, {
                "Content-Type": "application/json", "Authorization":
                'WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="n",serial_no='
                f'"HESHIMERCHANT01",timestamp="{stamp}",signature="{signature}"'})
            self.assert_refused(reply, 400, "PARAM_ERROR")
        for header in ("", "WECHATPAY2-SHA256-RSA2048", 'WECHATPAY2-SHA256-RSA2048 mchid="1', "\xff"):
            self.assert_refused(self.server.call("POST", BILLS, b"{}", {"Authorization": header}),
                                401, "SIGN_ERROR")
        self.restart()
        self.assertEqual(self.server.call("GET", "/_standin/health").status, 200)

    def test_a_killed_server_forgets_nothing(self) -> None:
        first = self.merchant.transfer("HSkill").json
        before = self.server.records_of("HSkill")
        self.server.kill()
        with (self.server.records / "bills.jsonl").open("a") as file:
            file.write('{"out_bill_no":"HStorn')
        self.server.start()
        self.assertEqual(self.server.records_of("HSkill"), before)
        self.assertEqual(self.merchant.transfer("HSkill").json, first)
        self.restart()
        self.assertEqual(len(self.server.records_of("HSkill")["calls"]), 2)


if __name__ == "__main__":
    unittest.main()
