"""Triage holds its invariants for whatever people send, in linear time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.work.understanding import Kind, RouteName
from handlers.triage import dialogue, roster, topics, words
from handlers.triage.labels import THIRD_PARTY, Reading
from handlers.triage.rules import read
from handlers.triage.signs import cleaned
from handlers.triage.text import LIMIT

FAULT_ROUTES = {RouteName.THIRD_PARTY, RouteName.INTERNAL, RouteName.URGENT}
PIECES = [
    "打不开",
    "短信",
    "VPN",
    "请问",
    "怎么",
    "麻烦",
    "重置",
    "密码",
    "全部人",
    "好了",
    "不用看了",
    "，",
    "？",
    "如果",
    "报价",
]
PIECES += [
    "账号被盗",
    "停用",
    "厂家",
    "接口",
    "\x00",
    "\u202e",
    "👍",
    "另外",
    "手机",
    " ",
    "\n",
    "/",
    "【通知】",
    "没有",
    "网络很慢",
]
anything = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
role = st.sampled_from(["user", "engineer", "vendor", "bot", ""])
systems = st.frozensets(st.sampled_from(["oa", "sms", "vpn", "nonsense"]))


def check(seen: Reading) -> None:
    if seen.kind is Kind.OTHER:
        assert (seen.route, seen.system, seen.severity) == (None, None, None)
    else:
        assert seen.route is not None
    if seen.kind is Kind.FAULT:
        assert seen.route in FAULT_ROUTES
        assert seen.system is not None
        assert seen.severity in {1, 2, 3}
        assert (seen.route is RouteName.URGENT) == (seen.severity == 1)
    else:
        assert seen.severity is None
    assert not (seen.kind is Kind.QUESTION and seen.route is RouteName.URGENT)
    if seen.route is RouteName.THIRD_PARTY:
        assert seen.system in THIRD_PARTY
    assert 0 < seen.confidence <= 1
    assert seen.reason
    assert seen.reason.isprintable()


@settings(deadline=None)
@given(anything, role, systems)
def test_invariants(text: str, sender: str, open_systems: frozenset[str]) -> None:
    check(read(text, sender, open_systems))


@settings(deadline=None)
@given(anything)
def test_a_line_is_one_thing_in_a_dialogue(text: str) -> None:
    line = cleaned(text)
    assert not (dialogue.is_resolved(line) and dialogue.chasing(line))
    dialogue.is_me_too(line)
    dialogue.is_response(line)
    dialogue.is_withdrawn(line)


@pytest.mark.parametrize("filler", ["打", "不", "a", " ", "，", "\n", "请", "👍", "[", "@", "\u200b", "另外", "我也"])
def test_nothing_beyond_the_limit_is_read(filler: str) -> None:
    head = filler * (LIMIT // len(filler))
    assert read(head + "短信收不到" * 4_000) == read(head)


def test_no_table_repeats_without_bound() -> None:
    tables = [value for module in (words, topics, dialogue, roster) for value in vars(module).values()]
    patterns = [value.pattern for value in tables if isinstance(value, re.Pattern)]
    patterns += [finder.pattern for finder in topics.FINDERS.values()]
    assert len(patterns) > 20
    for pattern in patterns:
        assert not re.search(r"(?<!\\)[*+]|,\}", re.sub(r"\[[^\]]*\]", "x", pattern)), pattern
