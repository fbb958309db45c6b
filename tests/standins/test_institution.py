"""The institution over real HTTP: bundles it takes and refuses, what it sends, also spoiled."""
from __future__ import annotations

import base64
import json
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import signing  # noqa: E402
from testing import WithServer, bundle, signed_bundle  # noqa: E402


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
