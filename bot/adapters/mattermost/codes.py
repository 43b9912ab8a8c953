"""What the answers of Mattermost's REST interface mean for the sender."""

from bot.adapters.common.http import Answer
from bot.core.errors import Rejected, Temporary

TOKEN_SECONDS = 30.0  # a refused token is mended by people; what is to be said waits


def check(answer: Answer) -> None:
    """Raise for what was not done; 429 and 5xx were sorted out before."""
    match answer.status:
        case 200 | 201:
            return
        case 401:
            raise Temporary("bot token refused", max(TOKEN_SECONDS, answer.pause or 0.0))
        case 403 | 404:
            raise Rejected(f"gone: the bot may not do this here ({error_id(answer)})")
        case 413:
            raise Rejected("file too large")
        case _:
            raise Rejected(f"{error_id(answer)} (status {answer.status})")


def error_id(answer: Answer) -> str:
    """Mattermost's own name of the error (``api.post.create_post.root_id.app_error``)."""
    found = answer.data.get("id")
    return found if isinstance(found, str) and found.isascii() and len(found) < 100 else f"status {answer.status}"
