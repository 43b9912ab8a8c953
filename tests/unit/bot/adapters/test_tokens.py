"""A token is asked for once for all who wait, kept as long as it is good, and not asked for while that is of no use."""

import asyncio
from datetime import timedelta

import pytest

from bot.adapters.common.tokens import AccessToken, Issued, issued
from bot.core.errors import Rejected, Temporary
from bot.storage.clock import ManualClock
from tests.support.desk import WORKDAY


class Office:
    """Gives t1, t2, … for two hours each, or what stands in ``faults`` first."""

    def __init__(self) -> None:
        self.clock = ManualClock(WORKDAY)
        self.asked = 0
        self.faults: list[Exception] = []
        self.seconds = 7200
        self.token = AccessToken("test", self._ask, self.clock)

    async def _ask(self) -> Issued:
        self.asked += 1
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        return Issued(f"t{self.asked}", self.seconds)

    def later(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))


@pytest.fixture
def office() -> Office:
    return Office()


async def test_who_comes_together_shares_one_token(office: Office) -> None:
    assert await asyncio.gather(*(office.token.get() for _ in range(50))) == ["t1"] * 50
    assert office.asked == 1


@pytest.mark.parametrize(("seconds", "good_for"), [(7200, 6900), (400, 200), (0, 0)])
async def test_it_is_left_shortly_before_its_end(office: Office, seconds: int, good_for: int) -> None:
    """Five minutes before; of one that lives shorter than ten, half of its life is used."""
    office.seconds = seconds
    assert await office.token.get() == "t1"
    office.later(seconds=good_for - 1)
    assert await office.token.get() == ("t1" if good_for else "t2")
    office.later(seconds=1)
    assert await office.token.get() == ("t2" if good_for else "t3")


async def test_a_refused_token_is_renewed_once_for_all(office: Office) -> None:
    """Half of the calls are under way with the old one when it stops being good."""
    good = {"t2"}

    async def call(token: str) -> str:
        await asyncio.sleep(0)
        return token

    await office.token.get()
    answers = await asyncio.gather(*(office.token.used(call, lambda token: token not in good) for _ in range(50)))
    assert answers == ["t2"] * 50
    assert office.asked == 2


async def test_one_that_is_refused_again_is_not_asked_for_a_third_time(office: Office) -> None:
    async def call(token: str) -> str:
        return token

    assert await office.token.used(call, lambda _token: True) == "t2"


async def test_a_failure_is_shared_and_the_next_caller_tries_anew(office: Office) -> None:
    office.faults = [Temporary("status 502", uncertain=True)]
    results = await asyncio.gather(*(office.token.get() for _ in range(50)), return_exceptions=True)
    assert {str(result) for result in results} == {"no access token: status 502"}
    assert not any(isinstance(result, Temporary) and result.uncertain for result in results)
    assert office.asked == 1
    assert await office.token.get() == "t2"


@pytest.mark.parametrize("fault", [Temporary("slow down", 60), Rejected("wrong secret")])
async def test_a_door_that_is_shut_is_left_alone(office: Office, fault: Exception) -> None:
    office.faults = [fault]
    for passed in (0, 20):
        office.later(seconds=passed)
        with pytest.raises(Temporary, match="no access token") as told:
            await office.token.get()
        assert told.value.retry_after == 60 - passed
    assert office.asked == 1
    office.later(seconds=40)
    assert await office.token.get() == "t2"


async def test_who_gives_up_waiting_takes_nobody_with_him(office: Office) -> None:
    first, second = asyncio.ensure_future(office.token.get()), asyncio.ensure_future(office.token.get())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "t2"


@pytest.mark.parametrize("fields", [(None, 7200), ("", 7200), ("t", "7200"), (["t"], None)])
def test_an_answer_without_a_token_is_none(fields: tuple[object, object]) -> None:
    with pytest.raises(Temporary):
        issued(*fields)
