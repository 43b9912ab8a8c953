"""A plain line is cleaned and judged once, whatever it does, and the open tickets of its chat are looked up once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from handlers.faults import store
from handlers.triage import dialogue, rules, signs, understand
from handlers.triage.english import dialogue as english_dialogue
from handlers.triage.english import rules as english_rules
from handlers.triage.english import signs as english_signs
from tests.support.desk import Desk

PLACES = (
    (understand, "spoken"),
    (understand, "clean"),
    (understand, "tongue_of"),
    *((language, "judge") for language in (rules, english_rules)),
    *(
        (language, act)
        for language in (dialogue, english_dialogue)
        for act in ("is_response", "is_resolved", "is_withdrawn", "is_me_too")
    ),
    *((language, part) for language in (signs, english_signs) for part in ("clauses", "signs_of")),
    (signs, "systems"),
    (store, "open_in"),
)
"""Where a line is cleaned, cut and judged; the import contracts let no capability reach past ``understand``."""
ALWAYS = {"spoken": 1, "clean": 1, "tongue_of": 1, "judge": 1, "open_in": 1}
LINES = [
    ("a report", "zhao", "VPN连不上", "shifuban"),
    ("a join", "zhao", "我也打不开", "shifuban"),
    ("plus one", "zhao", "+1", "shifuban"),
    ("a chaser", "lixiao", "怎么样了？", "shifuban"),
    ("an answer", "wen", "收到，马上看", "shifuban"),
    ("an answer and an end", "wen", "已恢复，请刷新页面重试", "shifuban"),
    ("an end by who reported", "lixiao", "好了", "shifuban"),
    ("taken back", "lixiao", "不用看了，是我看错了", "shifuban"),
    ("a question", "zhao", "请问怎么撤回已发送的公文？", "shifuban"),
    ("small talk", "zhao", "中午吃什么", "shifuban"),
    ("a vendor", "duan", "已经处理好了", "shifuban"),
    ("an English report", "zhao", "The VPN won't connect", "shifuban"),
    ("an English answer", "wen", "on it, give me a minute", "shifuban"),
    ("an English end", "lixiao", "works now, thanks", "shifuban"),
    ("the duty room", "wen", "收到", "duty-room"),
    ("somebody else in the duty room", "hemu", "盖章打不开了吗", "duty-room"),
]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each place was passed."""
    passed: Counter[str] = Counter()

    def counted(name: str, of: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            passed[name] += 1
            return of(*args, **named)

        return call

    for module, name in PLACES:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return passed


@pytest.mark.parametrize(("who", "text", "chat"), [line[1:] for line in LINES], ids=[line[0] for line in LINES])
async def test_a_plain_line_is_cleaned_and_judged_once(
    desk: Desk, counts: Counter[str], who: str, text: str, chat: str
) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", "盖章用不了了", chat="shifuban")
    counts.clear()
    await desk.says(who, text, chat=chat)
    assert counts.items() >= ALWAYS.items()
    assert max(counts.values()) == 1, counts


async def test_a_typed_report_is_cleaned_and_judged_once(desk: Desk, counts: Counter[str]) -> None:
    await desk.says("lixiao", "/fault 盖章用不了了", chat="shifuban")
    assert counts.items() >= ALWAYS.items()
    assert max(counts.values()) == 1, counts
