"""The mini-program API and the webhook over real HTTP, and the fields of templates."""
from __future__ import annotations

import json
import sys
import time
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent / "mini_program"))

from templates import value_fits  # noqa: E402
from testing import APPID, WithServer, signed_webhook  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
