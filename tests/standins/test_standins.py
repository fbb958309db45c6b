"""The stand-ins over real HTTP: what they take, what they refuse, how they fail when told to."""
from __future__ import annotations

import base64
import json
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent / "mini_program"))

import common  # noqa: E402
import signing  # noqa: E402
from templates import value_fits  # noqa: E402
from testing import (APPID, BILLS, REFUNDS, Door, Merchant, Server, bundle,  # noqa: E402
                     make_keys, oaep, refund, signed_bundle, signed_webhook, transfer)


class WithServer(unittest.TestCase):
    """One server of `name` for the whole class; every test uses numbers of its own."""

    name = ""

    @classmethod
    def setUpClass(cls) -> None:
        home = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.key_dir = home / "keys"
        cls.keys = make_keys(cls.key_dir)
        cls.server = Server(cls.name, home, cls.key_dir)
        cls.door = Door()

    @classmethod
    def tearDownClass(cls) -> None:
        code = cls.server.stop()
        cls.door.close()
        assert code == 0, f"{cls.name} ended with {code}"

    def setUp(self) -> None:
        self.door.got.clear()
        self.door.statuses.clear()

    def tell(self, what: str, **wanted: Any) -> Any:
        reply = self.server.control(what, **wanted)
        self.assertEqual(reply.status, 200, reply.raw)
        return reply.json

    def restart(self) -> None:
        self.server.kill()
        self.server.start()


class Trust(unittest.TestCase):
    """Nobody but loopback is near, unless the stand-ins were told so."""

    def setUp(self) -> None:
        self.addCleanup(setattr, common, "TRUST", common.TRUST)

    def test_only_loopback_is_near_by_default(self) -> None:
        self.assertTrue(common.is_near("127.0.0.1"))
        self.assertTrue(common.is_near("::1"))
        self.assertFalse(common.is_near("172.17.0.1"))
        self.assertFalse(common.is_near(None))
        self.assertFalse(common.is_callback_url("http://fund:8081/wechatpay/transfer"))

    def test_a_trusted_network_may_control_and_a_trusted_host_be_called_back(self) -> None:
        common.TRUST = common.Trust.read("fund, 172.16.0.0/12")
        self.assertTrue(common.is_near("172.17.0.1"))
        self.assertFalse(common.is_near("8.8.8.8"))
        self.assertTrue(common.is_callback_url("http://fund:8081/wechatpay/transfer"))
        self.assertFalse(common.is_callback_url("http://fund.example:8081/x"))
        self.assertFalse(common.is_callback_url("http://fund:8081/x?y"))

    def test_a_network_that_is_none_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            common.Trust.read("172.16.0.1/12")


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


class MiniProgram(WithServer):
    name = "mini_program"

    def token(self, force: bool = False, **changed: Any) -> Any:
        return self.server.call("POST", "/cgi-bin/stable_token", json.dumps({
            "grant_type": "client_credential", "appid": APPID, "secret": "mini-program-secret",
            "force_refresh": force, **changed}).encode()).json

    def send(self, openid: str, token: str = "", template: str = "tpl_case", **data: str) -> int:
        token = token or self.token()["access_token"]
        body = {"touser": openid, "template_id": template, "page": "pages/case/index?id=1",
                "data": {key: {"value": value} for key, value in (data or {"thing1": "ok"}).items()},
                "miniprogram_state": "formal", "lang": "zh_CN"}
        return self.server.call("POST", f"/cgi-bin/message/subscribe/send?access_token={token}",
                                json.dumps(body).encode()).json["errcode"]

    def test_tokens(self) -> None:
        self.tell("know", kind="token", state="invalid")
        first = self.token()
        self.assertEqual(self.token()["access_token"], first["access_token"])
        self.assertTrue(300 <= first["expires_in"] <= 7200)
        self.restart()
        self.assertEqual(self.token()["access_token"], first["access_token"])
        forced = self.token(force=True)
        self.assertNotEqual(forced["access_token"], first["access_token"])
        self.assertEqual(self.send("o-token", first["access_token"]), 0, "both stay valid for a while")
        self.assertEqual(self.token(force=True)["errcode"], 45011)
        self.assertEqual(self.token(secret="wrong")["errcode"], 40001)
        self.assertEqual(self.token(appid="wx1")["errcode"], 40013)
        self.tell("know", kind="token", state="expired")
        self.assertEqual(self.send("o-token", forced["access_token"]), 42001)
        self.assertEqual(self.send("o-token", "nonsense"), 40001)
        self.assertEqual(self.send("o-token"), 0)
        for file in ("calls.jsonl", "messages.jsonl"):
            text = (self.server.records / file).read_text()
            self.assertNotIn("mini-program-secret", text)
            self.assertNotIn(first["access_token"], text)

    def test_field_types_count_code_points(self) -> None:
        for key, good, bad in (
                ("thing1", "字" * 20, "字" * 21), ("number2", "123.45", "12a"),
                ("letter3", "abc", "ab1"), ("symbol4", "!!", "!!!!!!"),
                ("character_string5", "HS260518SC12A", "争议"),
                ("time6", "2026年5月18日 10:05~10:30", "25:00"), ("date7", "2026-05-18", "2026-13-01"),
                ("amount8", "¥368.00", "368.00"), ("amount8", "¥12345678.90元", "¥123456789.00"),
                ("phone_number9", "+86-13800000000", "1" * 18), ("car_number10", "粤A12345", "粤A1234567"),
                ("name11", "张三", "张" * 11), ("phrase12", "待处理", "待处理的争议"),
                ("const13", "x" * 20, "x" * 21), ("thing1", "😀" * 20, "")):
            with self.subTest(key=key, good=good, bad=bad):
                self.assertTrue(value_fits(key, good))
                self.assertFalse(value_fits(key, bad))
        self.assertFalse(value_fits("thing", "x"))
        self.assertFalse(value_fits("things1", "x"))

    def test_refusals_of_a_message(self) -> None:
        self.assertEqual(self.send("o-1", thing1="字" * 21), 47003)
        self.assertEqual(self.send("bad openid"), 40003)
        self.assertEqual(self.send("o-1", template=""), 40037)
        self.tell("know", kind="template", template_id="tpl_known",
                  fields={"thing1": None, "enum2": ["已裁决"]})
        self.assertEqual(self.send("o-1", template="tpl_known", thing1="x"), 47003)
        self.assertEqual(self.send("o-1", template="tpl_known", thing1="x", enum2="别的"), 47003)
        self.assertEqual(self.send("o-1", template="tpl_known", thing1="x", enum2="已裁决"), 0)
        self.assertEqual(self.server.call("POST", "/cgi-bin/message/subscribe/send").json["errcode"], 41001)

    def test_consent_is_used_up_per_person_and_template(self) -> None:
        self.tell("know", kind="consent", openid="o-quota", template="tpl_a", count=2)
        self.assertEqual(self.send("o-quota", template="tpl_a"), 0)
        self.restart()
        self.assertEqual(self.send("o-quota", template="tpl_a"), 0)
        self.assertEqual(self.send("o-quota", template="tpl_a"), 43101)
        self.assertEqual(self.send("o-quota", template="tpl_b"), 0, "nothing was said of it")
        self.tell("know", kind="consent", openid="o-none", count=0)
        self.assertEqual(self.send("o-none", template="tpl_b"), 43101)
        self.assertEqual(len(self.server.records_of("o-quota")["messages"]), 3)

    def test_injected_errcodes_and_drops(self) -> None:
        self.tell("behave", call="message.send", match={"touser": "o-err"}, action="error",
                  code=45009, message="reach max api daily quota limit")
        self.assertEqual([self.send("o-err"), self.send("o-err")], [45009, 0])
        self.tell("behave", call="webhook", match={"case_id": "c-drop"}, action="drop_after_accept")
        self.tell("behave", call="webhook", match={"case_id": "c-drop"}, action="delay", delay_ms=300)
        raw = b'{"case_id":"c-drop"}'
        self.assertEqual(self.server.call("POST", "/merchant/webhook", raw,
                                          signed_webhook(raw, "m-drop")).status, 0)
        started = time.monotonic()
        self.assertEqual(self.server.call("POST", "/merchant/webhook", raw,
                                          signed_webhook(raw, "m-drop")).status, 202)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)
        [row] = self.server.records_of("c-drop")["messages"]
        self.assertEqual(row["deliveries"], 2)

    def test_the_merchants_webhook(self) -> None:
        raw = '{"case_id":"c-1","text":"请处理"}'.encode()

        def post(headers: dict[str, str], body: bytes = raw) -> int:
            return self.server.call("POST", "/merchant/webhook/m2001", body, headers).status
        self.assertEqual(post(signed_webhook(raw, "w-1")), 202)
        self.assertEqual(post(signed_webhook(raw, "w-1")), 202)
        self.assertEqual(post(signed_webhook(raw + b" ", "w-1"), raw + b" "), 409)
        self.assertEqual(post(signed_webhook(raw, "w-2", age_s=301)), 401)
        self.assertEqual(post(signed_webhook(raw, "w-2", secret=b"other")), 401)
        self.assertEqual(post(signed_webhook(raw, "w-2"), raw + b" "), 401)
        self.assertEqual(post({}), 401)
        self.assertEqual(post(signed_webhook(raw, "")), 400)
        [row] = self.server.records_of("c-1")["messages"]
        self.assertEqual((row["channel"], row["merchant_id"], row["body"]["text"]),
                         ("webhook", "m2001", "请处理"))


class Institution(WithServer):
    name = "institution"

    def post(self, body: Any, key: str = "arbitration", extra: bytes = b"") -> Any:
        raw, headers = signed_bundle(self.keys[key], body)
        return self.server.call("POST", "/v1/bundles", raw + extra, headers)

    def verified(self, raw: bytes, headers: Any) -> bool:
        given = signing.parse_params(headers["Institution-Signature"]) or {}
        self.assertEqual((given["keyid"], given["alg"]), ("cn-demo-arb-1", "rsa-sha256"))
        return signing.rsa_verify(self.keys["institution"].public_key(), raw, given["signature"])

    def test_a_bundle_is_taken_once_with_its_fee(self) -> None:
        self.tell("know", kind="fee", case_match="o-sc10", amount_minor=30000, due_from="CONSUMER",
                  paid_to_institution=True)
        self.restart()
        body = bundle("sc10", self.door.url)
        first = self.post(body)
        self.assertEqual((first.status, first.json["fee"]), (202, {
            "amount_minor": 30000, "currency": "CNY", "due_from": "CONSUMER",
            "paid_to_institution": True}))
        self.assertEqual(self.post(body).json, first.json)
        self.assertEqual(self.post({**body, "referral": "2"}).status, 409)
        self.assertNotIn("fee", self.post(bundle("nofee", self.door.url)).json)
        shown = self.server.call("GET", "/v1/bundles/b-sc10").json
        self.assertEqual((shown["receipt_id"], shown["last"]), (first.json["receipt_id"], None))
        self.assertEqual(self.server.call("GET", "/v1/bundles/b-none").status, 404)

    def test_bundles_that_are_refused(self) -> None:
        good = bundle("refused", self.door.url)
        self.assertEqual(self.post(good, key="merchant").status, 401)
        self.assertEqual(self.post(good, extra=b" ").status, 401)
        item = good["manifest"][0]
        for changed in ({"manifest": []}, {"manifest": [{**item, "sha256": "0" * 63}]},
                        {"manifest": [{**item, "size_bytes": -1}]}, {"manifest": [item, item]},
                        {"documents": {"other": {}}}, {"documents": {"filing": {"text": "changed"}}},
                        {"documents": {"filing": {"content_base64": "!"}}}, {"claim": None},
                        {"callback_url": "ftp://x"}, {"more": 1}):
            with self.subTest(changed):
                self.assertEqual(self.post({**good, **changed}).status, 400)
        plain = base64.b64encode("申诉书".encode()).decode()
        self.assertEqual(self.post({**good, "documents": {"filing": {"content_base64": plain}}}).status, 202)

    def test_sc11_a_spoiled_award_does_not_verify_and_takes_no_sequence(self) -> None:
        self.post(bundle("sc11", self.door.url))
        case = {"case_match": "o-sc11"}
        first = self.tell("send", **case, kind="status", status="acknowledged")
        self.door.statuses[:] = [401]
        forged = self.tell("send", **case, kind="award", spoil=True,
                           award={"outcome": "consumer", "amount_minor": 1680000})
        self.assertEqual((forged["status"], forged["message"]["sequence"]), (401, 2))
        self.restart()
        real = self.tell("send", **case, kind="award",
                         award={"outcome": "consumer", "amount_minor": 168000})
        self.assertEqual((first["message"]["sequence"], real["message"]["sequence"]), (1, 2))
        self.assertEqual([self.verified(*got) for got in self.door.got], [True, False, True])
        award = json.loads(self.door.got[2][0])["award"]
        self.assertEqual((award["amount_minor"], award["currency"], len(award["document_sha256"])),
                         (168000, "CNY", 64))
        self.tell("send", **case, again=True)
        self.assertEqual(self.door.got[3][0], self.door.got[2][0])
        self.assertEqual(len(self.server.records_of("sc11")["messages"]), 3)

    def test_sending_needs_one_case_and_a_whole_message(self) -> None:
        self.post(bundle("one", self.door.url))
        for wanted, field in (
                ({"case_match": "nobody", "kind": "declined"}, "case_match"),
                ({"kind": "declined"}, "case_match"), ({"case_match": "o-one"}, "kind"),
                ({"case_match": "o-one", "kind": "status"}, "status"),
                ({"case_match": "o-one", "kind": "status", "status": "hearing"}, "hearing_date"),
                ({"case_match": "o-one", "kind": "award"}, "award"),
                ({"case_match": "o-one", "kind": "award", "award": {"outcome": "x"}}, "award.outcome")):
            reply = self.server.control("send", **wanted)
            self.assertEqual((reply.status, reply.json.get("field")), (400, field), reply.raw)
        self.door.statuses[:] = [503]
        done = self.tell("send", case_match="o-one", kind="status", status="hearing",
                         hearing_date="2026-09-18")
        self.assertEqual((done["status"], done["attempts"]), (204, 2))

    def test_a_bundle_dropped_after_acceptance_is_there(self) -> None:
        self.tell("behave", call="bundle", match={"case_id": "drop"}, action="drop_after_accept")
        self.assertEqual(self.post(bundle("drop", self.door.url)).status, 0)
        self.assertEqual(self.post(bundle("drop", self.door.url)).status, 202)
        self.assertEqual(len(self.server.records_of("o-drop")["bundles"]), 1)


if __name__ == "__main__":
    unittest.main()
