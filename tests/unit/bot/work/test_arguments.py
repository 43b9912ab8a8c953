"""What a command takes is read before its handler sees it, by the rules that its arguments declare."""

import dataclasses
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.core.arguments import choice, number
from bot.core.errors import UserError
from bot.core.events import Command, Envelope
from bot.core.people import Account
from bot.work.arguments import Argument, takes, text, word
from bot.work.work import Work

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORK = cast(Work, None)  # these arguments ask nothing of it
COMMAND = Command(Envelope("k", Account("local", "zhou"), "zhou", "duty-room", NOON, NOON), "x", (), "", "/x")


def typed(rest: str) -> Command:
    return dataclasses.replace(COMMAND, args=tuple(rest.split()), rest=rest)


def refuse(_event: Command, _work: Work) -> int:
    raise UserError("missing_argument")


STEP: Argument[int] = Argument(lambda given, _work: number(given, 1, 9), refuse)


@pytest.mark.parametrize(
    ("rest", "got"), [("4 why  not", (4, "why not")), ("9", (9, "")), ("  1   好，现在  ", (1, "好，现在"))]
)
def test_a_handler_gets_values(rest: str, got: tuple[int, str]) -> None:
    seen: list[tuple[int, str]] = []

    @takes(STEP, text())
    def handle(_event: Command, _work: Work, step: int, why: str) -> None:
        seen.append((step, why))

    handle(typed(rest), WORK)
    assert seen == [got]


@pytest.mark.parametrize(
    ("rest", "code"), [("", "missing_argument"), ("0", "bad_number"), ("10", "bad_number"), ("４", "bad_number")]
)
def test_what_is_wrong_or_missing_is_refused_before_the_handler(rest: str, code: str) -> None:
    @takes(word(), STEP)
    def handle(_event: Command, _work: Work, _name: str, _step: int) -> None:
        raise AssertionError("handled")

    with pytest.raises(UserError) as refused:
        handle(typed(f"R17 {rest}"), WORK)
    assert refused.value.code == code


def test_nothing_follows_an_argument_that_takes_the_rest() -> None:
    with pytest.raises(ValueError, match="last"):
        takes(text(), STEP)


def test_a_choice_is_one_of_the_list() -> None:
    assert choice("FAST", ["fast", "slow"]) == "fast"
    with pytest.raises(UserError) as refused:
        choice("faster", ["fast", "slow"])
    assert refused.value.facts == {"value": "faster", "choices": ("fast", "slow")}
