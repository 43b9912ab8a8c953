"""An event is stored once, however often and from wherever it comes."""

import asyncio

from tests.support.kit import Kit, message


async def test_ten_deliveries_at_once_are_one_event(kit: Kit) -> None:
    fresh = await asyncio.gather(*(kit.accept("e1", "OA打不开了") for _ in range(10)))
    assert sorted(fresh) == [False] * 9 + [True]
    assert await kit.column("SELECT key FROM inbox") == ["e1"]


async def test_the_same_id_on_another_platform_is_another_event(kit: Kit) -> None:
    await kit.accept("e1")
    await kit.sql("UPDATE inbox SET platform = 'elsewhere'")
    assert await kit.accept("e1")


async def test_what_is_written_with_an_event_is_written_once(kit: Kit) -> None:
    written: list[str] = []
    event = message(kit.clock, "e1", "x")
    for _ in range(3):
        await kit.inbox.accept(event, lambda tx: written.append("once"))
    assert written == ["once"]
