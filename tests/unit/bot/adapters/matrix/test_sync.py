"""The stream, by answers of a homeserver written by hand: what one room or person does keeps nobody else waiting."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.matrix.api import Api
from bot.adapters.matrix.rooms import DirectRooms
from bot.adapters.matrix.sync import TRIES, Sync
from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.core.errors import Rejected, Temporary
from bot.settings import Settings
from tests.support.once import example_site
from tests.support.paths import EXAMPLE

ME, LI = "@zhiban:example.org", "@li:example.org"


class Homeserver(Api):
    """Answers what the test wrote; ``joining`` is raised by whoever joins."""

    def __init__(self, me: str = ME) -> None:
        super().__init__(Http(), Http(), "https://example.org", "token")
        self._me = me
        self.asked: list[str] = []
        self.done: list[str] = []
        self.news: dict[str, Any] = {"rooms": {}}
        self.joining: Exception | None = None

    async def sync(self, since: str, filter_json: str, *, patient: bool = True) -> dict[str, Any]:
        self.asked.append(since)
        return {"next_batch": f"s{len(self.asked)}"} | self.news

    async def messages(self, room: str, start: str, end: str, filter_json: str) -> dict[str, Any]:
        raise Rejected("gone: the bot may not do this here (M_FORBIDDEN)")

    async def join(self, room: str) -> None:
        self.done.append(f"join {room}")
        if self.joining:
            raise self.joining

    async def leave(self, room: str) -> None:
        raise Rejected("gone: the bot may not do this here (M_FORBIDDEN)")

    async def account_data(self, kind: str) -> dict[str, Any]:
        return {}

    async def keep_account_data(self, kind: str, data: Mapping[str, Any]) -> None:
        self.done.append(f"{kind} {dict(data)}")


class Listener:
    """A stream and what it heard; words beginning with ``!`` are refused by the homeserver."""

    def __init__(self, ingress: Ingress, server: Homeserver) -> None:
        self.heard: list[str] = []
        self.server = server
        self.sync = Sync(server, DirectRooms(server), ingress, self._take)

    async def _take(self, room: str, event: Mapping[str, Any]) -> None:
        body = str(event.get("content", {}).get("body"))
        if body.startswith("!"):
            raise Rejected("M_INVALID_PARAM (status 400)")
        self.heard.append(body)


@pytest.fixture
async def ingress(tmp_path: Path) -> AsyncIterator[Ingress]:
    site = example_site()
    app = App(Settings(data_dir=EXAMPLE, state_dir=tmp_path), lambda: site, platforms=PLATFORMS)
    await app.open()
    yield Ingress("matrix", app.inbox, app.transactions)
    await app.close()


def said(body: str) -> dict[str, Any]:
    return {"type": "m.room.message", "sender": LI, "content": {"body": body}}


def member(now: str, before: str) -> dict[str, Any]:
    unsigned = {"prev_content": {"membership": before}} if before else {}
    return {"type": "m.room.member", "state_key": ME, "content": {"membership": now}, "unsigned": unsigned}


def told(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"timeline": {"events": list(events), **more}}


def invitation(by: str, **content: Any) -> dict[str, Any]:
    content |= {"membership": "invite"}
    event = {"type": "m.room.member", "state_key": ME, "sender": by, "content": content}
    return {"invite_state": {"events": [event]}}


async def listening(ingress: Ingress) -> Listener:
    """One that has found its place."""
    listener = Listener(ingress, Homeserver())
    await listener.sync.step()
    return listener


async def test_an_event_that_the_homeserver_refuses_stops_nobody_else(ingress: Ingress) -> None:
    listener = await listening(ingress)
    listener.server.news = {
        "rooms": {"join": {"!a:h": told(said("一"), said("!"), said("二")), "!b:h": told(said("三"))}}
    }
    await listener.sync.step()
    assert listener.heard == ["一", "二", "三"]
    await listener.sync.step()
    assert listener.server.asked == ["", "s1", "s2"]


async def test_a_gap_that_may_not_be_read_costs_only_itself(ingress: Ingress) -> None:
    listener = await listening(ingress)
    listener.server.news = {"rooms": {"join": {"!a:h": told(said("一"), limited=True, prev_batch="p")}}}
    await listener.sync.step()
    assert listener.heard == ["一"]


@pytest.mark.parametrize(
    ("section", "events", "expected"),
    [
        ("join", [said("前"), member("join", "join"), said("后")], ["前", "后"]),
        ("join", [said("前"), member("join", "invite"), said("后")], ["后"]),
        (
            "join",
            [said("前"), member("leave", "join"), said("外"), member("invite", "leave"), member("join", "invite")],
            ["前"],
        ),
        ("leave", [said("前"), member("leave", "join")], ["前"]),
        ("leave", [said("外"), member("leave", "invite")], []),
    ],
)
async def test_what_was_said_while_the_bot_was_in_the_room_is_heard(
    ingress: Ingress, section: str, events: list[dict[str, Any]], expected: list[str]
) -> None:
    listener = await listening(ingress)
    listener.server.news = {"rooms": {section: {"!a:h": told(*events)}}}
    await listener.sync.step()
    assert [body for body in listener.heard if body != "None"] == expected


async def test_an_invitation_to_a_dead_homeserver_s_room_is_given_up(ingress: Ingress) -> None:
    listener = await listening(ingress)
    listener.server.joining = Temporary("status 502", uncertain=True)
    rooms = {"invite": {"!dead:h": invitation(LI)}, "join": {"!a:h": told(said("一"))}}
    listener.server.news = {"rooms": rooms}
    for _ in range(TRIES - 1):
        with pytest.raises(Temporary):
            await listener.sync.step()
    assert listener.heard[0] == "一", "heard all the same"
    await listener.sync.step()
    listener.server.news = {"rooms": {}}
    await listener.sync.step()
    assert listener.server.asked[-1] == f"s{TRIES + 1}"


async def test_a_stranger_s_invitation_that_cannot_be_declined_stops_nobody(ingress: Ingress) -> None:
    listener = await listening(ingress)
    listener.server.news = {"rooms": {"invite": {"!x:h": invitation("@x:elsewhere.net")}}}
    await listener.sync.step()
    await listener.sync.step()
    assert listener.server.asked[-1] == "s2"
    assert listener.server.done == []


async def test_a_direct_room_is_known_before_the_bot_is_in_it(ingress: Ingress) -> None:
    """Else a crash between the two would leave a room in which the person is not heard as speaking to the bot."""
    listener = await listening(ingress)
    listener.server.news = {"rooms": {"invite": {"!d:h": invitation(LI, is_direct=True)}}}
    await listener.sync.step()
    assert listener.server.done == [f"m.direct {{'{LI}': ['!d:h']}}", "join !d:h"]


async def test_another_account_has_a_place_of_its_own(ingress: Ingress) -> None:
    """The place in one homeserver's stream means nothing to another, which may refuse it for ever."""
    await listening(ingress)
    moved = Listener(ingress, Homeserver("@zhiban:elsewhere.net"))
    await moved.sync.step()
    assert moved.server.asked == [""]
