"""WeCom's callback crypto: sign, check, encrypt, decrypt (WeCom 91144; the same for apps, robots and AI bots).

A block is 16 random bytes, 4 bytes of length (big-endian), the message, and the id of whom it is for (the corp id for a
self-built app, nothing for AI bots), padded by PKCS#7 to a multiple of 32 and encrypted with AES-256-CBC, whose IV is the
first half of the key.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

KEY_PATTERN = r"[A-Za-z0-9]{43}"  # EncodingAESKey as the administration page shows it
_BLOCK_BITS = 256  # the padding's block is 32 bytes, not the cipher's 16
_HEAD = 20  # random bytes and length


class Fault(StrEnum):
    """Why a callback is not believed; the values are refusal codes."""

    SIGNATURE = "bad_signature"
    BODY = "bad_body"
    RECEIVER = "wrong_receiver"

    @property
    def status(self) -> int:
        return {Fault.SIGNATURE: 401, Fault.BODY: 400, Fault.RECEIVER: 403}[self]


class CryptoError(Exception):
    """A callback that cannot be believed; says no more than which kind of fault it is."""

    def __init__(self, kind: Fault) -> None:
        super().__init__(kind.value)
        self.kind = kind


class Crypto:
    """One callback's secrets. ``aes_key`` is the 43 characters of the administration page; ValueError for others."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        if not re.fullmatch(KEY_PATTERN, aes_key):
            raise ValueError("aes_key must be the 43 letters and digits of EncodingAESKey")
        key = base64.b64decode(aes_key + "=")  # lenient on purpose: the last character has two spare bits
        self._token = token
        self._cipher = Cipher(AES(key), CBC(key[:16]))
        self._receive_id = receive_id.encode()

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Lower-case hex SHA-1 of the four strings, sorted and joined."""
        text = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(
            text.encode("utf-8", "replace"), usedforsecurity=False
        ).hexdigest()  # the protocol's own choice

    def verify(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Raises ``CryptoError`` ``bad_signature``; to be called before anything is decrypted."""
        expected = self.signature(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise CryptoError(Fault.SIGNATURE)

    def decrypt(self, encrypted: str) -> bytes:
        """The message. Raises ``CryptoError``: ``bad_body`` for whatever is no such block, ``wrong_receiver``."""
        try:
            decryptor = self._cipher.decryptor()
            padded = decryptor.update(base64.b64decode(encrypted, validate=True)) + decryptor.finalize()
            unpadder = PKCS7(_BLOCK_BITS).unpadder()
            block = unpadder.update(padded) + unpadder.finalize()
        except (binascii.Error, ValueError):
            raise CryptoError(Fault.BODY) from None
        end = _HEAD + int.from_bytes(block[16:_HEAD], "big")
        if len(block) < _HEAD or end > len(block):
            raise CryptoError(Fault.BODY)
        if not hmac.compare_digest(block[end:], self._receive_id):
            raise CryptoError(Fault.RECEIVER)
        return block[_HEAD:end]

    def encrypt(self, message: bytes, *, prefix: bytes | None = None) -> str:
        """The block for ``message``; ``prefix`` replaces the 16 random bytes (test vectors)."""
        head = secrets.token_bytes(16) if prefix is None else prefix
        block = head + len(message).to_bytes(4, "big") + message + self._receive_id
        padder = PKCS7(_BLOCK_BITS).padder()
        encryptor = self._cipher.encryptor()
        padded = padder.update(block) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
