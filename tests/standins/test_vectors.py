"""The published vectors of tests/vectors: our signing and ciphers are WeChat Pay's."""
from __future__ import annotations

import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import signing  # noqa: E402
from testing import VECTORS  # noqa: E402


class Vectors(unittest.TestCase):
    """Our signing is the published one."""

    def setUp(self) -> None:
        self.signing = json.loads((VECTORS / "wechatpay-signing.json").read_text())
        self.keys: dict[str, Any] = {}
        for name, key in self.signing["keys"].items():
            path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "key.pem"
            path.write_text(key["testing_key_pem"].replace("TESTING", "PRIVATE"))
            self.keys[name] = signing.read_private(path)

    def test_signing_vectors(self) -> None:
        for vector in self.signing["vectors"]:
            with self.subTest(vector["id"]):
                self._one(vector["kind"], vector["inputs"], vector["expected"])

    def _one(self, kind: str, given: Any, expected: Any) -> None:
        ok = expected["result"] == "ok"
        key = self.keys.get(given.get("key"))
        if kind == "rsa-sha256-sign":
            self.assertEqual(signing.rsa_sign(key, given["message"].encode()),
                             expected["signature_base64"])
        elif kind == "rsa-sha256-verify":
            serials = [c["serial"] for c in self.signing["keys"][given["key"]]["certificates"]]
            self.assertEqual(ok, given["serial"] in serials and signing.rsa_verify(
                key.public_key(), given["message"].encode(), given["signature_base64"]))
        elif kind in ("request-message", "request-authorization"):
            url = given.get("canonical_url") or "/" + given["url"].split("://")[1].partition("/")[2]
            message = signing.request_message(given["method"], url, given["timestamp"],
                                              given["nonce_str"], given["body"].encode())
            if "message" in expected:
                self.assertEqual(message.decode(), expected["message"])
            if "signature_base64" in expected:
                self.assertEqual(signing.rsa_sign(key, message), expected["signature_base64"])
        elif kind == "callback-verify":
            head = given["headers"]
            message = signing.answer_message(head["Wechatpay-Timestamp"], head["Wechatpay-Nonce"],
                                             given["body"].encode())
            self.assertEqual(ok, signing.is_fresh(head["Wechatpay-Timestamp"], int(given["now"]))
                             and signing.rsa_verify(key.public_key(), message,
                                                    head["Wechatpay-Signature"]))
        elif kind == "rsa-oaep-sha1-decrypt":
            self.assertEqual(signing.oaep_decrypt(key, given["ciphertext_base64"]),
                             expected.get("plaintext"))
        else:
            self.fail(f"a kind without a test: {kind}")

    def test_aead_vectors(self) -> None:
        for vector in json.loads((VECTORS / "wechatpay-aead.json").read_text())["vectors"]:
            given, expected = vector["inputs"], vector["expected"]
            with self.subTest(vector["id"]):
                if vector["kind"] == "apiv3-key-config":
                    path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "apiv3.key"
                    path.write_text(given["key"])
                    if expected["result"] == "ok":
                        signing.read_secret(path, 32)
                    else:
                        self.assertRaises(signing.KeyProblem, signing.read_secret, path, 32)
                    continue
                part = given.get("resource", given)
                cipher = part.get("ciphertext_base64", part.get("ciphertext"))
                args = given["key"].encode(), part["nonce"], part["associated_data"]
                plain = signing.gcm_decrypt(*args, cipher, given["level"] == "protocol")
                if expected["result"] == "reject":
                    self.assertIsNone(plain)
                else:
                    assert plain is not None
                    self.assertEqual(plain.decode(), expected["plaintext"])
                    if expected.get("reversible"):
                        self.assertEqual(signing.gcm_encrypt(*args, plain), cipher)


if __name__ == "__main__":
    unittest.main()
