"""Feishu's signatures and its encryption of events (Feishu sheet 1.1 and 1.3)."""

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK = 16  # bytes


def event_signature(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """What ``X-Lark-Signature`` must be: a plain SHA-256 over time, nonce, key and the raw body, in hex."""
    return hashlib.sha256((timestamp + nonce + encrypt_key).encode() + body).hexdigest()


def decrypt(encrypt_key: str, encrypted: str) -> bytes:
    """The event inside ``{"encrypt": …}``: AES-256-CBC under SHA-256 of the key, the IV in front.

    Raises ``ValueError`` when it was not made with this key.
    """
    try:
        raw = b64decode(encrypted, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(raw) < 2 * _BLOCK or len(raw) % _BLOCK:
        raise ValueError("not whole blocks")
    key = hashlib.sha256(encrypt_key.encode()).digest()
    decryptor = Cipher(AES256(key), CBC(raw[:_BLOCK])).decryptor()
    padded = decryptor.update(raw[_BLOCK:]) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def robot_signature(timestamp: str, secret: str) -> str:
    """The ``sign`` of a custom robot's message: the secret is part of the HMAC's key, its message is empty."""
    return b64encode(hmac.digest(f"{timestamp}\n{secret}".encode(), b"", "sha256")).decode()
