"""Turns between addresses: the order by hand, and no place is lost."""

import asyncio

import pytest

from bot.fair_turns import FairTurns


async def worked(turns: FairTurns, address: str, order: list[str]) -> None:
    async with turns.of(address):
        order.append(address)
        await asyncio.sleep(0)


async def test_each_address_in_turn_and_of_each_the_oldest_first() -> None:
    order: list[str] = []
    turns = FairTurns(at_work=1)
    await asyncio.gather(*(worked(turns, address, order) for address in "AAAABBC"))
    assert "".join(order) == "AABCABA"


@pytest.mark.parametrize("waits", [1, 2, 3])
async def test_who_goes_while_waiting_takes_no_place_along(waits: int) -> None:
    turns = FairTurns(at_work=1)
    order: list[str] = []
    async with turns.of("A"):
        going = [asyncio.create_task(worked(turns, "B", order)) for _ in range(waits)]
        staying = asyncio.create_task(worked(turns, "C", order))
        await asyncio.sleep(0)
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)
    await staying
    await worked(turns, "D", order)
    assert order == ["C", "D"]


async def test_who_goes_in_the_moment_of_its_turn_gives_it_on() -> None:
    turns = FairTurns(at_work=1)
    order: list[str] = []
    async with turns.of("A"):
        going = asyncio.create_task(worked(turns, "B", order))
        await asyncio.sleep(0)
    going.cancel()  # it has been given the place, and has not run since
    await asyncio.gather(going, return_exceptions=True)
    await worked(turns, "C", order)
    assert order == ["C"]
