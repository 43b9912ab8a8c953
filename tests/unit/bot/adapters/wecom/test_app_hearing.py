"""The app's callback takes in what people say, once, before it answers, and refuses whatever is not the platform's."""

import asyncio
from datetime import timedelta
from xml.sax.saxutils import escape

import pytest
from aiohttp import web

from bot.core.events import Message, Tap
from tests.support.platforms.wecom import FakeWecom
from tests.support.platforms.wecom_sealed import APP_KEY, APP_TOKEN, CORP, Sealed, for_app, seal
from tests.unit.bot.adapters.wecom.conftest import Wecom

GOOD = {"MsgType": "text", "Content": "OA 打不开了"}


async def test_the_address_check_is_answered_with_the_plain_words(fake: FakeWecom, wecom: Wecom) -> None:
    time = str(int(wecom.clock.wall().timestamp()))
    echo = ""
    while "+" not in echo:
        echo, query = seal(
            "1616140317555161061", token=APP_TOKEN, key=APP_KEY, receiver=CORP, timestamp=time, nonce="n"
        )
    checked = Sealed("/wecom/app/duty", query | {"echostr": echo}, b"")
    assert await fake.exchange("GET", checked.path_qs) == (200, b"1616140317555161061")
    bare = checked.path_qs.replace("%2B", "+")  # some senders leave the sign as it is, and a query reads it as a blank
    assert await fake.exchange("GET", bare) == (200, b"1616140317555161061")
    other = Sealed("/wecom/app/duty", query | {"echostr": echo, "nonce": "m"}, b"")
    assert (await fake.exchange("GET", other.path_qs))[0] == 401
    assert (await fake.exchange("GET", "/wecom/app/nobody?" + checked.path_qs.partition("?")[2]))[0] == 404


async def test_a_word_is_kept_and_answered_with_nothing(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD, "7000000000000000001")
    assert await fake.exchange("POST", sent.path_qs, sent.body) == (200, b"")
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert (message.text, message.to_bot, message.envelope.chat) == ("OA 打不开了", True, "dm-zhou")
    assert (message.envelope.key, message.envelope.account.user_id) == ("7000000000000000001", "u_zhou")


@pytest.mark.parametrize(
    "text", ["有 ]]> 和 </xml> 的话", "<Encrypt>x</Encrypt>", "&lt; & <b>", "两行\n都要", "😀 عربي"]
)
async def test_what_people_type_comes_through_whole(fake: FakeWecom, wecom: Wecom, text: str) -> None:
    assert await fake.says("zhou", "dm-zhou", text) == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert message.text == text


async def test_a_control_character_does_not_lose_the_message(fake: FakeWecom, wecom: Wecom) -> None:
    assert await fake.says("zhou", "dm-zhou", "盖章\x0b没反应") == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert message.text == "盖章 没反应"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"MsgType": "image", "PicUrl": "https://example.invalid/p", "MediaId": "m"}, "[图片]"),
        ({"MsgType": "voice", "MediaId": "m", "Format": "amr"}, "[语音]"),
        ({"MsgType": "location", "Location_X": "23.1", "Label": "云台市府大院"}, "[位置] 云台市府大院"),
        ({"MsgType": "location", "Location_X": "23.1"}, "[位置]"),
        ({"MsgType": "link", "Title": "通知"}, "[链接] 通知"),
        ({"MsgType": "file"}, "[文件]"),
        ({"MsgType": "hologram"}, "[消息]"),
    ],
)
async def test_what_is_no_text_is_taken_in_with_a_note(
    fake: FakeWecom, wecom: Wecom, fields: dict[str, str], text: str
) -> None:
    assert await fake.post(fake.app_message("zhou", fields)) == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert message.text == text


async def test_a_stranger_may_report(fake: FakeWecom, wecom: Wecom) -> None:
    assert await fake.post(fake.app_message("nobody-we-know", GOOD)) == 200
    (message,) = await wecom.heard()
    assert (message.envelope.chat, message.envelope.account.user_id) == (
        "wecom:dm:u_nobody-we-know",
        "u_nobody-we-know",
    )


@pytest.mark.parametrize("event", ["subscribe", "enter_agent", "LOCATION", "view"])
async def test_other_events_are_nobodys_word(fake: FakeWecom, wecom: Wecom, event: str) -> None:
    assert await fake.post(fake.app_message("zhou", {"MsgType": "event", "Event": event}, "0")) == 200
    assert await wecom.heard() == []


@pytest.mark.parametrize("kind", ["template_card_event", "template_card_menu_event"])
async def test_a_click_is_a_tap_on_its_post(fake: FakeWecom, wecom: Wecom, kind: str) -> None:
    click = {"MsgType": "event", "Event": kind, "EventKey": "claim:GD-1", "TaskId": "task-2", "ResponseCode": "RC"}
    sent = fake.app_message("zhou", click, "0")
    for _ in range(2):  # an event has no message id: sender, time and what was clicked are its id
        assert await fake.post(sent) == 200
    (tap,) = await wecom.heard()
    assert isinstance(tap, Tap)
    assert (tap.action, tap.message, tap.envelope.chat) == ("claim:GD-1", "task", "dm-zhou")


async def test_ten_deliveries_at_once_are_one(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    assert await asyncio.gather(*(fake.post(sent) for _ in range(10))) == [200] * 10
    assert len(await wecom.heard()) == 1


async def test_the_same_message_signed_anew_is_one(fake: FakeWecom, wecom: Wecom) -> None:
    """As the platform's second and third try, which carry a nonce of their own (fault F46)."""
    for _ in range(3):
        assert await fake.post(fake.app_message("zhou", GOOD, "7000000000000000009")) == 200
    assert len(await wecom.heard()) == 1


async def test_a_retry_is_answered_and_a_replay_refused(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    assert await fake.post(sent) == 200
    wecom.clock.move_to(wecom.clock.now() + timedelta(seconds=19))
    assert await fake.post(sent) == 200
    wecom.clock.move_to(wecom.clock.now() + timedelta(seconds=2))
    assert await fake.post(sent) == 401
    assert (len(await wecom.heard()), await wecom.refusals()) == (1, ["replayed"])


@pytest.mark.parametrize(("shift", "status"), [(-299, 200), (299, 200), (-301, 401), (301, 401)])
async def test_only_fresh_signatures_count(fake: FakeWecom, wecom: Wecom, shift: float, status: int) -> None:
    assert await fake.post(fake.app_message("zhou", GOOD, shift=shift)) == status
    assert await wecom.refusals() == ([] if status == 200 else ["stale"])


async def test_the_platforms_time_counts_and_never_the_future(fake: FakeWecom, wecom: Wecom) -> None:
    now = wecom.clock.now()
    for at in (now - timedelta(hours=2), now + timedelta(hours=2)):
        sent = fake.app_message("zhou", GOOD | {"CreateTime": str(int(at.timestamp()))})
        sent = for_app(
            f"<xml><FromUserName>u_zhou</FromUserName><MsgType>text</MsgType><Content>x</Content>"
            f"<CreateTime>{int(at.timestamp())}</CreateTime></xml>",
            sent.query["timestamp"],
            f"t{at.hour}",
        )
        assert await fake.post(sent) == 200
    assert [event.envelope.sent_at for event in await wecom.heard()] == [now - timedelta(hours=2), now]


def altered(sent: Sealed, **query: str) -> str:
    return Sealed(sent.path, sent.query | query, b"").path_qs


async def test_a_wrong_signature_is_refused_before_anything_is_read(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    body = sent.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[x")
    requests = [
        (altered(sent, msg_signature="0" * 40), sent.body),
        (altered(sent, msg_signature=""), sent.body),
        (altered(sent, nonce="other"), sent.body),
        (altered(sent, timestamp=str(int(sent.query["timestamp"]) + 1)), sent.body),
        (sent.path_qs, body),
    ]
    assert [(await fake.exchange("POST", *request))[0] for request in requests] == [401] * 5
    assert (await wecom.heard(), await wecom.refusals()) == ([], ["bad_signature"] * 5)


async def test_an_ambiguous_or_incomplete_query_is_refused(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    twice = [f"{sent.path_qs}&{name}={sent.query[name]}" for name in sent.query]
    without = [
        Sealed(sent.path, {k: v for k, v in sent.query.items() if k != name}, b"").path_qs for name in sent.query
    ]
    odd = [altered(sent, timestamp="now"), altered(sent, timestamp="１７０００"), altered(sent, nonce="号")]
    requests = [*twice, *without, odd[1], odd[2]]
    assert [(await fake.exchange("POST", path, sent.body))[0] for path in requests] == [400] * 8
    assert (await fake.exchange("POST", odd[0], sent.body))[0] in (400, 401)
    assert await wecom.heard() == []


async def test_another_corps_message_is_refused(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    other = for_app("<xml/>", sent.query["timestamp"], "n1", receiver="ww0000000000000000")
    assert await fake.post(other) == 403
    assert await wecom.refusals() == ["wrong_receiver"]


@pytest.mark.parametrize(
    "envelope",
    [
        "",
        "no xml",
        "{}",
        "<xml></xml>",
        "<xml><Encrypt></Encrypt></xml>",
        "<xml><Encrypt><b>{0}</b></Encrypt></xml>",
        "<xml><Encrypt>{0}</Encrypt><Encrypt>{0}</Encrypt></xml>",
        "<xml><a><Encrypt>{0}</Encrypt></a></xml>",
        "<xml><Encrypt>{0}</Encrypt><a><Encrypt>{0}</Encrypt></a></xml>",
        "<doc><Encrypt>{0}</Encrypt></doc>",
        "<xml><Encrypt>{0}</Encrypt>",
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><Encrypt>{0}</Encrypt></xml>',
        '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Encrypt>&e;</Encrypt></xml>',
        '<!DOCTYPE xml [<!ENTITY e "{0}">]><xml><Encrypt>&e;</Encrypt></xml>',
        '<?xml version="1.0" encoding="nonsense"?><xml><Encrypt>{0}</Encrypt></xml>',
        '<?xml version="1.0" encoding="utf-16"?><xml><Encrypt>{0}</Encrypt></xml>',
        "<xml>" + "<a>" * 50_000 + "</xml>",
    ],
)
async def test_an_envelope_of_another_form_is_refused(fake: FakeWecom, wecom: Wecom, envelope: str) -> None:
    sent = fake.app_message("zhou", GOOD)
    encrypted = sent.body.decode().partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    body = envelope.replace("{0}", encrypted).encode()
    assert await fake.exchange("POST", sent.path_qs, body) == (400, b'{"error": "bad_body"}')
    assert await wecom.heard() == []


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("", 400),
        ("no xml", 400),
        ("<xml></xml>", 400),
        ("<xml><FromUserName>u_zhou</FromUserName></xml>", 400),
        ("<xml><FromUserName></FromUserName><MsgType>text</MsgType><Content>x</Content></xml>", 400),
        (f"<xml><FromUserName>{'u' * 200}</FromUserName><MsgType>text</MsgType><Content>x</Content></xml>", 400),
        ("<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName><MsgType>text</MsgType></xml>", 400),
        ("<!DOCTYPE xml><xml><FromUserName>a</FromUserName><MsgType>text</MsgType></xml>", 400),
        (f"<xml><FromUserName>a</FromUserName><MsgType>text</MsgType><MsgId>{'9' * 200}</MsgId></xml>", 400),
        ("<xml><FromUserName>a</FromUserName><MsgType>event</MsgType><Event>template_card_event</Event></xml>", 400),
        ("<xml><FromUserName>a</FromUserName><MsgType>text</MsgType><Content> </Content></xml>", 200),
        ("<xml><FromUserName>a</FromUserName><MsgType>text</MsgType><CreateTime>x</CreateTime></xml>", 200),
    ],
)
async def test_a_strange_message_inside_is_never_a_500(
    fake: FakeWecom, wecom: Wecom, message: str, status: int
) -> None:
    time = str(int(wecom.clock.wall().timestamp()))
    assert await fake.post(for_app(message, time, "n1")) == status
    assert await wecom.heard() == []


async def test_a_time_that_is_none_is_the_time_of_the_signature(fake: FakeWecom, wecom: Wecom) -> None:
    time = str(int(wecom.clock.wall().timestamp()) - 30)
    for number, created in enumerate(("", "-1", "9" * 30, "１７")):
        inner = f"<CreateTime>{escape(created)}</CreateTime><Content>x{number}</Content><MsgId>{number}1</MsgId>"
        message = f"<xml><FromUserName>u_zhou</FromUserName><MsgType>text</MsgType>{inner}</xml>"
        assert await fake.post(for_app(message, time, f"n{number}")) == 200
    assert {event.envelope.sent_at.timestamp() for event in await wecom.heard()} == {float(time)}


async def test_a_body_beyond_a_mebibyte_is_refused(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    body = sent.body.replace(b"<xml>", b"<xml>" + b" " * (10 * 2**20))
    assert (await fake.exchange("POST", sent.path_qs, body))[0] == 413
    assert await wecom.refusals() == ["too_large"]


async def test_other_methods_are_not_taken(fake: FakeWecom, wecom: Wecom) -> None:
    sent = fake.app_message("zhou", GOOD)
    assert (await fake.exchange("PUT", sent.path_qs, sent.body))[0] == web.HTTPMethodNotAllowed.status_code
    assert await wecom.heard() == []
