"""What DingTalk's answers mean for the sender: sent, later, or never (DingTalk sheet 2.1; HTTP status alone says little)."""

from typing import Any

from bot.adapters.common.http import Answer
from bot.core.errors import Rejected, Temporary

BLOCK_SECONDS = 600.0  # a custom robot beyond 20 a minute is shut out this long
ADDRESS_SECONDS = 300.0  # an IP address beyond the gateway's limit is shut out this long
PERSON_SECONDS = 60.0  # a person who was written to too often
_TOO_FAST = frozenset({130101, 410100})
_QPS = frozenset({90002, 90018})
_GONE = {
    300001: "token unknown",
    300005: "token unknown",
    400013: "group dissolved",
    400101: "token unknown",
    400102: "robot stopped",
    400106: "robot removed",
}
_SECURITY = {
    "keyword": "a keyword is asked for",
    "sign": "wrong signature or clock",
    "whitelist": "address not allowed",
}


class ShutOut(Temporary):
    """A custom robot may not knock again before its time is over: every knock may prolong it."""


def check_robot(answer: Answer) -> None:
    """Raise for what a custom robot did not send. One ``errcode`` has several meanings, so ``errmsg`` counts too."""
    data = answer.data
    code, said = data.get("errcode"), str(data.get("errmsg", "")).lower()
    if code == 0:
        return
    if data.get("status") == 1111:
        raise ShutOut("address shut out", answer.pause or ADDRESS_SECONDS)
    if not isinstance(code, int):
        raise _unclear(answer)
    if code in _TOO_FAST or "too fast" in said:
        raise ShutOut(f"errcode {code}", answer.pause or BLOCK_SECONDS)
    if code in _QPS:
        raise Temporary(f"errcode {code}", answer.pause or 1.0)
    if code == -1:
        raise Temporary("errcode -1", answer.pause)
    if code == 310000:
        why = next((reason for word, reason in _SECURITY.items() if word in said), "security check")
        raise Rejected(f"robot refused: {why} (errcode {code})")
    if code in _GONE:
        raise Rejected(f"gone: {_GONE[code]} (errcode {code})")
    raise Rejected(f"errcode {code}")


def token_refused(answer: Answer) -> bool:
    """Whether the access token is what was wrong: worth one more try with a new one."""
    code = str(answer.data.get("code", "")).lower()
    return answer.status == 401 or code in {"invalidauthentication", "40014", "42001"}


def check_app(answer: Answer) -> dict[str, Any]:
    """What the enterprise interface answered; raises for what it did not do (an error is 4xx with ``code``)."""
    code = str(answer.data.get("code", ""))
    if answer.data.get("status") == 1111:
        raise Temporary("address shut out", answer.pause or ADDRESS_SECONDS)
    if "QpsLimit" in code:  # a 403 that only means too fast
        raise Temporary(code, answer.pause or 1.0)
    if token_refused(answer):
        raise Temporary("access token refused", PERSON_SECONDS)
    if answer.status >= 300:
        raise Rejected(f"{code or 'refused'} (status {answer.status})")
    return answer.data


def check_person(data: dict[str, Any]) -> None:
    """Raise when a message to one person was taken but not delivered."""
    if data.get("flowControlledStaffIdList"):
        raise Temporary("person written to too often", PERSON_SECONDS)
    if data.get("invalidStaffIdList"):
        raise Rejected("gone: no such person")
    if data.get("filteredStaffIdList"):
        raise Rejected("person may not be written to")


def _unclear(answer: Answer) -> Exception:
    if answer.status >= 400:
        return Rejected(f"status {answer.status}")
    return Temporary("an answer without errcode", uncertain=True)
