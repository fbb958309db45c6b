"""The one server under all three stand-ins: calls, records, control API, start and stop.

A stand-in subclasses StandIn, names its calls and tables, and gives one plain
function per call. Those functions do not await: between checking a number and
keeping its bill nothing else runs, so idempotency has no race.
"""
from __future__ import annotations

import argparse
import asyncio
import datetime
import ipaddress
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Awaitable, Callable

import aiohttp
from aiohttp import web

from matching import Field, Invalid, Rules
from records import Log, Row, Table, to_line
from signing import KeyProblem

BODY_LIMIT = 6 * 1024 * 1024
SENT_TIMEOUT_S = 5.0  # WECHAT.md 1: a callback is acknowledged within 5 s
RETRY_DELAYS_S = (0.0, 0.2, 0.5, 1.0, 2.0)  # bounded; real ones wait longer, tests cannot
KINDS = ("bills", "refunds", "messages", "bundles")
HEADERS_OF_INTEREST = ("Authorization", "Wechatpay-Serial", "Content-Type", "Heshi-Signature",
                       "Heshi-Message-Id", "traceparent", "User-Agent")


def now_rfc3339() -> str:
    """Real time with the zone the originals answer in."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.now(zone).isoformat(timespec="seconds")


@dataclass
class Answer:
    """What goes back: a status and a JSON object, or no body at all."""

    status: int
    body: Row | None = None


class Refusal(Exception):
    """Ends a call with an answer of the original's error form."""

    def __init__(self, status: int, body: Row) -> None:
        super().__init__(str(body))
        self.answer = Answer(status, body)


@dataclass
class Exchange:
    """One call that came in: raw bytes for signatures, parsed JSON for rules."""

    call: str
    request: web.Request
    raw: bytes
    body: Any = None
    after: list[Callable[[], Awaitable[Any]]] = field(default_factory=list)

    @property
    def parts(self) -> Row:
        """Path parts and query; the access token is a secret and stays out."""
        query = {k: v for k, v in self.request.query.items() if k != "access_token"}
        return {**query, **self.request.match_info}

    def header(self, name: str) -> str:
        return self.request.headers.get(name, "")


Handler = Callable[[Exchange], Answer]


class StandIn:
    """Base of the three. Subclasses set name, calls and knowledge, and override the hooks."""

    name = ""
    calls: tuple[str, ...] = ()
    knows: dict[str, Callable[[Row], Any]] = {}

    def __init__(self, options: argparse.Namespace) -> None:
        directory = Path(options.records)
        self.call_log = Log(directory, "calls", options.keep_calls)
        self.rules = Rules(Table(directory, "rules", "id"), self.calls)
        self.known = Table(directory, "known", "id")
        self.tables: dict[str, Table] = {}
        self.session: aiohttp.ClientSession | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self.app = web.Application(client_max_size=BODY_LIMIT)
        router = self.app.router
        router.add_get("/_standin/health", self._health)
        router.add_get("/_standin/records", self._controlled(self._records))
        router.add_post("/_standin/know", self._controlled(self._know))
        router.add_post("/_standin/behave", self._controlled(self._behave))
        router.add_post("/_standin/send", self._controlled(self._send))
        self.app.on_startup.append(self._open_session)
        self.app.on_cleanup.append(self._close_session)

    # ---- hooks ------------------------------------------------------------

    def failure(self, rule: Row) -> Answer:
        """The answer of an injected error, in the original's form."""
        raise NotImplementedError

    def malformed(self, err: Invalid) -> Answer:
        """The answer when a documented field is wrong."""
        raise NotImplementedError

    def finish(self, answer: Answer, spoil: bool) -> web.Response:
        """Bytes and headers; WeChat Pay signs here."""
        return json_response(answer)

    def about(self, exchange: Exchange) -> Row:
        """What is known about the subject of a call that carries only a number."""
        return {}

    def recorded_body(self, exchange: Exchange) -> Any:
        """The body as records show it; override to leave out secrets and bulk."""
        if exchange.body is not None:
            return exchange.body
        return exchange.raw.decode(errors="replace") or None

    def recorded_answer(self, answer: Answer) -> Any:
        """The answer as records show it; override to leave out secrets."""
        return answer.body

    async def send(self, wanted: Row) -> Row:
        """The control call /_standin/send."""
        raise Invalid("body", f"{self.name} sends nothing on its own")

    # ---- calls that come in -------------------------------------------------

    def route(self, method: str, path: str, call: str, handler: Handler) -> None:
        """Serves one documented call."""
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(call, handler, request)
        self.app.router.add_route(method, path, serve)

    async def _serve(self, call: str, handler: Handler, request: web.Request) -> web.StreamResponse:
        started = time.monotonic()
        raw = await request.read()
        exchange = Exchange(call, request, raw, parse_json(raw))
        about = self.about(exchange)
        rule = self.rules.take(call, exchange.body, exchange.parts, dict(request.headers), about) or {}
        action = rule.get("action", "")
        if "delay_ms" in rule:
            await asyncio.sleep(rule["delay_ms"] / 1000)
        refuse = action == "error" and not rule.get("accepted", False)
        if action == "drop_before_accept":
            answer = None
        elif refuse:
            answer = self.failure(rule)
        else:
            answer = self._decide(handler, exchange)
            if action == "error":
                answer = self.failure(rule)
        dropped = action.startswith("drop_")
        self._record(exchange, answer, about, action, dropped, started)
        for later in exchange.after:
            self.in_background(later())
        if dropped or answer is None:
            # Closing before anything is written is what a client sees as "connection reset".
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
        return self.finish(answer, action == "spoil_answer")

    def _decide(self, handler: Handler, exchange: Exchange) -> Answer:
        try:
            return handler(exchange)
        except Refusal as refusal:
            return refusal.answer
        except Invalid as err:
            return self.malformed(err)

    def _record(self, exchange: Exchange, answer: Answer | None, about: Row, action: str,
                dropped: bool, started: float) -> None:
        request = exchange.request
        row: Row = {
            "seq": self.call_log.total + 1, "at": now_rfc3339(), "direction": "in",
            "call": exchange.call, "method": request.method, "path": request.path,
            "parts": exchange.parts,
            "headers": {name: request.headers[name] for name in HEADERS_OF_INTEREST
                        if name in request.headers},
            "body": self.recorded_body(exchange),
            "status": 0 if answer is None else answer.status,
            "answer": None if answer is None else self.recorded_answer(answer),
        }
        if about:
            row["about"] = about
        if action:
            row["behaved"] = action
        if dropped:
            row["dropped"] = True
        self.call_log.add(row)
        self.say("call", call=exchange.call, method=request.method, path=request.path,
                 status=row["status"], behaved=action or None,
                 ms=round((time.monotonic() - started) * 1000, 1))

    # ---- calls that go out --------------------------------------------------

    async def deliver(self, call: str, url: str, attempts: int,
                      make: Callable[[], tuple[bytes, dict[str, str]]], shown: Row,
                      give_up: Callable[[int], bool] = lambda status: False) -> Row:
        """POSTs until a 2xx, at most `attempts` times; `make` signs each attempt anew.

        Answers {status, attempts, answer}; status 0 = no answer at all."""
        assert self.session is not None
        status, reply, tried = 0, "", 0
        for delay in _delays(attempts):
            await asyncio.sleep(delay)
            tried += 1
            started = time.monotonic()
            body, headers = make()
            try:
                async with self.session.post(url, data=body, headers=headers,
                                             allow_redirects=False) as response:
                    status, reply = response.status, (await response.text(errors="replace"))[:2000]
            except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as err:
                status, reply = 0, type(err).__name__
            self.call_log.add({
                "seq": self.call_log.total + 1, "at": now_rfc3339(), "direction": "out",
                "call": call, "method": "POST", "path": url, "headers": headers,
                "body": shown, "attempt": tried, "status": status, "answer": reply})
            self.say("sent", call=call, attempt=tried, status=status,
                     ms=round((time.monotonic() - started) * 1000, 1))
            if 200 <= status < 300 or give_up(status):
                break
        return {"status": status, "attempts": tried, "answer": reply}

    def in_background(self, work: Awaitable[Any]) -> None:
        """Runs on, held by us: the loop itself keeps only a weak reference."""
        async def guarded() -> None:
            try:
                await work
            except Invalid as err:
                self.say("background", error=str(err))
        task = asyncio.ensure_future(guarded())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # ---- control API ----------------------------------------------------------

    def _controlled(self, handler: Callable[[web.Request], Awaitable[Row]]
                    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            if not is_near(request.remote):
                return json_response(Answer(403, {"error": "control calls come from loopback only"}))
            try:
                answer = Answer(200, await handler(request))
            except Invalid as err:
                answer = Answer(400, {"error": str(err), "field": err.field})
            self.say("control", path=request.path, status=answer.status)
            return json_response(answer)
        return serve

    async def _health(self, request: web.Request) -> web.Response:
        return json_response(Answer(200, {"standin": self.name, "status": "ok",
                                          "calls": self.call_log.total}))

    async def _records(self, request: web.Request) -> Row:
        wanted = request.query.get("match", "")
        shown: Row = {"calls": self.call_log.rows(wanted)}
        for kind in KINDS:
            shown[kind] = self.tables[kind].rows(wanted) if kind in self.tables else []
        return shown

    async def _know(self, request: web.Request) -> Row:
        wanted = await read_object(request)
        kind = wanted.get("kind")
        if kind not in self.knows:
            raise Invalid("kind", "must be one of " + ", ".join(self.knows))
        done = self.knows[kind](self, {k: v for k, v in wanted.items() if k != "kind"})
        return {"known": kind, **(await done if asyncio.iscoroutine(done) else done)}

    def remember(self, kind: str, fact: Row) -> Row:
        """Keeps one fact of the control API over a restart."""
        row = {"id": f"known-{len(self.known) + 1}", "kind": kind, **fact}
        self.known.put(row)
        return row

    def facts(self, kind: str) -> list[Row]:
        """Facts of a kind, the newest first: what was said last counts."""
        return [row for row in reversed(self.known.rows()) if row["kind"] == kind]

    async def _behave(self, request: web.Request) -> Row:
        wanted = await read_object(request)
        if wanted == {"clear": True}:
            return {"cleared": self.rules.clear()}
        return {"rule": self.rules.add(wanted)}

    async def _send(self, request: web.Request) -> Row:
        return await self.send(await read_object(request))

    # ---- process ----------------------------------------------------------------

    async def _open_session(self, app: web.Application) -> None:
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SENT_TIMEOUT_S))

    async def _close_session(self, app: web.Application) -> None:
        for task in self._background:
            task.cancel()
        if self.session is not None:
            await self.session.close()

    def say(self, event: str, **more: Any) -> None:
        """One JSON line on stdout; ids and figures only, never bodies or people."""
        row = {"at": now_rfc3339(), "level": "info", "standin": self.name, "event": event}
        row.update({k: v for k, v in more.items() if v is not None})
        print(to_line(row), flush=True)


# ---- small shared pieces --------------------------------------------------------

def json_response(answer: Answer, raw: bytes | None = None,
                  headers: dict[str, str] | None = None) -> web.Response:
    """JSON bytes as every stand-in sends them; `raw` when they were signed before."""
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    return web.Response(status=answer.status, headers=headers, content_type="application/json",
                        charset="utf-8", body=to_bytes(answer.body) if raw is None else raw)


def to_bytes(body: Row) -> bytes:
    """The bytes that are sent, and so the bytes that are signed."""
    return to_line(body).encode()


def parse_json(raw: bytes) -> Any:
    """JSON, or None. NaN, repeated names and halves of surrogate pairs are no JSON to us."""
    def no_constant(name: str) -> None:
        raise ValueError(name)

    def no_repeats(pairs: list[tuple[str, Any]]) -> Row:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("repeated name")
        return dict(pairs)
    try:
        value = json.loads(raw.decode(), parse_constant=no_constant, object_pairs_hook=no_repeats)
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        return None


async def read_object(request: web.Request) -> Row:
    """The JSON object of a control call."""
    body = parse_json(await request.read())
    if not isinstance(body, dict):
        raise Invalid("body", "a JSON object is needed")
    return body


@dataclass
class Trust:
    """Who is as good as loopback: nobody, unless the stand-ins run in containers (STANDIN_TRUST)."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def read(cls, words: str) -> "Trust":
        """Networks (172.16.0.0/12) for the control API, host names for callbacks in plain http."""
        hosts, networks = set(), []
        for word in filter(None, (part.strip() for part in words.split(","))):
            if "/" in word:
                networks.append(ipaddress.ip_network(word))
            else:
                hosts.add(word)
        return cls(frozenset(hosts), tuple(networks))


TRUST = Trust()


def is_near(remote: str | None) -> bool:
    """May this address use the control API?"""
    try:
        address = ipaddress.ip_address((remote or "").split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in TRUST.networks)


def is_callback_url(url: Any, most: int = 256) -> bool:
    """https without a query, as documented; plain http on loopback, as a sandbox has it."""
    if not isinstance(url, str) or len(url) > most or "?" in url or "#" in url:
        return False
    if url.startswith("https://"):
        return len(url) > len("https://")
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "http://[::1]:")) or any(
        url.startswith((f"http://{host}:", f"http://{host}/")) for host in TRUST.hosts)


def _delays(attempts: int) -> list[float]:
    return [RETRY_DELAYS_S[min(n, len(RETRY_DELAYS_S) - 1)] for n in range(attempts)]


ATTEMPTS = Field(int, least=1, most=20)
"""`attempts` in control calls that send something."""


def arguments(description: str) -> argparse.ArgumentParser:
    """The options every stand-in has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--listen", required=True, metavar="HOST:PORT", help="port 0 picks a free one")
    parser.add_argument("--records", required=True, metavar="DIR", help="where its records live")
    parser.add_argument("--keys", required=True, metavar="DIR", help="key files, see README.md")
    parser.add_argument("--keep-calls", type=int, default=100_000, metavar="N",
                        help="calls that /_standin/records can show (the file keeps all)")
    parser.add_argument("--mchid", default=os.environ.get("STANDIN_MCHID", "1900000001"))
    parser.add_argument("--appid", default=os.environ.get("STANDIN_APPID", "wx8888888888888888"))
    parser.add_argument("--merchant-serial", default=os.environ.get(
        "STANDIN_MERCHANT_SERIAL", "HESHIMERCHANT01"))
    parser.add_argument("--trust", default=os.environ.get("STANDIN_TRUST", ""), metavar="NAME|NETWORK,…",
                        help="as good as loopback: host names for plain http callbacks, networks for control calls")
    return parser


def run(make: Callable[[argparse.Namespace], StandIn], parser: argparse.ArgumentParser) -> None:
    """Serves until SIGTERM or SIGINT. Exit code 2: it could not start."""
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    if not host or not port.isdigit():
        parser.error("--listen must be HOST:PORT")
    global TRUST
    try:
        TRUST = Trust.read(options.trust)
        stand_in = make(options)
    except (KeyProblem, OSError, ValueError) as err:
        print(to_line({"level": "error", "event": "start", "error": str(err)}), flush=True)
        sys.exit(2)
    try:
        asyncio.run(_serve_until_told(stand_in, host.strip("[]"), int(port)))
    except OSError as err:
        stand_in.say("start", error=str(err))
        sys.exit(2)


async def _serve_until_told(stand_in: StandIn, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(stand_in.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port, shutdown_timeout=0.5)
    await site.start()
    bound = runner.addresses[0]
    stand_in.say("listening", listen=f"{bound[0]}:{bound[1]}", port=bound[1])
    await stop.wait()
    await runner.cleanup()
    stand_in.say("stopped")
