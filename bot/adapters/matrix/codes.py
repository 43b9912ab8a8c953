"""What the homeserver's answers mean for the sender: done, later, or never (client-server API, "Standard error response")."""

from bot.adapters.common.http import Answer
from bot.core.errors import Rejected, Temporary

TOKEN_SECONDS = 30.0  # a refused token is mended by people; what is to be said waits
_LATER = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_LOCKED"})


class TokenRefused(Temporary):
    """Somebody has to give the bot a good token."""


def check(answer: Answer) -> None:
    """Raises for what was not done; 429 and 5xx were sorted out before."""
    if answer.status == 200:
        return
    code = errcode(answer)
    if code in _LATER:
        raise TokenRefused(f"access token refused ({code})", max(TOKEN_SECONDS, answer.pause or 0.0))
    if answer.status in {403, 404}:
        raise Rejected(f"gone: the bot may not do this here ({code})")
    raise Rejected(f"{code} (status {answer.status})")


def errcode(answer: Answer) -> str:
    """The homeserver's own name of the error, such as ``M_FORBIDDEN``."""
    found = answer.data.get("errcode")
    return found if isinstance(found, str) and found.isascii() and len(found) < 100 else f"status {answer.status}"
