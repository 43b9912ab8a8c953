"""A link that was posted alone says what its card says."""

import pytest

from bot.adapters.mattermost.words import words_of

CARD = {"type": "opengraph", "url": "https://x.example/1", "data": {"title": "OA 打不开", "url": "https://x.example/1"}}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("https://x.example/1", "https://x.example/1\nOA 打不开"),
        ("@zhiban https://x.example/1", "@zhiban https://x.example/1\nOA 打不开"),
        ("看 https://x.example/1", "看 https://x.example/1"),
        ("？", "？\nOA 打不开"),
    ],
)
def test_8_13_of_an_address_alone_the_title_of_its_card_is_heard(message: str, text: str) -> None:
    assert words_of({"message": message, "metadata": {"embeds": [CARD]}}) == text


@pytest.mark.parametrize("message", ["？", "😭", "https://x.example/1", "@zhiban"])
def test_8_13_what_has_no_card_stays_as_it_was_typed(message: str) -> None:
    assert words_of({"message": message}) == message
