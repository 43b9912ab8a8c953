"""Cutting text: every piece fits, nothing is lost, no character is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import Attachment, Button, Card, Mention, Post
from bot.core.fit import cut, pieces, split, utf8_bytes
from bot.core.ports import Capabilities

TEXTS = st.text(st.sampled_from("值班工程师a1 \n😀"), max_size=400)


@pytest.mark.parametrize(
    ("text", "limit", "found"),
    [
        ("短", 3, ["短"]),
        ("一行\n二行\n三行", 13, ["一行\n二行", "三行"]),
        ("工程师电话", 6, ["工程", "师电", "话"]),
        ("ab\n\ncd", 4, ["ab", "cd"]),
        ("ab   \n  ", 2, ["ab"]),
        ("\n" * 9, 2, [""]),
    ],
)
def test_pieces_end_at_line_ends_where_they_can(text: str, limit: int, found: list[str]) -> None:
    assert split(text, limit, utf8_bytes) == found


@given(TEXTS, st.integers(8, 60))
def test_every_piece_fits_and_nothing_but_blanks_is_lost(text: str, limit: int) -> None:
    found = split(text, limit, utf8_bytes)
    assert all(len(piece.encode()) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert len(found) == 1 or all(piece.strip() for piece in found)


@given(TEXTS, st.integers(8, 60))
def test_a_cut_text_fits_and_says_that_it_goes_on(text: str, limit: int) -> None:
    found = cut(text, limit, utf8_bytes)
    assert len(found.encode()) <= limit
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


def test_a_mention_goes_with_its_name_and_the_card_with_the_end() -> None:
    card = Card((Button("claim:1", "我来"),))
    file = Attachment("log", "x")
    post = Post("@何牧 请看\n@周予安 请处理", (Mention("hemu", "何牧"), Mention("zhou", "周予安")), (file,), card)
    first, last = pieces(post, Capabilities(text_limit=8))
    assert (first.mentions, first.card, first.files) == ((Mention("hemu", "何牧"),), None, ())
    assert (last.mentions, last.card, last.files) == ((Mention("zhou", "周予安"),), card, (file,))
