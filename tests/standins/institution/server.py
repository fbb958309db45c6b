#!/usr/bin/python3
"""Stand-in of an arbitration institution: takes signed bundles, sends signed statuses and awards.

The protocol is ours and small; README.md beside this file is its contract.
"""
from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import secrets
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from common import (ATTEMPTS, RETRY_DELAYS_S, Answer, Exchange, Refusal, StandIn,  # noqa: E402
                    arguments, is_callback_url, now_rfc3339, run, to_bytes)
from matching import Field, Invalid, check_fields, check_match, matches, text, whole  # noqa: E402
from records import Row, Table, to_line  # noqa: E402
from signing import damage, parse_params, read_private, read_public, rsa_sign, rsa_verify  # noqa: E402

INSTITUTION = "cn-demo-arb"
OUR_KEYID = "cn-demo-arb-1"
THEIR_KEYID = "heshi-arbitration"
ALGORITHM = "rsa-sha256"
KINDS = ("status", "award", "settlement", "declined")
STATUSES = ("acknowledged", "accepted", "answered", "hearing")
SPOILS = ("signature", "keyid", "body")
ID = r"[\x21-\x7e]+"


def _callback_url(value: str) -> None:
    if not is_callback_url(value):
        raise Invalid("", "must be https (plain http on loopback only), at most 256, without a query")


def _manifest(value: list[Any]) -> None:
    names = set()
    for item in value:
        check_fields(item, {"name": text(256, True), "size_bytes": whole(0, True),
                            "sha256": Field(str, True, pattern=r"[0-9a-f]{64}"),
                            "media_type": text(128, True, pattern=r"[\w.+-]+/[\w.+-]+(;.*)?")})
        if item["name"] in names:
            raise Invalid("name", f"{item['name']} comes twice")
        names.add(item["name"])


BUNDLE = {
    "bundle_id": text(128, True, pattern=ID),
    "case_id": text(128, True, pattern=ID),
    # A referral's number or its id: both are names to us.
    "referral": Field(object, True),
    "claim": Field(dict, True),
    "manifest": Field(list, True, least=1, most=10_000, check=_manifest),
    "documents": Field(dict, True),
    "callback_url": Field(str, True, check=_callback_url),
}

AWARD = {
    "outcome": Field(str, True, one_of=("consumer", "merchant", "split")),
    "amount_minor": whole(0, True),
    "currency": Field(str, one_of=("CNY",)),
    "fee_consumer_minor": whole(0),
    "fee_merchant_minor": whole(0),
    "document_sha256": Field(str, pattern=r"[0-9a-f]{64}"),
}


def check_bundle(body: Any) -> None:
    """Raises Invalid when a bundle is not what the contract says."""
    check_fields(body, BUNDLE)
    referral = body["referral"]
    if isinstance(referral, bool) or not isinstance(referral, (str, int)) or referral == "":
        raise Invalid("referral", "must be a string or an integer")
    listed = {item["name"]: item for item in body["manifest"]}
    for name, document in body["documents"].items():
        if name not in listed:
            raise Invalid(f"documents.{name}", "is not in the manifest")
        data = document_bytes(name, document)
        if data is None:
            continue
        if len(data) != listed[name]["size_bytes"]:
            raise Invalid(f"documents.{name}", "has another size than the manifest says")
        if hashlib.sha256(data).hexdigest() != listed[name]["sha256"]:
            raise Invalid(f"documents.{name}", "has another hash than the manifest says")


def document_bytes(name: str, document: Any) -> bytes | None:
    """Bytes of a document that is enclosed; None for one that is only described."""
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("content_base64"), str):
        try:
            return base64.b64decode(document["content_base64"], validate=True)
        except (binascii.Error, ValueError) as err:
            raise Invalid(f"documents.{name}.content_base64", "is not base64") from err
    return document["text"].encode() if isinstance(document.get("text"), str) else None


class Institution(StandIn):
    """Keeps bundles by bundle_id, and per case and referral what it has sent."""

    name = "institution"
    calls = ("bundle", "bundle.query")

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options)
        keys, directory = Path(options.keys), Path(options.records)
        self.private_key = read_private(keys / "institution_private.pem")
        self.platform_key = read_public(keys / "arbitration_public.pem")
        self.bundles = self.tables["bundles"] = Table(directory, "bundles", "bundle_id")
        self.sent = self.tables["messages"] = Table(directory, "messages", "message_id")
        self.route("POST", "/v1/bundles", "bundle", self.take_bundle)
        self.route("GET", "/v1/bundles/{bundle_id}", "bundle.query", self.show_bundle)

    # ---- form of answers ---------------------------------------------------------

    def failure(self, rule: Row) -> Answer:
        return Answer(rule.get("status", 503), {
            "code": str(rule.get("code", "UNAVAILABLE")),
            "message": rule.get("message", "injected by the control API")})

    def malformed(self, err: Invalid) -> Answer:
        return Answer(400, {"code": "BAD_BUNDLE", "message": str(err), "field": err.field})

    def recorded_body(self, exchange: Exchange) -> Any:
        """Calls name the documents only; the bundle record has them whole."""
        body = super().recorded_body(exchange)
        if isinstance(body, dict) and isinstance(body.get("documents"), dict):
            return {**body, "documents": sorted(body["documents"])}
        return body

    def about(self, exchange: Exchange) -> Row:
        bundle = self.bundles.get(exchange.parts.get("bundle_id", "")) or {}
        return {name: bundle[name] for name in ("case_id", "referral") if name in bundle}

    # ---- bundles -------------------------------------------------------------------

    def take_bundle(self, exchange: Exchange) -> Answer:
        problem = self._signature_problem(exchange)
        if problem is not None:
            raise Refusal(401, {"code": "BAD_SIGNATURE", "message": problem})
        body = exchange.body
        check_bundle(body)
        digest = hashlib.sha256(exchange.raw).hexdigest()
        known = self.bundles.get(body["bundle_id"])
        if known is not None:
            if known["sha256"] != digest:
                raise Refusal(409, {"code": "BUNDLE_DIFFERS",
                                    "message": "this bundle_id came with another body"})
            return Answer(202, known["answer"])
        answer: Row = {"receipt_id": "cnda-" + digest[:20]}
        fee = self._fee(body)
        if fee is not None:
            answer["fee"] = fee
        self.bundles.put({**body, "sha256": digest, "received_at": now_rfc3339(),
                          "answer": answer})
        return Answer(202, answer)

    def _signature_problem(self, exchange: Exchange) -> str | None:
        given = parse_params(exchange.header("Heshi-Signature"))
        if given is None or set(given) != {"keyid", "alg", "signature"}:
            return 'Heshi-Signature must be keyid="…",alg="…",signature="…"'
        if given["keyid"] != THEIR_KEYID or given["alg"] != ALGORITHM:
            return f"keyid must be {THEIR_KEYID} and alg {ALGORITHM}"
        if not rsa_verify(self.platform_key, exchange.raw, given["signature"]):
            return "the signature does not match the bytes received"
        return None

    def _fee(self, body: Row) -> Row | None:
        """Text anywhere in the bundle but its documents: a story may know the order, not the case."""
        searched = to_line({name: value for name, value in body.items() if name != "documents"})
        for fact in self.facts("fee"):
            if fact["case_match"] in searched:
                return {"amount_minor": fact["amount_minor"], "currency": "CNY",
                        "due_from": fact["due_from"],
                        "paid_to_institution": fact["paid_to_institution"]}
        return None

    def show_bundle(self, exchange: Exchange) -> Answer:
        bundle = self.bundles.get(exchange.parts["bundle_id"])
        if bundle is None:
            raise Refusal(404, {"code": "NO_SUCH_BUNDLE", "message": "no such bundle"})
        sent = self._sent_of(bundle)
        shown = {name: bundle[name] for name in ("bundle_id", "case_id", "referral")}
        return Answer(200, {**shown, **bundle["answer"], "messages": len(sent),
                            "last": sent[-1]["content"] if sent else None})

    # ---- what it sends ----------------------------------------------------------------

    def _sent_of(self, bundle: Row) -> list[Row]:
        """Messages that have taken a sequence, in that order."""
        rows = [row for row in self.sent.rows(bundle["case_id"])
                if row["case_id"] == bundle["case_id"] and row["referral"] == bundle["referral"]
                and "spoil" not in row]
        return sorted(rows, key=lambda row: row["sequence"])

    async def send(self, wanted: Row) -> Row:
        check_fields(wanted, {
            "case_match": text(256), "match": Field(dict, check=lambda value: check_match(value, "")),
            "kind": Field(str, one_of=KINDS), "status": Field(str, one_of=STATUSES),
            "hearing_date": Field(str, pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
            "award": Field(dict, check=lambda value: check_fields(value, AWARD)),
            "message_id": text(128, pattern=ID), "spoil": Field(object), "attempts": ATTEMPTS,
            "again": Field(bool), "sequence": whole(1), "times": whole(1, most=20),
            "callback_url": Field(str, check=_callback_url)})
        bundle = self._find(wanted)
        url = wanted.get("callback_url", bundle["callback_url"])
        spoil = wanted.get("spoil", False)
        spoil = "signature" if spoil is True else spoil or ""
        if spoil and spoil not in SPOILS:
            raise Invalid("spoil", "must be true or one of " + ", ".join(SPOILS))
        if wanted.get("again"):
            sent = self._sent_of(bundle)
            if not sent:
                raise Invalid("again", "nothing was sent to this case yet")
            row = sent[-1]
        else:
            row = self._compose(wanted, bundle, spoil)
            self.sent.put(row)
        return await self._post(url, row, spoil, wanted)

    def _find(self, wanted: Row) -> Row:
        """The newest bundle of the one case that fits: bundles of one case supersede each other."""
        if not wanted.get("case_match") and not wanted.get("match"):
            raise Invalid("case_match", "case_match or match is needed")
        found = [row for row in self.bundles.rows()
                 if wanted.get("case_match", "") in to_line(
                     {name: value for name, value in row.items() if name != "documents"})
                 and matches(wanted.get("match", {}), row)]
        cases = {row["case_id"] for row in found}
        if len(cases) != 1:
            raise Invalid("case_match", f"fits {len(cases)} cases with a bundle, one is needed")
        return found[-1]

    def _compose(self, wanted: Row, bundle: Row, spoil: str) -> Row:
        kind = wanted.get("kind")
        if kind is None:
            raise Invalid("kind", "is required")
        if (kind == "status") != ("status" in wanted):
            raise Invalid("status", "goes with kind status, and only with it")
        if wanted.get("status") == "hearing" and "hearing_date" not in wanted:
            raise Invalid("hearing_date", "is required for a hearing")
        if kind == "award" and "award" not in wanted:
            raise Invalid("award", "is required for an award")
        message_id = wanted.get("message_id", "cnda-msg-" + secrets.token_hex(8))
        if self.sent.get(message_id) is not None:
            raise Invalid("message_id", "was used before; `again` repeats the last message")
        sequence = wanted.get("sequence", self._next_sequence(bundle))
        content = {"institution": INSTITUTION, "case_id": bundle["case_id"],
                   "referral": bundle["referral"], "message_id": message_id,
                   "sequence": sequence, "kind": kind}
        for name in ("status", "hearing_date"):
            if name in wanted:
                content[name] = wanted[name]
        if "award" in wanted:
            content["award"] = self._award(wanted["award"], bundle)
        row = {"message_id": message_id, "case_id": bundle["case_id"],
               "referral": bundle["referral"], "sequence": sequence, "at": now_rfc3339(),
               "content": content}
        return {**row, "spoil": spoil} if spoil else row

    def _next_sequence(self, bundle: Row) -> int:
        sent = self._sent_of(bundle)
        return sent[-1]["sequence"] + 1 if sent else 1

    @staticmethod
    def _award(award: Row, bundle: Row) -> Row:
        whole_award = {"currency": "CNY", "fee_consumer_minor": 0, "fee_merchant_minor": 0, **award}
        paper = to_bytes({"case_id": bundle["case_id"], "referral": bundle["referral"],
                          **whole_award})
        whole_award.setdefault("document_sha256", hashlib.sha256(paper).hexdigest())
        return whole_award

    async def _post(self, url: str, row: Row, spoil: str, wanted: Row) -> Row:
        """Repeats the same bytes until a 2xx; a 4xx is an answer, not an accident."""
        body = to_bytes(row["content"])
        signature = rsa_sign(self.private_key, body)
        if spoil == "signature":
            signature = damage(signature)
        elif spoil == "body":
            body += b" "
        keyid = "cn-demo-arb-unknown" if spoil == "keyid" else OUR_KEYID
        headers = {"Content-Type": "application/json", "Institution-Signature":
                   f'keyid="{keyid}",alg="{ALGORITHM}",signature="{signature}"'}
        attempts = wanted.get("attempts", 1 if spoil else len(RETRY_DELAYS_S))
        shown = {**row["content"], **({"spoil": spoil} if spoil else {})}
        sent = [await self.deliver(f"send.{row['content']['kind']}", url, attempts,
                                   lambda: (body, headers), shown,
                                   give_up=lambda status: 400 <= status < 500)
                for _ in range(wanted.get("times", 1))]
        return {**sent[-1], "message": row["content"], "deliveries": sent}

    # ---- control API ---------------------------------------------------------------------

    def know_fee(self, fact: Row) -> Row:
        """The fee told with the receipt of a bundle that holds the text."""
        check_fields(fact, {"case_match": text(256, True), "amount_minor": whole(0, True),
                            "due_from": Field(str, one_of=("CONSUMER", "MERCHANT")),
                            "paid_to_institution": Field(bool)})
        return {"fee": self.remember("fee", {"due_from": "CONSUMER", "paid_to_institution": False,
                                             **fact})}

    knows = {"fee": know_fee}


if __name__ == "__main__":
    run(Institution, arguments(__doc__.splitlines()[0]))
