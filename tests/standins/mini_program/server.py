#!/usr/bin/python3
"""Stand-in of the mini-program server API, and of the merchant's webhook.

Documented behaviour: WECHAT.md 5.1 and 5.2. A failure is HTTP 200 with a
non-zero errcode. Consent is counted per (openid, template); whoever the control
API said nothing about has given consent without limit.
"""
from __future__ import annotations

import argparse
import hashlib
import hmac
import re
import secrets
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from common import Answer, Exchange, Refusal, StandIn, arguments, now_rfc3339, run  # noqa: E402
from matching import Field, Invalid, check_fields, text, whole  # noqa: E402
from records import Row, Table  # noqa: E402
from signing import read_secret, webhook_problem  # noqa: E402
from templates import key_type, value_fits  # noqa: E402

TOKEN_S = 7200
OVERLAP_S = 300
FORCED_APART_S = 30
FORCED_A_DAY = 20
OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")
TEMPLATE = re.compile(r"[0-9A-Za-z_-]{1,64}")
PAGE = re.compile(r"[0-9A-Za-z_\-./]+(\?[^\s#]*)?(#[^\s]*)?")


def refuse(errcode: int, errmsg: str) -> Refusal:
    """The original's error form: HTTP 200, the truth in errcode."""
    return Refusal(200, {"errcode": errcode, "errmsg": errmsg})


class MiniProgram(StandIn):
    """Keeps tokens, consents and messages; webhook messages by their Heshi-Message-Id."""

    name = "mini_program"
    calls = ("token", "message.send", "webhook")

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options)
        keys, directory = Path(options.keys), Path(options.records)
        self.appid = options.appid
        self.secret = read_secret(keys / "mini_program.secret").decode()
        self.webhook_secret = read_secret(keys / "webhook.secret")
        self.messages = self.tables["messages"] = Table(directory, "messages", "id")
        self.tokens = Table(directory, "tokens", "access_token")
        self.consents = Table(directory, "consents", "id")
        self.templates = Table(directory, "templates", "template_id")
        self.route("POST", "/cgi-bin/stable_token", "token", self.stable_token)
        self.route("POST", "/cgi-bin/message/subscribe/send", "message.send", self.send_message)
        self.route("POST", "/merchant/webhook", "webhook", self.webhook)
        self.route("POST", "/merchant/webhook/{merchant_id}", "webhook", self.webhook)

    # ---- form of answers ----------------------------------------------------

    def failure(self, rule: Row) -> Answer:
        message = rule.get("message", "injected by the control API")
        if rule["call"] == "webhook":
            return Answer(rule.get("status", 500), {"error": message})
        if "code" not in rule:
            return Answer(rule["status"], None)
        code = rule["code"]
        return Answer(rule.get("status", 200),
                      {"errcode": int(code) if str(code).lstrip("-").isdigit() else -1,
                       "errmsg": message})

    def malformed(self, err: Invalid) -> Answer:
        return Answer(200, {"errcode": 47001, "errmsg": f"data format error: {err}"})

    def recorded_body(self, exchange: Exchange) -> Any:
        body = super().recorded_body(exchange)
        if isinstance(body, dict) and "secret" in body:
            return {**body, "secret": "(hidden)"}
        return body

    def recorded_answer(self, answer: Answer) -> Any:
        if answer.body is not None and "access_token" in answer.body:
            return {**answer.body, "access_token": "(hidden)"}
        return answer.body

    @staticmethod
    def _object(exchange: Exchange) -> Row:
        if not exchange.raw:
            raise refuse(44002, "empty post data")
        if not isinstance(exchange.body, dict):
            raise refuse(47001, "data format error")
        return exchange.body

    # ---- token ---------------------------------------------------------------

    def stable_token(self, exchange: Exchange) -> Answer:
        body = self._object(exchange)
        if body.get("grant_type") != "client_credential":
            raise refuse(40002, "invalid grant_type")
        if body.get("appid") != self.appid:
            raise refuse(40013, "invalid appid")
        given = body.get("secret")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self.secret.encode()):
            raise refuse(40001, "invalid credential, secret is invalid")
        force = body.get("force_refresh", False)
        if not isinstance(force, bool):
            raise refuse(47001, "data format error: force_refresh must be a boolean")
        now = time.time()
        newest = self._newest()
        if force:
            self._check_forced(now)
        elif newest is not None and newest["ends"] - now > OVERLAP_S:
            return token_answer(newest, now)
        return token_answer(self._new_token(now, newest, force), now)

    def _newest(self) -> Row | None:
        rows = self.tokens.rows()
        return rows[-1] if rows and not rows[-1]["dead"] else None

    def _check_forced(self, now: float) -> None:
        forced = [row["made"] for row in self.tokens.rows()
                  if row["forced"] and now - row["made"] < 86_400]
        if forced and now - forced[-1] < FORCED_APART_S:
            raise refuse(45011, f"forced refreshes must lie {FORCED_APART_S} s apart")
        if len(forced) >= FORCED_A_DAY:
            raise refuse(45009, "reach max api daily quota limit: forced refresh")

    def _new_token(self, now: float, newest: Row | None, forced: bool) -> Row:
        """The newest stays valid for its last minutes; everything older dies."""
        for row in self.tokens.rows():
            if newest is None or row["access_token"] != newest["access_token"]:
                if not row["dead"]:
                    self.tokens.put({**row, "dead": True})
        if newest is not None:
            self.tokens.put({**newest, "ends": min(newest["ends"], now + OVERLAP_S)})
        token = {"access_token": "91_" + secrets.token_urlsafe(96), "made": now,
                 "ends": now + TOKEN_S, "forced": forced, "dead": False}
        self.tokens.put(token)
        return token

    def _check_token(self, exchange: Exchange) -> None:
        given = exchange.request.query.get("access_token", "")
        if not given:
            raise refuse(41001, "access_token missing")
        token = self.tokens.get(given)
        if token is None or token["dead"]:
            raise refuse(40001, "invalid credential, access_token is invalid or not latest")
        if token["ends"] <= time.time():
            raise refuse(42001, "access_token expired")

    # ---- subscribe message ------------------------------------------------------

    def send_message(self, exchange: Exchange) -> Answer:
        self._check_token(exchange)
        body = self._object(exchange)
        if not isinstance(body.get("touser"), str) or not OPENID.fullmatch(body["touser"]):
            raise refuse(40003, "invalid openid")
        template = body.get("template_id")
        if not isinstance(template, str) or not TEMPLATE.fullmatch(template):
            raise refuse(40037, "invalid template_id")
        check_fields(body, {
            "touser": text(64, True), "template_id": text(64, True), "page": Field(str),
            "data": Field(dict, True),
            "miniprogram_state": Field(str, one_of=("developer", "trial", "formal")),
            "lang": Field(str, one_of=("zh_CN", "en_US", "zh_HK", "zh_TW"))})
        page = body.get("page", "")
        if page and (len(page) > 1024 or not PAGE.fullmatch(page)):
            raise refuse(41030, "invalid page")
        self._check_data(template, body["data"])
        self._use_consent(body["touser"], template)
        number = len(self.messages) + 1
        self.messages.put({"id": f"subscribe-{number}", "channel": "subscribe",
                           "at": now_rfc3339(), **body})
        return Answer(200, {"errcode": 0, "errmsg": "ok", "msgid": 3_000_000_000_000_000 + number})

    def _check_data(self, template: str, data: Row) -> None:
        known = self.templates.get(template)
        listed = {} if known is None else known["fields"]
        for key in ([*listed] if known is not None else []):
            if key not in data:
                raise refuse(47003, f"argument invalid! data.{key}.value is empty")
        if not data:
            raise refuse(47003, "argument invalid! data is empty")
        for key, item in data.items():
            fits = (known is None or key in listed) and isinstance(item, dict) \
                and set(item) == {"value"} and value_fits(key, item["value"], listed.get(key))
            if not fits:
                raise refuse(47003, f"argument invalid! data.{key}.value invalid")

    def _use_consent(self, openid: str, template: str) -> None:
        """The exact pair counts first, then what was said of the openid for any template."""
        for name in (template, "*"):
            consent = self.consents.get(f"{openid} {name}")
            if consent is None:
                continue
            if consent["count"] <= 0:
                raise refuse(43101, "user refuse to accept the msg")
            self.consents.put({**consent, "count": consent["count"] - 1})
            return

    # ---- merchant's webhook ------------------------------------------------------

    def webhook(self, exchange: Exchange) -> Answer:
        problem = webhook_problem(self.webhook_secret, exchange.header("Heshi-Signature"),
                                  exchange.raw)
        if problem is not None:
            raise Refusal(401, {"error": problem})
        message_id = exchange.header("Heshi-Message-Id")
        if not re.fullmatch(r"[\x21-\x7e]{1,128}", message_id):
            raise Refusal(400, {"error": "Heshi-Message-Id is missing or longer than 128"})
        if not isinstance(exchange.body, dict):
            raise Refusal(400, {"error": "the body must be a JSON object in UTF-8"})
        row_id = f"webhook-{message_id}"
        digest = hashlib.sha256(exchange.raw).hexdigest()
        known = self.messages.get(row_id)
        if known is not None and known["sha256"] != digest:
            raise Refusal(409, {"error": "this Heshi-Message-Id came with another body"})
        if known is None:
            known = {"id": row_id, "channel": "webhook", "at": now_rfc3339(),
                     "message_id": message_id, "sha256": digest, "deliveries": 0,
                     **exchange.request.match_info, "body": exchange.body}
        self.messages.put({**known, "deliveries": known["deliveries"] + 1})
        return Answer(202, {"message_id": message_id})

    # ---- control API ----------------------------------------------------------------

    def know_consent(self, fact: Row) -> Row:
        """From now on this openid has `count` sends of the template (default: of any)."""
        check_fields(fact, {"openid": text(64, True), "template": text(64),
                            "count": whole(0, True, 1_000_000)})
        template = fact.get("template", "*")
        row = {"id": f"{fact['openid']} {template}", "openid": fact["openid"],
               "template": template, "count": fact["count"]}
        self.consents.put(row)
        return {"consent": row}

    def know_template(self, fact: Row) -> Row:
        """Exactly these keys make the template; a list gives the values of an enum or const."""
        check_fields(fact, {"template_id": text(64, True), "fields": Field(dict, True)})
        for key, listed in fact["fields"].items():
            if key_type(key) is None:
                raise Invalid(f"fields.{key}", "is not <type><number>")
            if listed is not None and not (isinstance(listed, list)
                                           and all(isinstance(item, str) for item in listed)):
                raise Invalid(f"fields.{key}", "must be null or a list of strings")
        self.templates.put(fact)
        return {"template": fact}

    def know_token(self, fact: Row) -> Row:
        """Ends every token: `expired` answers 42001, `invalid` 40001."""
        check_fields(fact, {"state": Field(str, True, one_of=("expired", "invalid"))})
        rows = [row for row in self.tokens.rows() if not row["dead"]]
        for row in rows:
            changed = {"ends": 0} if fact["state"] == "expired" else {"dead": True}
            self.tokens.put({**row, **changed})
        return {"tokens": len(rows)}

    knows = {"consent": know_consent, "template": know_template, "token": know_token}


def token_answer(token: Row, now: float) -> Answer:
    return Answer(200, {"access_token": token["access_token"],
                        "expires_in": max(0, int(token["ends"] - now))})


if __name__ == "__main__":
    run(MiniProgram, arguments(__doc__.splitlines()[0]))
