"""Whatever is put into a line of the log, it stays short, without secrets, and costs nothing."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot.logs import SparingHandler


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own and what it wrote."""
    handler = SparingHandler()
    handler.setStream(out := io.StringIO())
    logger = logging.Logger("some.library")
    logger.addHandler(handler)
    yield logger, out
    handler.close()


def deep(frames: int, words: str) -> None:
    if frames:
        deep(frames - 1, words)
    raise RuntimeError(words)


def test_8_3_a_thousand_lines_of_a_megabyte_make_less_than_a_megabyte(
    written: tuple[logging.Logger, io.StringIO],
) -> None:
    """A platform may answer a page for each of them. Masking them whole takes minutes: the test's limit would end it."""
    logger, out = written
    for number in range(1_000):
        logger.warning("refused: %s", f"{number} " + "x " * 500_000)
    assert len(out.getvalue()) < 100_000
    assert "refused: 0 x x" in out.getvalue()
    assert "characters …" in out.getvalue()


def test_8_3_exceptions_of_any_depth_and_length_are_bounded(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = written
    for number in range(100):
        try:
            deep(200, "boom " + "y" * 200_000)
        except RuntimeError:
            logger.exception("failed %d", number)
    assert len(out.getvalue()) < 1_000_000
    assert "RuntimeError: boom" in out.getvalue()


def test_8_5_an_exception_says_no_secret(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = written
    try:
        deep(1, "cannot connect to https://bot.example.com/send?access_token=CANARYx1abc&chat=1")
    except RuntimeError:
        logger.exception("send failed")
    assert "cannot connect to" in out.getvalue()
    assert "CANARY" not in out.getvalue()
