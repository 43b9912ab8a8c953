"""English is heard as Chinese is, whatever the house speaks: report, answer, promise, end, relapse, withdrawal, who is on duty."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, Said, make_settings, open_desk
from tests.support.once import example_site
from tests.support.platforms.house import open_house
from tests.support.platforms.slack import FakeSlack

NUMBER = "GD-20261014-001"
PHONE = "13800000013"


@pytest.fixture
async def office(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    """The desk of a house that speaks English."""
    async with open_desk(tmp_path / "en", empty_db, settings=make_settings(tmp_path / "en", locale="en")) as desk:
        yield desk


def new_in(said: list[Said], chat: str) -> list[str]:
    return [m.text for m in said if m.chat == chat and not m.shown["updated"]]


def asks(said: list[Said]) -> int:
    """How many new questions with "Yes, close it" were put."""
    return len([m for m in said if not m.shown["updated"] and f"resolved:{NUMBER}" in m.actions])


async def card(desk: Desk) -> str:
    receipts = (f"ticket {NUMBER}", f"Ticket {NUMBER}", f"工单 {NUMBER}")
    return next(m.text for m in await desk.bot("shifuban") if any(words in m.text for words in receipts))


async def answered(desk: Desk, report: str = "The portal won't load") -> None:
    await desk.says("lixiao", report, chat="shifuban")
    await desk.says("wen", "on it", chat="shifuban")


async def called_done(desk: Desk) -> None:
    await answered(desk)
    assert asks(await desk.says("wen", "fixed, please try again", chat="shifuban")) == 1


@pytest.mark.parametrize(
    ("report", "system"),
    [
        ("OA is not opening", "协同办公"),
        ("I can't stamp the contract, the e-seal fails", "电子印章"),
        ("VPN won't connect from home", "VPN"),
        ("still no SMS code on my phone", "短信"),
        ("my account is locked", "账号权限"),
        ("we can't send any emails", "协同办公"),
    ],
)
async def test_8_15_an_english_report_is_a_ticket_and_pages_the_engineer_in_english(
    office: Desk, report: str, system: str
) -> None:
    said = await office.says("lixiao", report, chat="shifuban")
    (receipt,) = new_in(said, "shifuban")
    assert f"Received: ticket {NUMBER} ({system})" in receipt
    assert f"Engineer on duty @温若川 {PHONE} will answer by 10:10." in receipt
    (page,) = new_in(said, "dm-wen")
    assert f'李晓: "{report}"' in page
    assert "Please answer by 10:10." in page


@pytest.mark.parametrize(
    "line", ["on it", "looking", "checking now", "got it, give me a minute", "Received, I'll have a look", "ack"]
)
async def test_8_15_an_english_answer_stops_the_clock(office: Desk, line: str) -> None:
    await office.says("lixiao", "The portal won't load", chat="shifuban")
    await office.says("wen", line, chat="shifuban")
    assert "温若川 answered at 10:00" in await card(office)
    assert not any("left:" in text for text in new_in(await office.later(minutes=15), "dm-wen"))


@pytest.mark.parametrize("line", ["lunch, anyone?", "good morning all", "happy birthday Lee", "who took my stapler"])
async def test_8_15_small_talk_of_an_engineer_stops_no_clock(office: Desk, line: str) -> None:
    await office.says("lixiao", "The portal won't load", chat="shifuban")
    await office.says("wen", line, chat="shifuban")
    assert "answered" not in await card(office)


@pytest.mark.parametrize(
    "line",
    [
        "will be back in 10 minutes",
        "will be fixed in 10 minutes",
        "should be back soon",
        "working on it",
        "not fixed yet",
        "I'll tell you when it's fixed",
        "patched, should be up again by 11",
    ],
)
async def test_8_15_a_promise_is_no_end(office: Desk, line: str) -> None:
    await answered(office)
    for _ in range(3):
        assert await office.says("wen", line, chat="shifuban") == []
    assert "answered at 10:00" in await card(office)


@pytest.mark.parametrize("line", ["fixed", "It's back up", "all good now", "back to normal", "should be working now"])
async def test_8_15_an_english_end_asks_who_reported_it(office: Desk, line: str) -> None:
    await answered(office)
    said = await office.says("wen", line, chat="shifuban")
    assert asks(said) == 1
    assert any("温若川 says it is fixed; does it work for you?" in text for text in new_in(said, "shifuban"))


@pytest.mark.parametrize(
    "line", ["yes", "yep all good", "it works now, thanks", "Back to normal", "all good, thank you!"]
)
async def test_8_15_a_plain_english_yes_ends_it(office: Desk, line: str) -> None:
    await called_done(office)
    assert asks(await office.says("lixiao", line, chat="shifuban")) == 0
    assert "Working again at 10:00" in await card(office)
    assert await office.later(hours=3) == []


@pytest.mark.parametrize(
    "line",
    [
        "no",
        "not yet",
        "not on my end",
        "no, not for us",
        "Mine isn't",
        "still broken",
        "down again",
        "it broke again",
        "still not working",
        "no, same error",
    ],
)
async def test_8_15_a_plain_english_no_or_a_relapse_tells_the_engineer(office: Desk, line: str) -> None:
    await called_done(office)
    said = await office.says("lixiao", line, chat="shifuban")
    (told,) = new_in(said, "dm-wen")
    assert f'李晓 says it still fails: "{line}"' in told
    assert any(f"{NUMBER} stays open" in text for text in new_in(said, "shifuban"))


async def test_8_15_down_again_after_staff_closed_it_reopens_the_same_ticket(office: Desk) -> None:
    await called_done(office)
    await office.later(minutes=61)
    assert "Working again" in await card(office)
    await office.says("lixiao", "it's down again", chat="shifuban")
    assert "answered at 10:00" in await card(office)


@pytest.mark.parametrize(
    "line", ["never mind", "my mistake, cable was unplugged", "false alarm", "ignore that", "Sorry, it was my own wifi"]
)
async def test_8_15_who_reported_takes_it_back_in_english(office: Desk, line: str) -> None:
    await office.says("lixiao", "The portal won't load", chat="shifuban")
    await office.says("lixiao", line, chat="shifuban")
    assert "was taken back by 李晓" in await card(office)
    assert await office.later(minutes=30) == [], "what was taken back escalates to nobody"


@pytest.mark.parametrize("line", ["+1 same for us", "same here", "me too", "we can't open it either"])
async def test_8_15_the_same_trouble_of_somebody_else_joins(office: Desk, line: str) -> None:
    await office.says("lixiao", "The portal won't load", chat="shifuban")
    said = await office.says("zhao", line, chat="shifuban")
    assert any(f"Added to {NUMBER}" in text for text in new_in(said, "shifuban"))


@pytest.mark.parametrize("line", ["any update?", "any news on this?", "how long?", "anyone?"])
async def test_8_15_a_chaser_on_an_overdue_ticket_is_answered(office: Desk, line: str) -> None:
    await office.says("lixiao", "The portal won't load", chat="shifuban")
    await office.later(minutes=11)
    said = await office.says("lixiao", line, chat="shifuban")
    assert any("without an answer" in text and PHONE in text for text in new_in(said, "shifuban"))


@pytest.mark.parametrize(
    "line", ["who's on call?", "Who is on duty?", "duty phone?", "who do I call, who's on duty right now?"]
)
async def test_8_15_who_is_on_duty_is_answered_in_english(office: Desk, line: str) -> None:
    said = await office.says("lixiao", line, chat="shifuban")
    assert any("On duty at 10:00" in text and PHONE in text for text in new_in(said, "shifuban"))
    assert NUMBER not in str([m.text for m in said])


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("who's on call on Saturday?", "10-17 Sat"),
        ("who is on duty next Monday?", "10-19 Mon"),
        ("who's on duty on October 20th?", "10-20 Tue"),
        ("anyone on call this weekend?", "10-17 Sat"),
        ("who is on duty the day after tomorrow", "10-16 Fri"),
    ],
)
async def test_8_15_a_day_is_meant_as_it_is_said_in_english(office: Desk, line: str, day: str) -> None:
    (answer,) = new_in(await office.says("lixiao", line, chat="shifuban"), "shifuban")
    assert answer.startswith(day)


async def test_8_15_a_how_to_question_is_handed_on_and_runs_no_clock(office: Desk) -> None:
    said = await office.says("lixiao", "How do I withdraw a document that I submitted?", chat="shifuban")
    assert any("no clock runs" in text for text in new_in(said, "dm-wen"))


@pytest.mark.parametrize(
    "line",
    [
        "@bot help the portal is down",
        "@bot status of the VPN: can't connect",
        "@bot mine is broken too, the portal won't load",
        "@bot restart doesn't help, OA is still not working",
    ],
)
async def test_8_15_an_english_sentence_that_begins_with_a_verb_of_ours_is_what_somebody_says(
    office: Desk, line: str
) -> None:
    said = await office.says("lixiao", line, chat="shifuban")
    assert any("Received: ticket" in text for text in new_in(said, "shifuban")), said


@pytest.mark.parametrize(
    "line", ["@bot help", "@bot help faults", "@bot status", "@bot oncall tomorrow", "@bot ping down"]
)
async def test_8_15_a_command_without_its_sign_stays_one(office: Desk, line: str) -> None:
    said = await office.says("lixiao", line, chat="shifuban")
    assert said
    assert not any("ticket" in m.text and NUMBER in m.text for m in said)


@pytest.mark.parametrize("line", ["hello", "Hi, anyone there?", "good morning"])
async def test_8_15_a_hello_to_the_bot_gets_one_line(office: Desk, line: str) -> None:
    (text,) = new_in(await office.says("lixiao", f"@bot {line}", chat="shifuban"), "shifuban")
    assert text.startswith("Here I am.")


async def test_8_15_english_is_heard_in_a_house_that_speaks_chinese(desk: Desk) -> None:
    """A foreign supplier in a Chinese group; the bot answers in the language of the house."""
    said = await desk.says("lixiao", "The VPN is down, I can't connect", chat="shifuban")
    assert "已收到" in new_in(said, "shifuban")[0]
    await desk.says("wen", "收到，马上看", chat="shifuban")
    assert asks(await desk.says("wen", "will be fixed in 10 minutes", chat="shifuban")) == 0
    assert asks(await desk.says("wen", "已恢复", chat="shifuban")) == 1
    await desk.says("lixiao", "works now, thanks", chat="shifuban")
    assert "已恢复" in await card(desk)


async def test_8_15_chinese_is_heard_in_a_house_that_speaks_english(office: Desk) -> None:
    await office.says("lixiao", "VPN连不上", chat="shifuban")
    await office.says("wen", "on it", chat="shifuban")
    await office.says("wen", "已恢复", chat="shifuban")
    await office.says("lixiao", "好了，谢谢", chat="shifuban")
    assert "Working again" in await card(office)


async def test_8_15_reports_in_two_languages_of_two_groups_are_one_trouble(office: Desk) -> None:
    await office.says("lixiao", "VPN连不上", chat="shifuban")
    said = await office.says("sun", "Our VPN won't connect", chat="minzheng")
    assert any(f"The same in:\n{NUMBER}" in m.text for m in said)


async def test_8_15_the_whole_of_it_on_slack(tmp_path: Path, empty_db: Path) -> None:
    async with open_house("slack", FakeSlack(), tmp_path / "state", empty_db, example_site(), locale="en") as house:
        await house.says("lixiao", "shifuban", "The portal won’t load, I get error 500")
        house.last("shifuban", f"Received: ticket {NUMBER}", PHONE)
        house.last("dm-wen", NUMBER, "The portal won’t load")
        await house.says("wen", "shifuban", "on it")
        house.last("shifuban", "answered at 10:00")
        await house.says("wen", "shifuban", "will be back in 10 minutes")
        assert not any("does it work for you?" in text for text in house.texts("shifuban"))
        await house.says("wen", "shifuban", "fixed")
        house.last("shifuban", "does it work for you?")
        await house.says("lixiao", "shifuban", "down again")
        house.last("shifuban", f"{NUMBER} stays open")
        await house.says("lixiao", "shifuban", "never mind, it was my proxy")
        house.last("shifuban", NUMBER, "taken back")
