"""``/help`` names what this person may do here, and nothing else."""

import re
import unicodedata
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.core.events import Envelope, Message
from bot.core.menu import MenuItem
from bot.core.people import Account, Person, Role
from tests.support.desk import Desk

REPORTER = Person("a", "甲")
ENGINEER = Person("b", "乙", frozenset({Role.ENGINEER}))


def offered(text: str) -> set[str]:
    return set(re.findall(r"/([a-z-]+)", text))


def item(*roles: Role, strangers: bool = False) -> MenuItem:
    return MenuItem("verb", "词", "", "area", roles, strangers)


@pytest.mark.parametrize(
    ("command", "person", "may"),
    [
        (item(), REPORTER, True),
        (item(), None, False),
        (item(strangers=True), None, True),
        (item(Role.ENGINEER), REPORTER, False),
        (item(Role.ENGINEER), None, False),
        (item(Role.LEAD, Role.ENGINEER), ENGINEER, True),
        (item(Role.LEAD), ENGINEER, False),
    ],
)
def test_who_may_give_a_command(command: MenuItem, person: Person | None, may: bool) -> None:
    assert command.open_to(person) is may


async def test_a_reporter_is_told_to_just_say_it(desk: Desk) -> None:
    (answer,) = await desk.says("lixiao", "/help", chat="shifuban")
    assert answer.text.split("\n")[0] == "有问题直接在群里说，例如：盖章点了没反应。"
    assert {"oncall", "help", "ping"} <= offered(answer.text)
    assert offered(answer.text).isdisjoint({"announce", "restart", "drain", "confirm", "cancel", "runs"})


async def test_an_engineer_sees_the_commands_with_sample_words(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/帮助", chat="duty-room")
    assert "/oncall 10-15（值班）" in answer.text
    assert "/announce preview（公告）" in answer.text
    assert "直接在群里说" not in answer.text
    assert answer.text.split("\n")[-1] == "其他：/help（帮助） · /ping …（在吗） · /bind（绑定）"


@pytest.mark.parametrize("word", ["操作", "runs"])
async def test_the_runbooks_have_a_page_of_their_own(desk: Desk, word: str) -> None:
    (menu,) = await desk.says("zhou", "/help", chat="duty-room")
    assert "（用法：/help 操作）" in menu.text
    (answer,) = await desk.says("zhou", f"/help {word}", chat="duty-room")
    assert "/restart oa1（重启）" in answer.text
    assert "/drain oa1（摘除）" in answer.text
    assert "/oncall" not in answer.text


async def test_a_slip_is_mended_with_what_this_person_may_use(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/drian oa3", chat="duty-room")
    assert "您是不是要 /drain？" in answer.text
    (answer,) = await desk.says("lixiao", "/drian oa3", chat="shifuban")
    assert "drain" not in answer.text


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("restrat", "restart"),
        ("undrian", "undrain"),
        ("hlep", "help"),
        ("claims", "claim"),
        ("重起", "重启"),
        ("摘出", "摘除"),
    ],
)
async def test_8_16_a_slip_is_named_as_what_it_was(desk: Desk, word: str, meant: str) -> None:
    (answer,) = await desk.says("zhou", f"/{word}", chat="duty-room")
    assert f"您是不是要 /{meant}？" in answer.text


@pytest.mark.parametrize("word", ["audit", "leave", "roster", "shutdown", "reboot", "delete", "list"])
async def test_8_16_another_word_is_not_taken_for_a_slip(desk: Desk, word: str) -> None:
    (answer,) = await desk.says("hemu", f"/{word}", chat="duty-room")
    assert "您是不是要" not in answer.text
    assert "/help" in answer.text


@pytest.mark.parametrize("chat", ["shifuban", "duty-room", "dm-zhou"])
async def test_8_16_a_command_without_its_blank_is_named_with_it_wherever_it_is_given(desk: Desk, chat: str) -> None:
    for typed, meant in (
        ("/重启oa3", "/重启 oa3"),
        ("/重启OA3", "/重启 oa3"),
        ("/摘除10.154.54.58", "/摘除 10.154.54.58"),
        ("/db重启", "/db 重启"),
        ("/端口检测oa3 80", "/端口检测 oa3 80"),
    ):
        (answer,) = await desk.says("zhou", typed, chat=chat)
        assert answer.text.endswith(f"您是不是要 {meant}？")
        assert answer.chat == chat


async def test_8_12_who_may_not_give_a_command_says_something_with_its_words(desk: Desk) -> None:
    said = await desk.says("lixiao", "/重启oa3", chat="shifuban")
    assert any("GD-" in message.text for message in said)
    assert not any("您是不是要" in message.text for message in said)


@pytest.mark.parametrize("user", ["lixiao", "zhou", "hemu", "shen", "qin", "jiang", "gu", "pan", "hq"])
async def test_nothing_offered_is_refused_and_nothing_else_is_allowed(desk: Desk, user: str) -> None:
    (answer,) = await desk.says(user, "/help", chat=f"dm-{user}")
    person = desk.site.people[user]
    allowed = {verb for verb, route in desk.app.routes.commands.items() if route.open_to(person)}
    assert offered(answer.text) == allowed
    refused = sorted(set(desk.app.routes.commands) - allowed)
    for verb in refused:
        await desk.later(seconds=10)  # more of somebody without a role within a minute would be too many
        await desk.says(user, f"/{verb}", chat=f"dm-{user}")
        assert (await desk.audit())[-1].entry.code == "not_authorised"


HIDDEN: dict[str, str] = {}
"""Commands that neither help nor hints show, each with the reason; there is none."""


@pytest.mark.parametrize("user", ["lixiao", "zhou", "hemu", "shen", "qin", "jiang", "gu", "pan", "hq"])
async def test_8_27_every_command_that_a_person_may_give_is_in_help_and_hints(desk: Desk, user: str) -> None:
    """The table of commands is asked itself, so that a new one cannot be forgotten."""
    person = desk.site.people[user]
    may = {verb for verb, route in desk.app.routes.commands.items() if route.open_to(person)} - set(HIDDEN)
    assert {"help", "ping", "bind"} <= may
    (answer,) = await desk.says(user, "/help", chat=f"dm-{user}")
    assert offered(answer.text) == may
    assert {hint["verb"] for hint in await hints(desk, user)} == may
    for verb in sorted(may):
        (page,) = await desk.says(user, f"/help {verb}", chat=f"dm-{user}")
        assert f"/{verb}" in page.text
        await desk.later(seconds=10)


async def test_8_27_of_a_command_with_several_ways_everybody_is_shown_his_own(desk: Desk) -> None:
    """An operator may see how the database is, and stops nothing."""
    (engineer,) = [hint for hint in await hints(desk, "zhou") if hint["verb"] == "db"]
    assert engineer["usage"] == "restart|start|status|stop"
    (operator,) = [hint for hint in await hints(desk, "qin") if hint["verb"] == "db"]
    assert operator["usage"] == "status"
    (page,) = await desk.says("qin", "/help db", chat="dm-qin")
    assert "/db status" in page.text
    unfinished = (await desk.says("qin", "/db", chat="dm-qin"))[-1]
    wrong = (await desk.says("qin", "/db halt", chat="dm-qin"))[-1]
    asked = (await desk.says("qin", "/db --help", chat="dm-qin"))[-1]
    for answer in (page, unfinished, wrong, asked):
        assert "status" in answer.text
        assert not {"restart", "start", "stop"} & set(re.findall(r"[a-z]+", answer.text))


async def test_8_27_every_hint_says_what_its_command_is_for_in_both_languages(desk: Desk) -> None:
    blank = [hint["verb"] for hint in await hints(desk, "zhou") if not all(hint["title"].values())]
    assert blank == []


async def hints(desk: Desk, user: str) -> list[dict[str, Any]]:
    """What the page is given to complete from."""
    server = TestServer(desk.app.web.application())
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as http, http.get(server.make_url(f"/local/commands?user={user}")) as answer:
            found: list[dict[str, Any]] = (await answer.json())["commands"]
            return found
    finally:
        await server.close()


async def test_the_menu_fits_one_phone_screen(desk: Desk) -> None:
    (answer,) = await desk.says("hemu", "/help", chat="duty-room")
    columns = 40  # a phone shows about 20 Chinese characters a line
    assert sum(-(-width(line) // columns) for line in answer.text.split("\n")) <= 24


def width(line: str) -> int:
    """In columns; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


async def test_the_button_tells_who_is_on_duty(desk: Desk) -> None:
    (answer,) = await desk.says("lixiao", "/help", chat="shifuban")
    (now,) = await desk.taps("lixiao", answer, "oncall")
    assert "温若川 13800000013" in now.text


async def test_a_stranger_is_told_what_he_may_do(desk: Desk) -> None:
    """He has no command of the duty list, so the button to it is not there; found by the fuzzer."""
    now = desk.clock.now()
    envelope = Envelope("m1", Account("dingtalk", "staff-unknown"), None, "shifuban", now, now)
    await desk.app.inbox.accept(Message(envelope, "/help"))
    await desk.settle()
    (answer,) = await desk.bot("shifuban")
    assert "/help" in answer.text
    assert answer.actions == []
