"""What Slack's error codes mean for a message: try again, wait for an operator, or give up (Slack sheet 6)."""

import logging
import re

from bot.adapters.common.http import Answer
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
_BUSY = {"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "request_timeout"}
_PERHAPS = {"internal_error", "fatal_error"}  # "some aspect of the operation may have succeeded"
_OURS = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope"}
OURS_SECONDS = 60.0  # until somebody has given the app a good token or scope again, nothing is lost
_CODE = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


class Refused(Rejected):
    """``ok: false`` for good; ``reason`` is Slack's error code."""


class Unauthorised(Temporary):
    """The token or a scope is not good: it is for the operator to mend, and the message waits."""


class Foreign(Temporary):
    """What answered is not Slack, or knows not this method: it may be a gateway that lets only some of them through."""


def check(method: str, answer: Answer) -> None:
    """Raise what an answer other than ``ok`` means."""
    if answer.data.get("ok") is not True:
        raise _error(method, answer)


def _error(method: str, answer: Answer) -> Exception:
    error, pause = answer.data.get("error"), answer.pause
    if not (isinstance(error, str) and _CODE.fullmatch(error)):
        return Foreign(f"{method}: no answer of Slack's, status {answer.status}", pause, uncertain=True)
    if error in _BUSY:
        return Temporary(f"{method}: {error}", pause)
    if error in _PERHAPS:
        return Temporary(f"{method}: {error}", pause, uncertain=True)
    if error in _OURS:
        log.error("slack: %s: %s; messages wait", method, error)
        return Unauthorised(f"{method}: {error}", max(OURS_SECONDS, pause or 0.0))
    return Refused(error)
