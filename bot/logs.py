"""Logs: JSON lines for machines, plain lines on a terminal; no bodies, no phones, no secrets (they are never logged at all).

What repeats is counted: whoever can cause an error can cause a million, and must not fill the disk with them (decisions: Doors).
"""

import logging
import sys
import threading
import time
import traceback
from copy import copy
from dataclasses import dataclass, field

import structlog

from bot.core.redact import mask

WINDOW = 60.0  # seconds within which a line is written once, and after which is said how often it came
MOST = 30  # different lines of one place in the code within that time; more are counted
LONGEST = 2_000  # characters of a message, or of a line of a traceback; of a whole traceback four times as many
FRAMES = -20  # of a traceback: the innermost
REMEMBERED = 300  # characters by which two lines are told apart


@dataclass(slots=True)
class _Place:
    """What one place in the code said in this window."""

    texts: set[str] = field(default_factory=set)
    more: int = 0
    first: logging.LogRecord | None = None


class SparingHandler(logging.StreamHandler):  # type: ignore[type-arg]  # of whatever stream standard error is
    """Writes what is new at once, and once a minute how often the rest came again."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[tuple[str, str, int], _Place] = {}
        self._since = time.monotonic()
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()[:REMEMBERED]
        except Exception:  # as logging does it: a line that cannot be put together must not end who wrote it
            self.handleError(record)
            return
        if time.monotonic() - self._since >= WINDOW:
            self.tell()
        place = self._places.setdefault((record.name, record.pathname, record.lineno), _Place())
        if text not in place.texts and len(place.texts) < MOST:
            place.texts.add(text)
            super().emit(record)
            return
        place.more += 1
        place.first = place.first or record
        if self._timer is None:
            self._timer = threading.Timer(max(0.0, self._since + WINDOW - time.monotonic()), self.tell)
            self._timer.daemon = True
            self._timer.start()

    def format(self, record: logging.LogRecord) -> str:
        """The line without secrets and of bounded length: what a platform or a driver answers may quote an address with a token
        in it, or a whole page, in its message as in the exception that stands below it.
        """
        plain = copy(record)
        plain.msg, plain.args = mask(_bounded(record.getMessage(), LONGEST)), None
        if record.exc_info and record.exc_info[1] is not None:
            plain.msg += "\n" + mask(_traceback(record.exc_info[1]))
            plain.exc_info = plain.exc_text = None
        return super().format(plain)

    def tell(self) -> None:
        """Say how often what was not written came, and begin a new window."""
        self.acquire()  # whoever writes a line holds it already; the timer does not
        try:
            places, self._places, self._since = self._places, {}, time.monotonic()
            timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            gone = getattr(self.stream, "closed", False)  # whoever it was written for has ended before the minute
            for place in places.values():
                if place.first is not None and not gone:
                    super().emit(_counted(place.first, place.more))
        finally:
            self.release()

    def close(self) -> None:
        """What was counted is told before the end."""
        self.tell()
        super().close()


def _bounded(text: str, most: int) -> str:
    """``text``, or its beginning and end with the number of characters between them that are left out."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters … {text[-half:]}"


def _traceback(error: BaseException) -> str:
    """The traceback; each of its lines bounded, then all of them."""
    lines = "".join(traceback.format_exception(error, limit=FRAMES)).rstrip("\n").split("\n")
    return _bounded("\n".join(_bounded(line, LONGEST) for line in lines), 4 * LONGEST)


def _counted(of: logging.LogRecord, more: int) -> logging.LogRecord:
    text = f"{of.getMessage()[:REMEMBERED]} (this or the like {more} times more within {WINDOW:.0f} s)"
    return logging.LogRecord(of.name, of.levelno, of.pathname, of.lineno, text, None, None)


def set_up(level: int = logging.INFO) -> None:
    """Send every logger's records to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = SparingHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("alembic", "asyncssh", "apscheduler", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
