"""A card holds what it is given within what the platform advises, and text from people stays text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.wecom.cards import LABEL, MOST_BUTTONS, TEXT, TITLE, layout, message_id, message_of, pressed
from bot.adapters.wecom.format import as_markdown, as_text
from bot.core.content import Button

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
CLAIM = Button("claim:GD-1", "我来处理", "primary")
PAUSES = re.compile(r"[\s·：，。]")
WORDS = st.text(st.sampled_from("值班工单GD-1 ·：，\n<@>*`~#[](1a😀"), max_size=300)


@pytest.mark.parametrize(
    ("line", "title", "below"),
    [
        ("GD-20261122-001", "GD-20261122-001", ""),
        ("GD-20261122-003 · 市府办交流群 · 电子印章 · 三方", "GD-20261122-003 · 市府办交流群", "电子印章 · 三方\n"),
        ("R17 摘除节点 10.154.54.58（负载 lb1）", "R17 摘除节点 10.154.54.58", "（负载 lb1）\n"),
    ],
)
def test_a_long_first_line_is_parted_where_it_pauses(line: str, title: str, below: str) -> None:
    plan = layout(f"{line}\n请在 14:15 前回复。", [CLAIM], "t")
    assert plan.lead is None
    assert plan.cards[0]["main_title"] == {"title": title}
    assert plan.cards[0]["sub_title_text"] == f"{below}请在 14:15 前回复。"


@given(WORDS.filter(str.strip), st.integers(1, MOST_BUTTONS))
def test_every_card_is_within_bounds_and_no_word_is_lost(words: str, count: int) -> None:
    buttons = [Button(f"do:{number}", f"很长很长的按钮名称 {number}") for number in range(count)]
    plan = layout(words, buttons, message_id("k"))
    for card in plan.cards:
        title = card["main_title"]
        assert 0 < len(title["title"]) <= TITLE
        assert len(card.get("sub_title_text", "")) <= TEXT
        assert 1 <= len(card["button_list"]) <= 6
        assert all(0 < len(button["text"]) <= LABEL for button in card["button_list"])
        assert TASK_ID.fullmatch(card["task_id"])
        assert message_of(card["task_id"]) == message_id("k")
    first = plan.cards[0]
    shown = "".join(first["main_title"].values()) + first.get("sub_title_text", "")
    told = plan.lead if plan.lead is not None else shown
    assert PAUSES.sub("", told).endswith(PAUSES.sub("", words))  # a title may stand twice
    assert [button["key"] for card in plan.cards for button in card["button_list"]] == [b.action for b in buttons]
    assert len({card["task_id"] for card in plan.cards}) == len(plan.cards)


def test_a_click_is_shown_to_its_person_alone_and_keeps_what_he_chose() -> None:
    (card,) = layout("GD-1", [CLAIM, Button("pass:GD-1", "转派")], "t").cards
    answer = pressed(card, "pass:GD-1", "u_zhou")
    assert answer["userids"] == ["u_zhou"]
    assert [button["key"] for button in answer["template_card"]["button_list"]] == ["pass:GD-1"]
    assert answer["template_card"]["task_id"] == "t"


def test_the_same_post_has_the_same_id_and_another_has_another() -> None:
    assert message_id("k1") == message_id("k1") != message_id("k2")
    assert TASK_ID.fullmatch(message_id("e12:0/钥匙"))


@given(WORDS)
def test_text_mentions_nobody(words: str) -> None:
    assert "<@" not in as_text(words)
    assert as_text(words).replace("＜", "<") == words


@given(WORDS)
def test_markdown_has_no_sign_that_works(words: str) -> None:
    shown = as_markdown(words)
    assert not re.search(r"[*`~]|<[@A-Za-z/!]|\]\(", shown)
    assert not re.search(r"^[ \t]*(#{1,6}[ \t]|>)", shown, re.MULTILINE)
    back = shown.translate(str.maketrans("＊｀～＜", "*`~<", "\u200b"))
    assert back.replace("] (", "](") == words.replace("] (", "](")


@pytest.mark.parametrize("words", ["盖章 10.154.54.58:6888", "1 < 2 > 0", "a_b_c", "温若川 13800000013", "第 #3 号"])
def test_what_does_nothing_is_left_alone(words: str) -> None:
    assert as_markdown(words) == words
