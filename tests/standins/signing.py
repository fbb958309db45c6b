"""Signatures and ciphers of the three outside parties.

Everything here is computed with python3-cryptography and the standard library,
never with our C code: a stand-in that shared our signing code would agree with
its mistakes.
"""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FRESH_S = 300
"""WECHAT.md 1: refuse a timestamp that is 300 s or more away from now, either way."""

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
TAG_BYTES = 16

_PARAM = re.compile(r'\s*([A-Za-z0-9_]+)="([^"]*)"\s*(?:,|$)')


class KeyProblem(Exception):
    """A key file is missing or not what it should be: a start-up error."""


# ---- key files ------------------------------------------------------------

def read_private(path: Path) -> rsa.RSAPrivateKey:
    """Reads an unencrypted PEM private key of at least 2048 bits."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as err:
        raise KeyProblem(f"{path}: {err}") from err
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 2048:
        raise KeyProblem(f"{path}: an RSA key of at least 2048 bits is needed")
    return key


def read_public(path: Path) -> rsa.RSAPublicKey:
    """Reads a PEM public key of at least 2048 bits."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as err:
        raise KeyProblem(f"{path}: {err}") from err
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise KeyProblem(f"{path}: an RSA key of at least 2048 bits is needed")
    return key


def read_secret(path: Path, exact_bytes: int | None = None) -> bytes:
    """Reads a secret; one line feed at its end is an editor's, not the secret's."""
    try:
        value = path.read_bytes()
    except OSError as err:
        raise KeyProblem(f"{path}: {err}") from err
    if value.endswith(b"\n"):
        value = value[:-1]
    if not value or (exact_bytes is not None and len(value) != exact_bytes):
        raise KeyProblem(f"{path}: {exact_bytes or 'some'} bytes are needed, {len(value)} found")
    return value


# ---- RSA ------------------------------------------------------------------

def rsa_sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """SHA-256 with RSA PKCS#1 v1.5, base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def rsa_verify(key: rsa.RSAPublicKey, message: bytes, signature_base64: str) -> bool:
    """True only for a well-formed, matching signature; never raises."""
    try:
        signature = base64.b64decode(signature_base64, validate=True)
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def oaep_decrypt(key: rsa.RSAPrivateKey, ciphertext_base64: str) -> str | None:
    """Sensitive fields of WeChat Pay: OAEP with SHA-1 and MGF1-SHA-1. None = refuse."""
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
    try:
        return key.decrypt(base64.b64decode(ciphertext_base64, validate=True), oaep).decode()
    except (binascii.Error, ValueError):
        return None


# ---- messages that are signed ----------------------------------------------

def request_message(method: str, canonical_url: str, timestamp: str, nonce: str,
                    body: bytes) -> bytes:
    """What a merchant signs: the URL is path and raw query as sent."""
    head = f"{method}\n{canonical_url}\n{timestamp}\n{nonce}\n"
    return head.encode("utf-8", "surrogateescape") + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What WeChat Pay signs on answers and callbacks: the body byte for byte."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def parse_params(text: str) -> dict[str, str] | None:
    """`a="x",b="y"` in any order; None when it is not just that or a name comes twice."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAM.match(text, at)
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[2]
        at = match.end()
    return found or None


def is_fresh(timestamp: str, now: float | None = None) -> bool:
    """Real time only: signatures never follow the sandbox clock."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    return abs((time.time() if now is None else now) - int(timestamp)) < FRESH_S


def damage(signature_base64: str) -> str:
    """Flips one bit in the middle: still base64, still the right length, no longer valid."""
    raw = bytearray(base64.b64decode(signature_base64))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(bytes(raw)).decode()


# ---- HMAC of the merchant webhook -------------------------------------------

def webhook_signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over `<t>.<raw body>`."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def webhook_problem(secret: bytes, header: str, body: bytes) -> str | None:
    """None when `t=<unix>,v1=<hex>` is right; else what is wrong with it."""
    match = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", header)
    if match is None:
        return "Heshi-Signature is missing or not t=<unix>,v1=<64 hex>"
    if not is_fresh(match[1]):
        return f"the timestamp is {FRESH_S} s or more away from now"
    if not hmac.compare_digest(match[2], webhook_signature(secret, match[1], body)):
        return "the signature does not match"
    return None


# ---- AES-256-GCM -------------------------------------------------------------

def gcm_encrypt(key: bytes, nonce: str, associated_data: str, plaintext: bytes) -> str:
    """base64 of ciphertext followed by the 16-byte tag."""
    sealed = AESGCM(key).encrypt(nonce.encode(), plaintext, associated_data.encode())
    return base64.b64encode(sealed).decode()


def gcm_decrypt(key: bytes, nonce: str, associated_data: str, ciphertext_base64: str,
                protocol: bool = True) -> bytes | None:
    """None = refuse. `protocol` demands the 32-byte key and 12-byte nonce of APIv3."""
    if protocol and (len(key) != 32 or len(nonce.encode()) != 12):
        return None
    try:
        sealed = base64.b64decode(ciphertext_base64, validate=True)
        if len(sealed) < TAG_BYTES:
            return None
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated_data.encode())
    except (binascii.Error, ValueError, InvalidTag):
        return None
