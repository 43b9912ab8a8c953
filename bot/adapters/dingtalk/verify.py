"""DingTalk's one signature, for custom robots and for callbacks alike (DingTalk sheet 2.1, 2.2)."""

import base64
import hashlib
import hmac


def sign(timestamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 with the secret over ``timestamp`` (milliseconds) and the secret. It covers no body."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed(timestamp: str, signature: str, secret: str) -> bool:
    """Whether the signature is right; compared in constant time."""
    return hmac.compare_digest(signature.encode(), sign(timestamp, secret).encode())
