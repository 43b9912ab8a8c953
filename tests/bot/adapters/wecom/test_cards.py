"""Does a card's title end where a reader would end it, and is nothing of the text lost?"""

import pytest

from bot.adapters.wecom.cards import TEXT, TITLE, headed, layout
from bot.core.content import Button

BUTTONS = tuple(Button(f"a:{n}", f"按钮{n}") for n in range(8))


@pytest.mark.parametrize(
    ("text", "title", "below"),
    [
        ("GD-20261014-001", "GD-20261014-001", ""),
        ("GD-20261014-001\n李晓：“盖不了章”", "GD-20261014-001", "李晓：“盖不了章”"),
        (
            "GD-20261014-001（市府办交流群 · 电子印章）温若川 10:11 已响应（用时 11 分）。",
            "GD-20261014-001",
            "（市府办交流群 · 电子印章）温若川 10:11 已响应（用时 11 分）。",
        ),
        (
            "超时未响应：GD-20261014-001（民政局交流群 · OA，10 分）\n请处理",
            "超时未响应：GD-20261014-001",
            "（民政局交流群 · OA，10 分）\n请处理",
        ),
        (
            "GD-20261014-002 · 民政局交流群 · OA 系统 · 登录\n孙禾：“登录不上”",
            "GD-20261014-002 · 民政局交流群",
            "OA 系统 · 登录\n孙禾：“登录不上”",
        ),
        ("一" * 40, "一" * 25 + "…", "一" * 40),
    ],
)
def test_a_title_ends_at_a_break(text: str, title: str, below: str) -> None:
    assert headed(text) == (title, below)
    assert len(title) <= TITLE


def test_what_fits_is_one_card() -> None:
    (card,) = layout("标题\n" + "字" * TEXT, BUTTONS[:6], "t").cards
    assert (card["main_title"], card["sub_title_text"]) == ({"title": "标题"}, "字" * TEXT)
    assert layout("标题\n" + "字" * TEXT, BUTTONS[:6], "t").lead is None


def test_what_does_not_goes_before_it_whole() -> None:
    text = "标题\n" + "字" * (TEXT + 1)
    shown = layout(text, BUTTONS[:1], "t")
    assert shown.lead == text
    assert "sub_title_text" not in shown.cards[0]


def test_of_a_long_first_line_the_card_keeps_the_rest() -> None:
    shown = layout("超时未响应：GD-20261014-001（民政局交流群 · OA，10 分）\n" + "字" * 200, BUTTONS[:1], "t")
    assert shown.cards[0]["sub_title_text"] == "（民政局交流群 · OA，10 分）"


def test_more_than_six_buttons_are_two_cards() -> None:
    first, second = layout("标题\n正文", BUTTONS, "t").cards
    assert [button["key"] for button in first["button_list"] + second["button_list"]] == [b.action for b in BUTTONS]
    assert (first["task_id"], second["task_id"]) == ("t", "t-2")
