"""What the tests of the stand-ins need: keys, running servers, a client of each, a door to call, a class over these."""
from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import json
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from signing import request_message, rsa_sign, webhook_signature

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
MCHID, APPID, SERIAL = "1900000001", "wx8888888888888888", "HESHIMERCHANT01"
BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
REFUNDS = "/v3/refund/domestic/refunds"


def make_keys(directory: Path) -> dict[str, rsa.RSAPrivateKey]:
    """Fresh keys of every party; the two private ones of ours are written beside the public."""
    directory.mkdir(parents=True, exist_ok=True)
    keys = {}
    for name in ("merchant", "wechatpay", "institution", "arbitration"):
        key = keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        (directory / f"{name}_private.pem").write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        (directory / f"{name}_public.pem").write_bytes(key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    (directory / "apiv3.key").write_text("0123456789abcdef0123456789abcdef\n")
    (directory / "mini_program.secret").write_text("mini-program-secret\n")
    (directory / "webhook.secret").write_text("webhook-secret\n")
    return keys


class Reply:
    """An answer as a client sees it; status 0 = the connection ended without one."""

    def __init__(self, status: int, body: bytes = b"", headers: Any = None) -> None:
        self.status, self.raw, self.headers = status, body, headers or {}

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


class Server:
    """One stand-in as a process of its own, on a port it picks."""

    def __init__(self, name: str, records: Path, keys: Path) -> None:
        self.name, self.records, self.keys = name, records / name, keys
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / self.name / "server.py"), "--listen", "127.0.0.1:0",
             "--records", str(self.records), "--keys", str(self.keys)],
            stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Reads on, or a full pipe would stop the server."""
        with self.process.stdout as out:  # type: ignore[union-attr]
            self.log.extend(out)

    def kill(self) -> None:
        """As kill -9 does: nothing is flushed that was not written."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(timeout=10)
        self._reader.join()
        return code

    def call(self, method: str, path: str, body: bytes = b"",
             headers: dict[str, str] | None = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body or None, headers or {})
            response = connection.getresponse()
            return Reply(response.status, response.read(), response.headers)
        except (http.client.HTTPException, ConnectionError):
            return Reply(0)
        finally:
            connection.close()

    def control(self, what: str, **wanted: Any) -> Reply:
        return self.call("POST", f"/_standin/{what}", json.dumps(wanted).encode(),
                         {"Content-Type": "application/json"})

    def records_of(self, match: str = "") -> Any:
        return self.call("GET", f"/_standin/records?match={match}").json


class Merchant:
    """Calls WeChat Pay as a merchant does."""

    def __init__(self, server: Server, key: rsa.RSAPrivateKey) -> None:
        self.server, self.key = server, key

    def call(self, method: str, path: str, body: Any = None, age_s: int = 0,
             **changed: Any) -> Reply:
        """`changed` replaces a field of the Authorization, or `sent`: the bytes after signing;
        `key_serial` names the key of a sealed field."""
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        given = {"mchid": MCHID, "nonce_str": secrets.token_hex(16),
                 "timestamp": str(int(time.time()) - age_s), "serial_no": SERIAL}
        given["signature"] = rsa_sign(self.key, request_message(
            method, path, given["timestamp"], given["nonce_str"], raw))
        sent, key_serial = changed.pop("sent", raw), changed.pop("key_serial", "")
        given.update(changed)
        header = "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{k}="{v}"' for k, v in given.items())
        return self.server.call(method, path, sent, {
            "Authorization": header, "Content-Type": "application/json",
            "Accept": "application/json", **({"Wechatpay-Serial": key_serial} if key_serial else {})})

    def transfer(self, number: str, **changed: Any) -> Reply:
        return self.call("POST", BILLS, transfer(number, **changed))

    def bill(self, number: str) -> Reply:
        return self.call("GET", f"{BILLS}/out-bill-no/{number}")

    def refund(self, number: str, **changed: Any) -> Reply:
        return self.call("POST", REFUNDS, refund(number, **changed))


def transfer(number: str, **changed: Any) -> dict[str, Any]:
    return {"appid": APPID, "out_bill_no": number, "transfer_scene_id": "1011",
            "openid": "oc1012-t1", "transfer_amount": 36800, "transfer_remark": "争议赔付",
            "user_recv_perception": "退款", "transfer_scene_report_infos": [
                {"info_type": "赔付原因", "info_content": "商家逾期未履行"}], **changed}


def refund(number: str, **changed: Any) -> dict[str, Any]:
    return {"transaction_id": "4200000001", "out_refund_no": number, "reason": "争议退款",
            "amount": {"refund": 5000, "total": 12900, "currency": "CNY"}, **changed}


def oaep(key: rsa.RSAPublicKey, plain: str) -> str:
    return base64.b64encode(key.encrypt(plain.encode(), padding.OAEP(
        padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))).decode()


def bundle(case_id: str, url: str, **changed: Any) -> dict[str, Any]:
    paper = "申诉书"
    return {"bundle_id": f"b-{case_id}", "case_id": case_id, "referral": "1",
            "claim": {"order_id": f"o-{case_id}", "amount_minor": 680000},
            "manifest": [{"name": "filing", "sha256": hashlib.sha256(paper.encode()).hexdigest(),
                          "size_bytes": len(paper.encode()), "media_type": "text/plain"},
                         {"name": "e1", "sha256": "0" * 64, "size_bytes": 0,
                          "media_type": "image/png"}],
            "documents": {"filing": {"text": paper}}, "callback_url": url, **changed}


def signed_bundle(key: rsa.RSAPrivateKey, body: Any) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(body, ensure_ascii=False).encode()
    return raw, {"Content-Type": "application/json", "Heshi-Signature":
                 f'keyid="heshi-arbitration",alg="rsa-sha256",signature="{rsa_sign(key, raw)}"'}


def signed_webhook(raw: bytes, message_id: str, age_s: int = 0,
                   secret: bytes = b"webhook-secret") -> dict[str, str]:
    stamp = str(int(time.time()) - age_s)
    return {"Content-Type": "application/json", "Heshi-Message-Id": message_id,
            "Heshi-Signature": f"t={stamp},v1={webhook_signature(secret, stamp, raw)}"}


class Door:
    """Our side of callbacks: keeps what comes, answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, Any]] = []
        self.statuses: list[int] = []
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                door.got.append((raw, self.headers))
                self.send_response(door.statuses.pop(0) if door.statuses else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Tests stay quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


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
