"""Whom a Matrix message calls: by a pill, whose text is a name alone, in front, within or last; by an id; or nobody."""

from typing import Any

import pytest

from bot.adapters.matrix.called import called
from bot.adapters.matrix.incoming import Said, read

ME = "@zhiban:example.org"
PILL = '<a href="https://matrix.to/#/@zhiban:example.org">Duty Bot</a>'
NAMES = (ME, "@zhiban", "值班")


def said(body: str, **more: Any) -> Said:
    content = {"msgtype": "m.text", "body": body} | more
    event = {"type": "m.room.message", "event_id": "$e", "sender": "@li:example.org", "content": content}
    found = read(event | {"origin_server_ts": 1791943200000})
    assert isinstance(found, Said)
    return found


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Duty Bot /ping x", "/ping x"),
        ("Duty Bot: Duty Bot ping x", "ping x"),
        ("/ping x Duty Bot", "/ping x"),
        ("OA 打不开 Duty Bot。", "OA 打不开"),
        ("Duty Bot", ""),
    ],
)
@pytest.mark.parametrize("href", ["@zhiban:example.org", "%40zhiban%3Aexample.org"])
def test_8_11_a_pill_calls_by_the_name_that_it_shows(body: str, words: str, href: str) -> None:
    html = body.replace("Duty Bot", PILL.replace("@zhiban:example.org", href))
    found = said(body, formatted_body=html)
    shown = found.shown_as(ME)
    assert set(shown) == {"Duty Bot"}
    assert called(found.text, (*NAMES, *shown), mentioned=True) == (True, words)


def test_8_11_a_pill_of_the_message_that_is_answered_calls_nobody() -> None:
    found = said("好了", formatted_body=f"<mx-reply><blockquote>{PILL} x</blockquote></mx-reply>好了")
    assert found.shown_as(ME) == ()


@pytest.mark.parametrize("strange", [None, 7, ["x"], '<a href="https://matrix.to/#/">', "<" * 3000])
def test_8_13_a_rich_text_of_no_known_form_costs_no_message(strange: Any) -> None:
    assert said("OA 打不开", formatted_body=strange).pills == ()


@pytest.mark.parametrize(
    "line",
    [
        "@zhiban:other.org ping x",
        "@zhiban:other.org: ping x",
        "@zhiban:localhost:8448 /ping x",
        "@zhiban:example.org.evil.net restart oa3",
        "@zhiban2:example.org ping x",
    ],
)
def test_8_11_the_same_name_of_another_homeserver_is_somebody_else(line: str) -> None:
    assert called(line, NAMES) == (False, line)


@pytest.mark.parametrize("line", ["值班 电话多少", "值班 重启 oa3", "值班 系统打不开", "zhiban is down"])
def test_8_11_a_name_alone_is_a_word_where_nobody_is_mentioned(line: str) -> None:
    assert called(line, NAMES) == (False, line)


@pytest.mark.parametrize(
    "line", ["值班：ping x", "值班 ping x", "@zhiban:example.org: ping x", "@值班 @zhiban ping x", "ping x @值班"]
)
def test_8_11_a_sign_or_an_at_calls(line: str) -> None:
    assert called(line, NAMES) == (True, "ping x")
