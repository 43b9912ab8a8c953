"""The pause that a platform asks for reaches whoever waits: in a header, in its own field, on a refusal of any kind."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.common.http import Answer, Http
from bot.adapters.common.pauses import pause_asked
from bot.adapters.dingtalk import codes as dingtalk
from bot.adapters.feishu import codes as feishu
from bot.adapters.feishu.api import Api as FeishuApi
from bot.adapters.matrix import codes as matrix
from bot.adapters.mattermost import codes as mattermost
from bot.adapters.slack import codes as slack
from bot.adapters.slack.api import Api as SlackApi
from bot.adapters.slack.tenant import Tenant
from bot.core.content import Priority
from bot.core.errors import Temporary
from bot.storage.clock import ManualClock
from tests.support.desk import WORKDAY
from tests.support.kit import Kit

LONG = {"Retry-After": "600"}


class Platform:
    """Answers one thing to whatever is asked; ``asked`` counts."""

    def __init__(self) -> None:
        self.status, self.headers, self.data, self.asked = 200, dict[str, str](), dict[str, Any](), 0
        self.url = ""

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.data, status=self.status, headers=self.headers)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    app, found = web.Application(), Platform()
    app.router.add_route("*", "/{path:.*}", found.answer)
    server = TestServer(app)
    await server.start_server()
    found.url = str(server.make_url(""))
    yield found
    await server.close()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http()
    yield client
    await client.close()


@pytest.mark.parametrize(
    ("status", "headers", "data", "pause"),
    [
        (429, {"Retry-After": "30"}, {}, 30),
        (429, {}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}, 2.5),  # Matrix
        (429, {"x-ogw-ratelimit-reset": "12"}, {}, 12),  # Feishu
        (429, {"X-RateLimit-Reset": "4"}, {}, 4),  # Mattermost
        (503, {"Retry-After": "120"}, {}, 120),  # maintenance, any platform and any proxy before it
        (502, {}, {}, None),
    ],
)
async def test_8_14_every_refusal_is_asked_for_its_pause(
    platform: Platform, http: Http, status: int, headers: dict[str, str], data: dict[str, Any], pause: float | None
) -> None:
    platform.status, platform.headers, platform.data = status, headers, data
    with pytest.raises(Temporary) as caught:
        await http.json("POST", platform.url, json={})
    assert caught.value.retry_after == pause


def checks(answer: Answer) -> None:
    slack.check("chat.postMessage", answer)


@pytest.mark.parametrize(
    ("check", "status", "data"),
    [
        (checks, 200, {"ok": False, "error": "ratelimited"}),
        (checks, 200, {"ok": False, "error": "service_unavailable"}),
        (checks, 200, {"ok": False, "error": "invalid_auth"}),
        (feishu.check, 400, {"code": 99991400}),
        (feishu.check, 200, {"code": 230020}),
        (dingtalk.check_app, 403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}),
        (dingtalk.check_robot, 200, {"errcode": 90018}),
        (dingtalk.check_robot, 200, {"errcode": -1}),
        (matrix.check, 401, {"errcode": "M_UNKNOWN_TOKEN"}),
        (mattermost.check, 401, {}),
    ],
)
def test_8_14_a_refusal_in_the_body_keeps_the_header_s_pause(
    check: Callable[[Answer], object], status: int, data: dict[str, Any]
) -> None:
    with pytest.raises(Temporary) as caught:
        check(Answer(status, LONG, data))
    assert caught.value.retry_after == 600


async def test_8_14_a_token_is_not_asked_for_before_its_pause_is_over(platform: Platform, http: Http) -> None:
    """Feishu limits that call as any other; it is no wrong secret."""
    clock = ManualClock(WORKDAY)
    platform.headers, platform.data = {"x-ogw-ratelimit-reset": "90"}, {"code": 99991400}
    api = FeishuApi(http, platform.url, "cli_x", "s", clock)
    for _ in range(5):
        with pytest.raises(Temporary, match="too many requests") as caught:
            await api.own_open_id()
    assert (platform.asked, caught.value.retry_after) == (1, 90)
    clock.move_to(clock.now() + timedelta(seconds=91))
    with pytest.raises(Temporary):
        await api.own_open_id()
    assert platform.asked == 2


async def test_8_14_who_we_are_is_not_asked_before_the_pause_is_over(platform: Platform, http: Http) -> None:
    platform.status, platform.headers = 429, {"Retry-After": "75"}
    assert await Tenant(SlackApi(http, platform.url, "xoxb"), "").ask() == 75


async def test_8_14_an_escalation_does_not_knock_while_the_platform_asks_to_wait(kit: Kit) -> None:
    sender = kit.sender()
    kit.platform.will("shifuban", Temporary("status 429", 30))
    await kit.say("shifuban", "早上好", priority=Priority.BROADCAST)
    await sender.step()
    await kit.say("shifuban", "还没人回", priority=Priority.ESCALATION)
    await kit.say("minzheng", "在", priority=Priority.ESCALATION)
    await sender.step()
    kit.later(29)
    await sender.step()
    assert [out.chat for out in kit.platform.got] == ["minzheng"]
    kit.later(1)
    await sender.step()
    assert ["还没人回" in text for text in kit.platform.texts("shifuban")] == [True, False]


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("{ahead}", 80, 90),
        (" 30 ", 30, 30),
        ("{epoch}", 80, 90),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600, 3600),
        ("999999999999", 3600, 3600),
    ],
)
def test_8_14_a_moment_counts_from_now_where_the_answer_has_no_date(value: str, least: float, most: float) -> None:
    ahead = time.time() + 90
    asked = pause_asked({"Retry-After": value.format(ahead=formatdate(ahead, usegmt=True), epoch=int(ahead))})
    assert asked is not None
    assert least <= asked <= most


@pytest.mark.parametrize("value", ["-5", "soon", "", "0", "Mon, 01 Jan 2001 00:00:00 GMT", "30, 60"])
def test_8_14_what_is_no_pause_is_none(value: str) -> None:
    assert pause_asked({"Retry-After": value}) is None
