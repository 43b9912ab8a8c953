"""What repeats in the log is counted and told once a minute, whoever logs it."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot.logs import MOST, WINDOW, SparingHandler


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[logging.Logger, io.StringIO, list[float]]]:
    """A logger of its own, what it wrote, and the clock by which its handler counts."""
    clock, out = [1000.0], io.StringIO()
    monkeypatch.setattr("bot.logs.time.monotonic", lambda: clock[0])
    handler = SparingHandler()
    handler.setStream(out)
    logger = logging.Logger("some.library")
    logger.addHandler(handler)
    yield logger, out, clock
    handler.close()


Written = tuple[logging.Logger, io.StringIO, list[float]]


def test_8_3_a_repeated_error_is_written_once_and_then_counted(written: Written) -> None:
    logger, out, clock = written
    for second in range(1000):
        clock[0] = 1000.0 + second * 0.05
        try:
            raise ValueError("no such header")
        except ValueError:
            logger.exception("Error handling request from %s", "10.0.0.9")
    first = out.getvalue()
    assert first.count("Error handling request") == 1
    assert first.count("Traceback") == 1
    clock[0] += WINDOW
    logger.warning("something else")
    told = out.getvalue()[len(first) :].splitlines()
    assert told == [
        "Error handling request from 10.0.0.9 (this or the like 999 times more within 60 s)",
        "something else",
    ]


def test_8_3_the_next_minute_begins_anew(written: Written) -> None:
    logger, out, clock = written
    for minute in range(3):
        clock[0] = 1000.0 + minute * WINDOW
        for _ in range(5):
            logger.error("the same")
    assert out.getvalue().splitlines()[:3] == [
        "the same",
        "the same (this or the like 4 times more within 60 s)",
        "the same",
    ]
    assert len(out.getvalue().splitlines()) == 5


def test_8_3_lines_that_differ_in_what_a_stranger_chose_are_bounded_too(written: Written) -> None:
    logger, out, _ = written
    for number in range(10_000):
        logger.error("refused: %s", f"/x{number}")
    logger.error("another place in the code")
    lines = out.getvalue().splitlines()
    assert len(lines) == MOST + 1
    assert lines[-1] == "another place in the code"


def test_8_3_what_was_counted_is_told_at_the_end(written: Written) -> None:
    logger, out, _ = written
    for _ in range(3):
        logger.error("the same")
    logger.handlers[0].close()
    assert out.getvalue().splitlines()[1:] == ["the same (this or the like 2 times more within 60 s)"]


def test_8_3_a_line_that_cannot_be_put_together_ends_nobody(
    written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    logger, out, _ = written
    logger.error("%d of %d", "one")
    logger.error("the next")
    assert out.getvalue().splitlines() == ["the next"]
    assert "Logging error" in capsys.readouterr().err


def test_what_was_counted_for_a_stream_that_is_closed_is_told_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """The timer may end a minute behind whoever read the log; it complains to nobody else's standard error."""
    handler, stream = SparingHandler(), io.StringIO()
    handler.setStream(stream)
    for _ in range(2):
        handler.emit(logging.LogRecord("bot", logging.ERROR, __file__, 1, "again", None, None))
    stream.close()
    handler.tell()
    assert capsys.readouterr().err == ""
