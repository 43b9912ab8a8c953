"""What Feishu's error codes mean for a message: ask for a new token, try later, or give up (Feishu sheet 1.1, 1.2)."""

from enum import Enum, auto

from bot.adapters.common.http import Answer
from bot.core.errors import Gone, Rejected, Temporary


class Withdrawn(Gone):
    """The message that was to be answered or changed is gone; the chat itself is there."""


class Kind(Enum):
    """What is done about a code."""

    TOKEN = auto()
    BUSY = auto()
    WITHDRAWN = auto()
    GONE = auto()
    REFUSED = auto()


_CODES = {
    99991661: (Kind.TOKEN, "the access token is missing"),
    99991663: (Kind.TOKEN, "the access token has expired"),
    99991664: (Kind.TOKEN, "the access token is invalid"),
    99991668: (Kind.TOKEN, "the access token is invalid"),
    99991671: (Kind.TOKEN, "the access token is malformed"),
    99991400: (Kind.BUSY, "too many requests"),
    230020: (Kind.BUSY, "too many messages to this chat"),
    230049: (Kind.BUSY, "the message is still being sent"),
    11232: (Kind.BUSY, "the robot is limited"),
    230011: (Kind.WITHDRAWN, "the message was withdrawn"),
    230019: (Kind.WITHDRAWN, "the topic does not exist"),
    230031: (Kind.WITHDRAWN, "the card is older than 14 days"),
    230110: (Kind.WITHDRAWN, "the message was deleted"),
    230002: (Kind.GONE, "the bot is not in the group"),
    230013: (Kind.GONE, "the person is outside the app's range"),
    230029: (Kind.GONE, "the person has left"),
    230045: (Kind.GONE, "the group does not exist"),
    19001: (Kind.GONE, "the robot's hook does not exist"),
    19021: (Kind.REFUSED, "signature refused, check the robot's secret and this machine's clock"),
    19022: (Kind.REFUSED, "this address is not on the robot's list"),
    19024: (Kind.REFUSED, "the robot wants a key word"),
    230006: (Kind.REFUSED, "the app's bot is not switched on"),
    230018: (Kind.REFUSED, "the bot may not speak in the group"),
    230025: (Kind.REFUSED, "the message is too long"),
    230027: (Kind.REFUSED, "the app lacks a permission"),
    230035: (Kind.REFUSED, "the bot may not speak in the group"),
    99991672: (Kind.REFUSED, "the app lacks a permission"),
}


def kind_of(code: int) -> Kind:
    """What is done about ``code``; one nobody wrote down is a refusal."""
    return _CODES.get(code, (Kind.REFUSED, ""))[0]


def code_of(answer: Answer) -> int:
    """The code of an answer, older robots' ``StatusCode`` too; -1 where there is none."""
    code = answer.data.get("code", answer.data.get("StatusCode"))
    return code if isinstance(code, int) else -1


def check(answer: Answer) -> None:
    """Raise what the answer's code stands for; 0 is well."""
    code = code_of(answer)
    if code == 0:
        return
    if code == -1:
        if answer.status < 300:
            raise Temporary("an answer without a code", uncertain=True)
        raise Rejected(f"status {answer.status}, check api_base")
    raise _error(code, answer.pause)


def _error(code: int, retry_after: float | None = None) -> Temporary | Rejected:
    """The error that ``code`` becomes. A token that is refused twice in a row may be good again later."""
    kind, about = _CODES.get(code, (Kind.REFUSED, "refused"))
    reason = f"{about} (code {code})"
    match kind:
        case Kind.TOKEN | Kind.BUSY:
            return Temporary(reason, retry_after)
        case Kind.WITHDRAWN:
            return Withdrawn(f"gone: {reason}")
        case Kind.GONE:
            return Rejected(f"gone: {reason}")
        case Kind.REFUSED:
            return Rejected(reason)
