"""What people typed stands in Slack as they typed it: neither bold nor struck out, and no picture for ``:100:``."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.format import SECTION, content
from bot.core.content import Mention, Post
from tests.unit.bot.adapters.slack.kit import Slack, outgoing

TYPED = "OA 登录不上，页面只显示 *500* 和 `null`，_旧版_ ~可以~，错误 :100:"
WEN = ("温若川", "U0WEN")


def section(text: str, *people: tuple[str, str]) -> dict[str, object]:
    blocks = content(text, people, ())["blocks"]
    assert len(blocks) == 1
    return dict(blocks[0]["text"])


def test_8_17_a_page_is_plain_text_to_the_letter() -> None:
    assert section(TYPED) == {"type": "plain_text", "text": TYPED, "emoji": False}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (TYPED, "OA 登录不上，页面只显示 ＊500＊ 和 ｀null｀，＿旧版＿ ～可以～，错误 ：100:"),
        ("ls /data/*.log", "ls /data/*.log"),
        ("10:30:45 err_code", "10:30:45 err_code"),
        ("> 引用\n<!channel> & 'x'", "＞ 引用\n&lt;!channel&gt; &amp; 'x'"),
        (":smile: 和 ::1", "：smile: 和 ::1"),
        ("a*b\nc*d", "a*b\nc*d"),
    ],
)
def test_8_17_beside_a_mention_nothing_formats(typed: str, shown: str) -> None:
    assert section(f"@温若川\n{typed}", WEN) == {"type": "mrkdwn", "text": f"<@U0WEN>\n{shown}", "verbatim": True}


def test_8_17_an_address_can_be_followed() -> None:
    typed = "见 https://oa.example/a_b_c?x=1&y=2，*急*"
    assert section(typed)["text"] == "见 <https://oa.example/a_b_c?x=1&amp;y=2>，＊急＊"


@given(st.text(st.sampled_from("*_~`>:a1 \n&<@温若川h"), max_size=200))
def test_8_17_no_text_whatever_makes_markup(typed: str) -> None:
    shown = section(f"@温若川 {typed}", WEN)
    assert len(str(shown["text"])) <= SECTION
    rest = str(shown["text"]).replace("<@U0WEN>", "", 1)
    assert not re.search(r"([*_~`])[^\n]*\1|^>|<|:[a-z]+:", rest, re.MULTILINE)


async def test_8_17_the_message_on_the_platform_has_it_as_typed(slack: Slack) -> None:
    await slack.adapter.send(outgoing(slack.fake, Post(TYPED)))
    slack.kit.later(1)
    await slack.adapter.send(outgoing(slack.fake, Post(f"@温若川 {TYPED}", (Mention("wen", "温若川"),)), key="k2"))
    first, second = slack.fake.channels[slack.fake.place("shifuban")].messages
    assert first.blocks[0]["text"]["text"] == TYPED
    assert "*500*" not in json.dumps(second.blocks, ensure_ascii=False)
    assert slack.fake.seen("shifuban")[1].mentions == ["U0WEN"]
