"""Signed links: a button for people whose platform has none, and a page to read, in their own direct chat only.

A link stands for one person and one action or page; it is bound by HMAC-SHA256 to both and expires. One that presses works
once because its number is an inbox key; one that shows works until it expires. Links are never put into groups: whoever
reads them there could press them.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

LIFE = timedelta(days=1)
_FILE = "link.key"
_LENGTH = 32  # bytes of the key
_PAGE = "page."  # before what is signed for a page; a button's link is signed without, and has no full stop in it


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link stands for: ``person`` presses ``action`` (labelled ``label``) of the post ``number`` began with."""

    person: str
    action: str
    label: str
    number: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets somebody read: ``person`` may open ``page`` of the console (``runs/R17``) and what lies below it."""

    person: str
    page: str
    until: datetime


class Links:
    """Makes and reads links below ``public_url``; the key lives in the state folder."""

    def __init__(self, public_url: str, state_dir: Path) -> None:
        self._base = public_url.rstrip("/")
        self._path = state_dir / _FILE
        self._key = b""

    def url(self, offer: Offer) -> str:
        """The address of the page that presses the button."""
        fields = [offer.person, offer.action, offer.label, offer.number, int(offer.until.timestamp())]
        body = _text(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())
        return f"{self._base}/tap/{body}.{self._sign(body)}"

    def read(self, token: str, now: datetime) -> Offer | None:
        """The offer of a link, None when it is not ours, was changed, or is too old."""
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        person, action, label, number, until = json.loads(_bytes(body))
        offer = Offer(person, action, label, number, datetime.fromtimestamp(until, now.tzinfo))
        return offer if now < offer.until else None

    def page_url(self, given: Pass) -> str:
        """The address of the page that it opens."""
        fields = [given.person, given.page, int(given.until.timestamp())]
        body = _text(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())
        return f"{self._base}/console/{given.page}?link={body}.{self._sign(_PAGE + body)}"

    def read_page(self, token: str, now: datetime) -> Pass | None:
        """The pass of a page's link, None when it is not ours, was changed, is too old, or is one that presses."""
        body, _, signature = token.partition(".")
        try:
            if not hmac.compare_digest(signature.encode(), self._sign(_PAGE + body).encode()):
                return None
        except UnicodeEncodeError:
            return None
        person, page, until = json.loads(_bytes(body))
        given = Pass(person, page, datetime.fromtimestamp(until, now.tzinfo))
        return given if now < given.until else None

    def _sign(self, body: str) -> str:
        return _text(hmac.new(self._secret(), body.encode(), hashlib.sha256).digest())

    def _secret(self) -> bytes:
        if not self._key:
            self._key = _kept(self._path)
        return self._key


def _kept(path: Path) -> bytes:
    """The key of ``path``; made on first use, readable by its owner alone.

    One that a crash or a full disk left unwritten is made anew: with an empty key anybody could sign.
    """
    if path.exists() and len(key := path.read_bytes()) == _LENGTH:
        return key
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    key = secrets.token_bytes(_LENGTH)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    return key


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
