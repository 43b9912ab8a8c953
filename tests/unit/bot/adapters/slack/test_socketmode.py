"""Socket Mode keeps before it acknowledges, comes back by itself, and leaves no gap when Slack changes over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.adapters.common.listening import Cause
from tests.support.kit import Kit
from tests.support.platforms.slack import FakeSlack
from tests.support.until import until
from tests.unit.bot.adapters.slack.kit import Slack, outgoing, running


def hurry(slack: Slack) -> None:
    """Pauses pass at once."""
    (listening,) = slack.adapter._ingress.connections
    listening.sleep = lambda _seconds: asyncio.sleep(0.01)


def moved_instead(slack: Slack) -> list[float]:
    """Pauses move the clock instead; how long each was."""
    (listening,) = slack.adapter._ingress.connections
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        slack.kit.later(seconds)
        await asyncio.sleep(0)

    listening.sleep = sleep
    return pauses


@asynccontextmanager
async def connected(kit: Kit) -> AsyncIterator[Slack]:
    """The adapter with its socket open."""
    async with running(kit, FakeSlack(socket=True)) as slack:
        hurry(slack)
        task = asyncio.ensure_future(slack.adapter.workers()["slack socket"]())
        try:
            await until(lambda: bool(slack.fake.sockets))
            yield slack
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_everything_comes_over_the_socket_and_no_route_is_open(kit: Kit) -> None:
    async with connected(kit) as slack:
        await slack.adapter.send(outgoing(slack.fake))
        (seen,) = slack.fake.seen("shifuban")
        assert await slack.fake.says("lixiao", "shifuban", "公文打不开") == 200
        assert await slack.fake.says("zhou", "shifuban", "/restart oa3") == 200
        assert await slack.fake.taps("zhou", seen, "我来处理") == 200
        kinds = [row.split(" ")[0] for row in await slack.stored()]
        assert kinds == ["message", "message", "tap"]
        assert await slack.fake.post(b"{}", {}) == 404


async def test_what_cannot_be_kept_is_not_acknowledged(kit: Kit) -> None:
    async with connected(kit) as slack:
        await slack.kit.store.close()
        assert await slack.fake.says("lixiao", "shifuban", "公文打不开") == 504


async def test_what_is_refused_is_acknowledged_and_on_record(kit: Kit) -> None:
    """It would only come again."""
    async with connected(kit) as slack:
        form = slack.fake.command("zhou", "shifuban", "/restart", "oa3") | {"response_url": "http://169.254.169.254/"}
        assert await slack.fake.deliver(form, form=True) == 200
        assert (await slack.stored(), await slack.refused()) == ([], ["response_url_not_allowed"])


async def test_a_connection_that_breaks_is_opened_again(kit: Kit) -> None:
    async with connected(kit) as slack:
        (first,) = slack.fake.sockets
        await first.close()
        await until(lambda: bool(slack.fake.sockets) and first not in slack.fake.sockets)
        assert await slack.fake.says("lixiao", "shifuban", "公文打不开") == 200


async def test_the_next_connection_stands_before_the_old_one_is_left(kit: Kit) -> None:
    async with connected(kit) as slack:
        (first,) = slack.fake.sockets
        await first.send_json({"type": "disconnect", "reason": "warning"})
        await until(lambda: len(slack.fake.sockets) == 2)
        event = slack.fake.callback(slack.fake.message("lixiao", "shifuban", "公文打不开", ts="1790000000.000100"))
        await first.send_json({"envelope_id": "late", "type": "events_api", "payload": event})
        await until(lambda: slack.fake.acks.get("late", asyncio.Event()).is_set())
        assert await slack.texts() == ["公文打不开"]
        assert await slack.fake.says("lixiao", "shifuban", "还是不行") == 200
        await first.close()
        await until(lambda: len(slack.fake.sockets) == 1)


async def test_a_refused_token_is_tried_again_ever_more_slowly(kit: Kit) -> None:
    async with running(kit, FakeSlack(socket=True)) as slack:
        slack.fake.fail("invalid_auth", "apps.connections.open", times=6)
        pauses = moved_instead(slack)
        task = asyncio.ensure_future(slack.adapter.workers()["slack socket"]())
        await until(lambda: bool(slack.fake.sockets))
        assert slack.fake.calls.count("apps.connections.open") == 7
        assert pauses[0] == 60, "Slack's codes: an operator has to mend it"
        assert all(0.8 * 240 <= pause <= 240 for pause in pauses[2:])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_odd_frames_do_not_end_it(kit: Kit) -> None:
    async with connected(kit) as slack:
        (socket,) = slack.fake.sockets
        await socket.send_json({"type": "events_api", "payload": 5, "envelope_id": []})
        await socket.send_json(
            {"type": "events_api", "envelope_id": "odd", "payload": {"type": "event_callback", "event": 7}}
        )
        await socket.send_str("{")
        await until(lambda: bool(slack.fake.sockets) and socket not in slack.fake.sockets)
        assert await slack.fake.says("lixiao", "shifuban", "公文打不开") == 200


async def test_8_14_a_slack_that_greets_and_closes_is_not_stormed(kit: Kit) -> None:
    """It was opened 1,068 times in 10 s."""
    async with running(kit, FakeSlack(socket=True)) as slack:
        slack.fake.greets_only = True
        started, pauses = kit.clock.real(), moved_instead(slack)
        task = asyncio.ensure_future(slack.adapter.workers()["slack socket"]())
        await until(lambda: sum(pauses) > 300)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        opened = [(at - started).total_seconds() for at in slack.fake.opened]
        assert sum(at < 10 for at in opened) <= 6
        assert sum(at < 300 for at in opened) <= 13
        assert slack.adapter._ingress.connections[0].troubled > 250, "one that never lasts is no good one"


async def test_8_14_slack_s_own_pause_is_kept_when_a_connection_is_opened(kit: Kit) -> None:
    async with running(kit, FakeSlack(socket=True)) as slack:
        slack.fake.fail("429", "apps.connections.open", times=2, retry_after=47)
        pauses = moved_instead(slack)
        task = asyncio.ensure_future(slack.adapter.workers()["slack socket"]())
        await until(lambda: bool(slack.fake.sockets))
        assert pauses == [47, 47]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("link_disabled", Cause.SWITCHED_OFF), ("refresh_requested", Cause.LOST), ("too_many_websockets", Cause.LOST)],
)
async def test_8_14_why_slack_closes_is_known(kit: Kit, reason: str, cause: Cause) -> None:
    """Also in place of the greeting."""
    async with running(kit, FakeSlack(socket=True)) as slack:
        slack.fake.closes_with = reason
        pauses = moved_instead(slack)
        task = asyncio.ensure_future(slack.adapter.workers()["slack socket"]())
        await until(lambda: len(pauses) >= 2)
        deaf = slack.adapter._ingress.connections[0].deaf
        assert deaf is not None
        assert deaf.last.cause is cause
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_8_14_an_answer_without_an_address_ends_nothing(kit: Kit) -> None:
    async with running(kit, FakeSlack(socket=True)) as slack:
        slack.fake.no_address = 2
        moved_instead(slack)
        task = asyncio.ensure_future(slack.adapter.workers()["slack socket"]())
        await until(lambda: bool(slack.fake.sockets))
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
