"""Text of people stays text on a card, and a mention reaches only who is meant."""

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.feishu.format import At, card, card_bytes, parts, rich_text, rich_text_bytes
from bot.core.content import Button, Card

ZHOU = ("周予安", "ou_zhou")
AT_ZHOU = At("ou_zhou", "周予安")


def markdown(text: str, *people: tuple[str, str]) -> str:
    (element,) = json.loads(card(parts(text, people), None, direct=False))["elements"]
    assert element["text"]["tag"] == "lark_md"
    return str(element["text"]["content"])


def test_the_first_name_becomes_the_mention_and_the_next_stays_a_word() -> None:
    assert markdown("请 @周予安 看，@周予安 知道", ZHOU) == "请 <at id=ou_zhou></at> 看，@周予安 知道"


def test_a_longer_name_is_not_taken_for_a_shorter_one() -> None:
    assert markdown("@周予安 和 @周予", ("周予", "ou_short"), ZHOU) == "<at id=ou_zhou></at> 和 <at id=ou_short></at>"


@pytest.mark.parametrize("account", ["all", "", "ou_x></at><at id=all", "user1"])
def test_only_a_person_s_account_is_ever_mentioned(account: str) -> None:
    assert markdown("@周予安", ("周予安", account)) == "@周予安"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@所有人 系统坏了", "@所有人 系统坏了"),
        ("<at id=all></at>", "&#60;at id=all&#62;&#60;/at&#62;"),
        ('<at user_id="all">所有人</at>', '&#60;at user&#95;id="all"&#62;所有人&#60;/at&#62;'),
        ("&lt;at id=all&gt;", "&#38;lt;at id=all&#38;gt;"),
        (
            "**粗** ~~删~~ [x](http://y)",
            "&#42;&#42;粗&#42;&#42; &#126;&#126;删&#126;&#126; &#91;x&#93;&#40;http://y&#41;",
        ),
        ("看 https://x.cn/a_b?c=1&d=2#e。", "看 https://x.cn/a_b?c=1&d=2#e。"),
        ("https://x.cn/<at id=all></at>", "https://x.cn/&#60;at id=all&#62;&#60;/at&#62;"),
        ("https://x.cn/&lt;at", "https://x.cn/&#38;lt;at"),
    ],
)
def test_markup_of_people_is_text(text: str, shown: str) -> None:
    assert markdown(text) == shown


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_no_text_whatever_makes_markup(text: str) -> None:
    shown = markdown(text)
    assert html.unescape(re.sub(r"&(?!#\d+;)", "&amp;", shown)) == text or "\r" in text or "\x00" in text
    assert not re.search(r"[<>*~`\[\]\\$]", shown)


def test_a_tone_colours_the_head_of_the_card() -> None:
    made = json.loads(card(["SLA 超时\n请马上处理"], Card(tone="breach"), direct=False))
    assert made["header"] == {"template": "red", "title": {"tag": "plain_text", "content": "SLA 超时"}}
    assert [element["text"]["content"] for element in made["elements"]] == ["请马上处理"]
    assert made["config"]["update_multi"] is True


@pytest.mark.parametrize("pieces", [["一" * 61 + "\n二"], [AT_ZHOU, " 请看\n二"], ["找 ", AT_ZHOU, "\n二"], ["\n二"]])
def test_a_first_line_that_is_long_or_has_a_mention_stays_in_the_text(pieces: list[str | At]) -> None:
    assert "header" not in json.loads(card(list(pieces), Card(tone="open"), direct=False))


def test_buttons_carry_the_action_and_the_kind_of_chat() -> None:
    look = Card((Button("confirm:R1", "确认执行", "danger"), Button("cancel:R1", "取消", "odd")))
    actions = json.loads(card(["确认？"], look, direct=True))["elements"][1]["actions"]
    assert [(a["type"], a["text"]["content"], a["value"]) for a in actions] == [
        ("danger", "确认执行", {"action": "confirm:R1", "direct": True}),
        ("default", "取消", {"action": "cancel:R1", "direct": True}),
    ]


def test_a_robot_s_lines_are_text_and_mentions() -> None:
    made = rich_text(parts("第一行\n\n找 @周予安 <at>", [ZHOU]))["post"]["zh_cn"]["content"]
    text = [[element.get("text") or element.get("user_id") or "" for element in line] for line in made]
    assert text == [["第一行"], [""], ["找 ", "ou_zhou", " <at>"]]


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_a_text_is_never_smaller_than_it_was_measured(text: str) -> None:
    """Sizes are of what goes over the wire, where a card's JSON stands in JSON as a string."""
    for measure, whole in ((card_bytes, _card_request), (rich_text_bytes, _robot_request)):
        real = len(whole(text).encode()) - len(whole("").encode())
        assert real <= measure(text) <= real + 6 * sum(char < " " for char in text)


def _card_request(text: str) -> str:
    return json.dumps(card([text], None, direct=False), ensure_ascii=False, separators=(",", ":"))


def _robot_request(text: str) -> str:
    return json.dumps(rich_text([text]), ensure_ascii=False, separators=(",", ":"))
