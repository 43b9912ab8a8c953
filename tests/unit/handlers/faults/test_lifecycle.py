"""The ticket's table of moves against the dialogue rules, and the source: nobody else changes a ticket's state."""

import shutil
from pathlib import Path

import pytest

from bot.app import App
from bot.work.work import Work
from handlers.faults import lifecycle, store
from handlers.faults.lifecycle import TICKET, TicketAct
from handlers.faults.model import State
from tests.support.desk import Desk
from tests.support.paths import ROOT
from tests.unit.handlers.faults.doors import doors

ROOMS = ("bot", "handlers", "runbooks", "data", "messages")
W, A, R, X, D = State.WAITING, State.ANSWERED, State.RESOLVED, State.WITHDRAWN, State.DISMISSED
BY_HAND = {
    TicketAct.ANSWER: {W: A, A: A},
    TicketAct.SETTLE: {W: R, A: R},
    TicketAct.CLAIM: {A: A},
    TicketAct.RESOLVE: {A: R},
    TicketAct.CONFIRM: {W: R, A: R},
    TicketAct.WITHDRAW: {W: X, A: X},
    TicketAct.DISMISS: {W: D, A: D},
    TicketAct.REOPEN: {R: A},
    TicketAct.RESUME: {R: W},
}
"""Dialogue rules 3, 5 and 6: only what is open is withdrawn; only what was resolved comes back."""
SECOND_DOORS = {
    "a call of the store": (
        "handlers/faults/closing.py",
        "def f(w, t):\n    store.set_state(w, t, State.RESOLVED, {})\n",
    ),
    "an import of it": ("handlers/faults/cards.py", "from handlers.faults.store import set_state as go\n"),
    "the store's own change": ("handlers/faults/ladder.py", "def f(w, t):\n    store._set(w, t, {})\n"),
    "a state among the values": (
        "handlers/faults/talk.py",
        "def f(w, t):\n    store.change(w, t, state=State.ANSWERED)\n",
    ),
    "a record with another state": (
        "handlers/faults/routing.py",
        "def f(t):\n    return replace(t, state=State.ANSWERED)\n",
    ),
    "a statement of one's own": ("handlers/faults/store.py", "_DOOR = update(_ticket).values(state='resolved')\n"),
    "a statement in another room": ("handlers/duty/store.py", "from handlers.faults.tables import TicketRow\n"),
    "plain SQL": ("bot/workers/auditor.py", "SQL = \"UPDATE ticket SET state = 'resolved'\"\n"),
}


@pytest.mark.parametrize("act", TicketAct)
def test_each_act_leads_where_the_rules_say(act: TicketAct) -> None:
    assert {state: after for state in State if (after := TICKET.next_state(state, act))} == BY_HAND[act]


def test_no_file_but_the_lifecycle_changes_a_state() -> None:
    assert doors(ROOT, ROOMS) == []


@pytest.mark.parametrize("door", SECOND_DOORS)
def test_a_second_door_is_found(door: str, tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "*.yaml", "*.csv"))
    file, code = SECOND_DOORS[door]
    with (tmp_path / file).open("a", encoding="utf-8") as source:
        source.write(code)
    assert [path for path, _ in doors(tmp_path, ROOMS)] == [file]


async def test_the_store_refuses_a_state_among_other_columns(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开", chat="shifuban")

    def act(work: Work) -> None:
        (ticket,) = store.open_in(work, "shifuban")
        values = {"state": State.RESOLVED}
        with pytest.raises(ValueError, match="lifecycle"):
            store.change(work, ticket, **values)
        with pytest.raises(LookupError):
            lifecycle.move(work, ticket, TicketAct.REOPEN)

    await done(desk.app, act)


async def test_of_two_moves_of_one_record_the_first_counts(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开", chat="shifuban")

    def act(work: Work) -> None:
        (ticket,) = store.open_in(work, "shifuban")
        assert lifecycle.move(work, ticket, TicketAct.WITHDRAW) is not None
        assert lifecycle.move(work, ticket, TicketAct.ANSWER) is None

    await done(desk.app, act)


async def done(app: App, act: object) -> None:
    assert callable(act)
    await app.transactions.do("t:1", act)
