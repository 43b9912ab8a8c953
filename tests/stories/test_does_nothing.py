"""In English, what does nothing when it is pressed is a fault; of people it is talk. The oracle is the rows of the tickets."""

import pytest

from tests.support.desk import Desk


async def tickets(desk: Desk) -> list[tuple[str, ...]]:
    query = "SELECT system, state, chat FROM ticket ORDER BY number"
    return await desk.app.store.read(lambda s: [tuple(row) for row in s.connection().exec_driver_sql(query)])


@pytest.mark.parametrize(
    "line",
    [
        "The seal does nothing when I click it, urgent",
        "The seal does nothing when I click it",
        "I click the seal and nothing happens",
        "The stamp button won't do anything",
        "the seal doesn't do anything when I press it",
        "No reaction from the seal when I click, urgent",
        "The seal just does nothing",
        "the seal does not react",
        "the e-seal gives no response, urgent",
        "seal did nothing when I opened the contract",
    ],
)
async def test_8_15_what_does_nothing_is_a_fault(desk: Desk, line: str) -> None:
    await desk.says("lixiao", line, chat="shifuban")
    assert await tickets(desk) == [("seal", "waiting", "shifuban")]


@pytest.mark.parametrize(
    "line",
    [
        "he does nothing all day",
        "I do nothing today",
        "The vendor does nothing",
        "nothing to do with the seal",
        "no response from you so far, urgent",
    ],
)
async def test_8_15_of_people_that_is_talk(desk: Desk, line: str) -> None:
    await desk.says("lixiao", line, chat="shifuban")
    assert await tickets(desk) == []
