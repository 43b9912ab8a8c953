"""What the store promises: a failed act leaves nothing, pages are one per level while the ticket behind them waits."""

from dataclasses import replace

import pytest

from bot.work.work import Work
from handlers.faults import store
from handlers.faults.lifecycle import TicketAct, move
from handlers.faults.model import Happening
from tests.support.desk import Desk
from tests.unit.handlers.faults.test_rules import ticket


async def test_a_failed_act_leaves_no_row_and_the_next_one_is_whole(desk: Desk) -> None:
    first, second = ticket("GD-20261014-101", "oa"), ticket("GD-20261014-102", "oa")

    def fails(work: Work) -> None:
        store.add(work, first)
        store.note(work, first, Happening.OPENED, work.now, "lixiao", "m", detail="x")
        assert store.change(work, first, joined=1) is not None
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await desk.app.transactions.do("t:1", fails)
    await desk.app.transactions.do("t:2", lambda work: store.add(work, second))
    found = await desk.app.transactions.do("t:3", lambda w: [store.get(w, t.number) for t in (first, second)])
    assert found == [None, second]


async def test_numbers_count_per_local_date_and_are_never_given_twice(desk: Desk) -> None:
    def three(work: Work) -> list[str]:
        return [store.next_number(work, desk.clock.now().date()) for _ in range(3)]

    assert await desk.app.transactions.do("t:1", three) == [f"GD-20261014-00{n}" for n in (1, 2, 3)]


async def test_a_page_is_raised_anew_once_the_ticket_behind_it_is_answered(desk: Desk) -> None:
    one = ticket("GD-20261014-101", "oa")
    two = ticket("GD-20261014-102", "oa", 6)

    def act(work: Work) -> list[bool]:
        elsewhere = ticket("GD-20261014-103", "vpn")
        store.add(work, elsewhere)
        store.raise_page(work, elsewhere, "rung2", "hemu")  # waits all the while, and is none of their business
        other = replace(two, incident=one.number)
        store.add(work, one)
        store.add(work, other)
        raised = [store.raise_page(work, one, "rung2", "hemu"), store.raise_page(work, other, "rung2", "hemu")]
        move(work, one, TicketAct.ANSWER)
        return [*raised, store.raise_page(work, other, "rung2", "hemu"), store.raise_page(work, other, "rung2", "hemu")]

    assert await desk.app.transactions.do("t:1", act) == [True, False, True, False]


async def test_a_change_of_a_ticket_that_moved_meanwhile_is_refused(desk: Desk) -> None:
    one = ticket("GD-20261014-101", "oa")

    def act(work: Work) -> list[bool]:
        store.add(work, one)
        return [move(work, one, TicketAct.ANSWER) is not None, store.change(work, one, rung=1) is not None]

    assert await desk.app.transactions.do("t:1", act) == [True, False]
