"""The catalogue's rows for WeCom (``tests/data/inputs/wecom.json``), over HTTP, at the app's door and at the AI bot's."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.adapters.wecom.crypto import Crypto
from bot.core.events import Message
from tests.support.paths import INPUTS
from tests.support.platforms.wecom import FakeWecom
from tests.support.platforms.wecom_sealed import APP_KEY, APP_TOKEN, BOT_KEY, BOT_TOKEN, CORP, Sealed
from tests.unit.bot.adapters.wecom.conftest import Wecom

ROWS = json.loads((INPUTS / "inputs" / "wecom.json").read_text("utf-8"))["inputs"]
REPORT = {"MsgType": "text", "Content": "盖章点了没反应"}
SAID: dict[str, object] = {"msgtype": "text", "text": {"content": "@值班 盖章点了没反应"}}
CLICK = {"MsgType": "event", "Event": "template_card_event", "EventKey": "claim:GD-1", "TaskId": "t1"}


@dataclass
class Row:
    """What is sent for a row, and what is kept of it."""

    make: Callable[[FakeWecom], list[tuple[str, bytes]]]
    kept: list[str]
    refusals: list[str]


def resealed(crypto: Crypto, sent: Sealed, encrypted: str, body: bytes) -> tuple[str, bytes]:
    """The request with another ciphertext, signed well."""
    signature = crypto.signature(sent.query["timestamp"], sent.query["nonce"], encrypted)
    return Sealed(sent.path, sent.query | {"msg_signature": signature}, b"").path_qs, body


def app(fake: FakeWecom, fields: dict[str, str] | None = None, *, shift: float = 0, who: str = "zhou") -> Sealed:
    return fake.app_message(who, fields or REPORT, shift=shift)


def bot(fake: FakeWecom) -> Sealed:
    return fake.bot_message("zhou", "shifuban", SAID)


def plain(sent: Sealed) -> tuple[str, bytes]:
    return sent.path_qs, sent.body


def wrong_signature(sent: Sealed) -> tuple[str, bytes]:
    return Sealed(sent.path, sent.query | {"msg_signature": "0" * 40}, b"").path_qs, sent.body


def odd_ciphertext(fake: FakeWecom) -> list[tuple[str, bytes]]:
    """17 bytes, at both doors."""
    odd = "QUFBQUFBQUFBQUFBQUFBQUE="
    return [
        resealed(Crypto(APP_TOKEN, APP_KEY, CORP), app(fake), odd, f"<xml><Encrypt>{odd}</Encrypt></xml>".encode()),
        resealed(Crypto(BOT_TOKEN, BOT_KEY, ""), bot(fake), odd, json.dumps({"encrypt": odd}).encode()),
    ]


def envelope(fake: FakeWecom, form: str) -> list[tuple[str, bytes]]:
    sent = app(fake)
    encrypted = sent.body.decode().partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    return [(sent.path_qs, form.replace("{0}", encrypted).encode())]


def twice(request: tuple[str, bytes]) -> list[tuple[str, bytes]]:
    return [request, request]


ENTITY = '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Encrypt>&e;</Encrypt></xml>'
TWO = "<xml><Encrypt>{0}</Encrypt><Encrypt>{0}</Encrypt></xml>"
NASTY = "盖章 ]]> 没反应 </xml> <Content>x</Content>"
CASES = {
    "W03": Row(lambda f: [wrong_signature(app(f)), wrong_signature(bot(f))], [], ["bad_signature"] * 2),
    "W04": Row(lambda f: [plain(app(f, shift=-600))], [], ["stale"]),
    "W06": Row(lambda f: twice(plain(f.app_message("zhou", CLICK, ""))), ["claim:GD-1"], []),
    "W10": Row(odd_ciphertext, [], ["bad_body"] * 2),
    "W12": Row(lambda f: envelope(f, ENTITY), [], ["bad_body"]),
    "W13": Row(lambda f: envelope(f, TWO), [], ["bad_body"]),
    "W14": Row(lambda f: [*envelope(f, "<xml></xml>"), (bot(f).path_qs, b"{}")], [], ["bad_body"] * 2),
    "W16": Row(lambda f: [plain(app(f, REPORT | {"Content": NASTY}))], [NASTY], []),
    "W17": Row(
        lambda f: [plain(app(f, {"MsgType": kind})) for kind in ("voice", "image", "location")],
        ["[语音]", "[图片]", "[位置]"],
        [],
    ),
    "W19": Row(
        lambda f: [(f"{sent.path_qs}&msg_signature=b", sent.body) for sent in (app(f), bot(f))], [], ["ambiguous"] * 2
    ),
    "W20": Row(
        lambda f: [(sent.path_qs, sent.body + b" " * 10 * 2**20) for sent in (app(f), bot(f))], [], ["too_large"] * 2
    ),
    "W21": Row(lambda f: [plain(app(f, who="nobody"))], ["盖章点了没反应"], []),
}


def test_every_row_has_its_case() -> None:
    assert Counter(row["id"] for row in ROWS) == Counter(CASES.keys())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
async def test_a_row_comes_out_as_stated(fake: FakeWecom, wecom: Wecom, row: dict[str, str]) -> None:
    case = CASES[row["id"]]
    for path_qs, body in case.make(fake):
        assert (await fake.exchange("POST", path_qs, body))[0] == int(row["code"]), row["request"]
    heard = [event.text if isinstance(event, Message) else event.action for event in await wecom.heard()]
    assert (heard, await wecom.refusals()) == (case.kept, case.refusals)
