"""What an ``errcode`` means for the sender: all is well, later, or never (WeCom 90313, 90455; the HTTP status tells nothing)."""

from collections.abc import Mapping

from bot.core.errors import Rejected, Temporary

PAUSES: Mapping[int, float] = {-1: 2, 45033: 3, 45009: 60}  # errcode → seconds; a minute's limit blocks for a minute
GONE = frozenset({93000, 93004, 93008})


def check(code: object, status: int = 200) -> None:
    """Raises what ``code`` means; the errmsg beside it may hold anything and is not repeated."""
    if code == 0 and isinstance(code, int):
        return
    if not isinstance(code, int):
        if status == 200:
            raise Temporary("an answer without errcode", uncertain=True)
        raise Rejected(f"status {status}; is wecom.api_base right?")
    if code in PAUSES:
        raise Temporary(f"errcode {code}", retry_after=PAUSES[code])
    if code in GONE:
        raise Rejected(f"gone: the robot was removed from the group or its key is wrong (errcode {code})")
    raise Rejected(f"errcode {code}")
