"""How long a platform asks us to wait: the headers and fields in which the platforms say so."""

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_PAUSE = 3600.0  # seconds that a platform may ask us to wait
EPOCH = 1e9  # seconds; what is above is a moment and no span
HEADERS = ("Retry-After", "x-ogw-ratelimit-reset", "X-RateLimit-Reset")  # of HTTP (RFC 9110), Feishu, Mattermost
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)


def pause_asked(headers: Mapping[str, str], data: Mapping[str, Any] | None = None) -> float | None:
    """Seconds, an hour at the most; ``data`` may have Matrix's own field. None where no pause is asked for."""
    asked = (_seconds(headers.get(name, ""), headers.get("Date", "")) for name in HEADERS)
    found = next((seconds for seconds in asked if seconds), None) or _milliseconds((data or {}).get("retry_after_ms"))
    return min(found, LONGEST_PAUSE) if found else None


def _seconds(text: str, sent: str) -> float:
    """A span, or the one from when the answer was sent (without its date: now) to the moment named; 0 for anything else."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return max(_moment(text) - (_moment(sent) or time.time()), 0.0) if _moment(text) else 0.0
    seconds = float(text)
    return seconds if seconds < EPOCH else max(seconds - (_moment(sent) or time.time()), 0.0)


def _moment(text: str) -> float:
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _milliseconds(value: object) -> float:
    return value / 1000 if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0.0
