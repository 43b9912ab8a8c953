"""In which language a line is read: its own words decide, whatever the house speaks."""

import re
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.work.understanding import Act, Kind, RouteName, Speaker, Surroundings
from handlers.triage.chinese import Chinese
from handlers.triage.english import (
    dialogue,
    endings,
    forms,
    likeness,
    manners,
    naming,
    replies,
    roster,
    symptoms,
    talk,
    topics,
    withdrawals,
    words,
)
from handlers.triage.english.tongue import English
from handlers.triage.greetings import GREETING
from handlers.triage.languages import read, tongue_of
from handlers.triage.text import clean
from handlers.triage.understand import only_greets, understand
from tests.unit.handlers.triage.test_any_input import check, role, systems

TABLES: tuple[ModuleType, ...] = (
    dialogue,
    endings,
    forms,
    likeness,
    manners,
    naming,
    replies,
    roster,
    symptoms,
    talk,
    topics,
    withdrawals,
    words,
)
OFTEN = "can't open |the portal| is down| SMS code|VPN |please |how do I |reset |my password|everyone |works now|never mind|, |? "
RARE = "quote |stolen |block |vendor |api |\x00|\u202e|👍|n't| by the way |app |\n|/|Notice: |not |slow |again|打不开|谢谢|会|on it"
PIECES = [*OFTEN.split("|"), *RARE.split("|"), "in 10 minutes", "same here", "’s back", "could you ", "if "]
anything = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("OA打不开", Chinese),
        ("VPN连不上，help", Chinese),
        ("请问 how to reset my password", English),
        ("收到, checking now", Chinese),
        ("the portal won't load", English),
        ("温工 the VPN is down again", English),
        ("can't open 公文 since this morning", English),
        ("VPN is down，请尽快处理", English),
        ("OA login page shows error 500，谢谢", Chinese),
        ("大家好, fixed, please try again", English),
        ("谢谢 it works now", English),
        ("温工：never mind, my mistake", English),
        ("see you 明天", Chinese),
        ("VPN", English),
        ("+1", Chinese),
        ("？", Chinese),
        ("", Chinese),
    ],
)
def test_8_15_the_line_decides_its_language(text: str, language: type) -> None:
    assert type(tongue_of(clean(text))) is language


def test_8_15_a_line_of_both_languages_is_a_report_in_whichever_says_so() -> None:
    for text in ("温工 the VPN is down again", "VPN is down，请尽快处理", "VPN连不上 please help"):
        seen = read(text)
        assert (seen.kind, seen.route) == (Kind.FAULT, RouteName.THIRD_PARTY), text


@settings(deadline=None)
@given(anything, role, systems)
def test_8_15_the_invariants_hold_for_english(text: str, sender: str, open_systems: frozenset[str]) -> None:
    check(read(text, sender, open_systems))


@settings(deadline=None)
@given(anything)
def test_8_15_an_english_line_is_one_thing_in_a_dialogue(text: str) -> None:
    for speaker in Speaker:
        line = understand(text, speaker, Surroundings())
        assert not (line.does(Act.END) and line.does(Act.CHASE))


def test_8_15_no_english_table_repeats_without_bound() -> None:
    tables = [value for module in TABLES for value in vars(module).values()]
    patterns = [value.pattern for value in tables if isinstance(value, re.Pattern)]
    patterns += [
        finder.pattern
        for finder in [*naming.FINDERS.values(), *likeness.SORTS.values(), *likeness.NO_NAMES.values(), GREETING]
    ]
    assert len(patterns) > 40
    for pattern in patterns:
        assert not re.search(r"(?<!\\)[*+]|,\}", re.sub(r"\[[^\]]*\]", "x", pattern)), pattern


@pytest.mark.parametrize(
    "text",
    [
        *("hello", "Hi there!", "anyone there?", "hello, is anyone there?", "good morning team", "help"),
        *("在吗", "hi，在吗", "hello 老师", "您好，值班老师在吗", "?"),
    ],
)
def test_8_15_one_list_of_hellos_for_all_languages(text: str) -> None:
    assert understand(text).greets
    assert only_greets(text, called=True)


@pytest.mark.parametrize(
    "text", ["hello, the portal is down", "anyone for lunch?", "all", "there", "在吗，OA打不开", "good luck"]
)
def test_8_15_who_says_more_than_hello_does_not_only_greet(text: str) -> None:
    assert not understand(text).greets
    assert not only_greets(text, called=True)
