"""What is said where a platform can do less, or a person is not on it; signed links."""

import base64
import dataclasses
import hmac
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.core.content import Attachment, Priority
from bot.core.errors import Temporary
from bot.core.fit import utf8_bytes
from bot.core.menu import MenuItem, Title
from bot.core.people import Account, Chat
from bot.core.ports import Capabilities, Hears
from bot.storage.store import Tx
from bot.storage.tables import OutboxRow
from bot.work.links import LIFE, Links, Offer
from bot.work.work import Work
from bot.workers.sender import Sender
from data.site import Site
from tests.support.kit import Kit, Obedient
from tests.support.once import example_site

NO_BUTTONS = Capabilities(buttons=False, call="@值班")


ONCALL = MenuItem("oncall", "值班", "", "duty", (), strangers=False)


def shown(work: Work, to: str, text: str = "x") -> str:
    return work.say("help/pong", to, text=text)


async def bodies(kit: Kit, column: str = "body") -> list[str]:
    return await kit.store.read(lambda session: [getattr(r, column) for r in session.exec(select(OutboxRow))])


async def texts(kit: Kit) -> list[str]:
    return [json.loads(body)["text"] for body in await bodies(kit)]


def ask(work: Work, to: str) -> None:
    """A post with a button that has a typed twin."""
    work.say(
        "help/menu", to, areas=[("duty", Title("值班", "Duty"), [ONCALL])], asked="", group=False, staff=True, call=""
    )


async def test_without_buttons_the_typed_reply_stands_in_the_text_with_how_the_bot_is_called(kit: Kit) -> None:
    kit.runtime.capabilities = lambda _platform, _chat: NO_BUTTONS
    await kit.transactions.do("a", lambda work: ask(work, "shifuban"))
    (text,) = await texts(kit)
    assert text.splitlines()[-1] == "回复 @值班 /oncall（现在谁值班）"
    assert json.loads((await bodies(kit))[0])["card"]["buttons"] == []


@pytest.mark.parametrize(("hears", "said"), [(Hears.ALL, False), (Hears.MENTIONS, True), (Hears.NOTHING, False)])
async def test_how_to_be_heard_is_said_where_it_is_needed_alone(kit: Kit, hears: Hears, said: bool) -> None:
    """Product 11: WeCom tells a bot only what mentions it, and the texts say so."""
    kit.runtime.capabilities = lambda _platform, _chat: Capabilities(hears=hears, call="@值班")
    found = await kit.transactions.do("a", lambda work: [work.call(to) for to in ("minzheng", "dm-zhou", "shiweiban")])
    assert found == ["@值班" if said else "", "", ""]

    def menu(work: Work) -> None:
        work.say("help/menu", "minzheng", areas=[], asked="", group=True, staff=False, call=work.call("minzheng"))

    await kit.transactions.do("b", menu)
    assert ("@值班 盖章" in (await texts(kit))[-1]) is said


async def test_several_typed_replies_stand_one_a_line(kit: Kit) -> None:
    replies = [("确认", "/confirm R1"), ("拒绝", "/cancel R1")]
    text = kit.runtime.renderer.post("shared/replies", "zh", {"replies": replies, "links": [], "call": "@值班"}).text
    assert text.splitlines() == ["回复：", "@值班 /confirm R1（确认）", "@值班 /cancel R1（拒绝）"]


async def test_more_buttons_than_the_platform_shows_are_said_in_words(kit: Kit) -> None:
    kit.runtime.capabilities = lambda _platform, _chat: Capabilities(most_buttons=0)
    await kit.transactions.do("a", lambda work: ask(work, "shifuban"))
    assert (await texts(kit))[0].endswith("回复 /oncall（现在谁值班）")


async def test_a_direct_chat_without_buttons_gets_signed_links_and_a_group_none(kit: Kit, tmp_path: Path) -> None:
    kit.runtime.capabilities = lambda _platform, _chat: NO_BUTTONS
    kit.runtime.links = Links("https://duty.example", tmp_path)
    await kit.transactions.do("a", lambda work: ask(work, "dm-zhou"))
    await kit.transactions.do("b", lambda work: ask(work, "shifuban"))
    direct, group = await texts(kit)
    token = direct.rsplit("https://duty.example/tap/", 1)[1]
    offer = kit.runtime.links.read(token, kit.clock.real())
    assert offer is not None
    assert (offer.person, offer.action) == ("zhou", "oncall:now")
    assert "https://" not in group


async def test_long_text_becomes_several_rows_and_the_last_has_the_key(kit: Kit) -> None:
    kit.runtime.capabilities = lambda _platform, _chat: Capabilities(text_limit=30, measure=utf8_bytes)
    key = await kit.transactions.do("a", lambda work: shown(work, "shifuban", "值班\n" * 9))
    assert all(len(text.encode()) <= 30 for text in await texts(kit))
    keys = await bodies(kit, "key")
    assert keys == [f"{key}/{n}" for n in range(1, len(keys))] + [key]


async def test_a_change_that_cannot_be_shown_is_said_anew_only_when_it_matters(kit: Kit) -> None:
    kit.runtime.capabilities = lambda _platform, _chat: Capabilities(updates=False)

    def change(work: Work) -> None:
        work.update("a.1", "shifuban", "help/pong", text="quiet")
        work.update("a.1", "shifuban", "help/pong", text="loud", matters=True)

    await kit.transactions.do("a", change)
    assert await texts(kit) == ["pong loud"]
    assert await bodies(kit, "op") == ["post"]


async def test_a_file_that_cannot_be_sent_leaves_its_end(kit: Kit) -> None:
    kit.runtime.capabilities = lambda _platform, _chat: Capabilities(files=False)
    path = kit.runtime.settings.state_dir / "kept.log"
    path.write_text("early\n" * 1000 + "the last line", "utf-8")
    file = Attachment("kept.log", "kept.log")
    await kit.transactions.do("a", lambda work: work.say("help/pong", "shifuban", text="x", files=(file,)))
    (text,) = await texts(kit)
    assert text.startswith("pong x\nkept.log（末尾）")
    assert text.endswith("the last line")
    assert len(text) < 1400


def with_accounts(*accounts: tuple[str, str, str]) -> Site:
    """The example organisation with (person, platform, user) accounts, and no others."""
    site = example_site()
    people = {key: dataclasses.replace(person, accounts=()) for key, person in site.people.items()}
    for person, platform, user in accounts:
        own = (*people[person].accounts, Account(platform, user))
        people[person] = dataclasses.replace(people[person], accounts=own)
    return dataclasses.replace(site, people=people)


def on_platforms(kit: Kit, site: Site, *adapters: str) -> None:
    kit.runtime.site = lambda: site
    kit.runtime.settings = kit.runtime.settings.model_copy(update={"adapters": adapters})


async def test_the_local_page_is_the_last_resort(kit: Kit) -> None:
    on_platforms(kit, with_accounts(("zhou", "slack", "U1")), "local", "slack")
    await kit.transactions.do("a", lambda work: shown(work, "dm-zhou"))
    await kit.transactions.do("b", lambda work: shown(work, "dm-wen"))
    assert await bodies(kit, "adapter") == ["slack", "local"]


async def test_somebody_without_an_account_is_called_in_the_duty_room(kit: Kit) -> None:
    on_platforms(kit, with_accounts(("zhou", "slack", "U1")), "slack")
    await kit.transactions.do("a", lambda work: shown(work, "dm-wen"))
    await kit.transactions.do("b", lambda work: shown(work, "dm-zhou"))
    assert await bodies(kit, "target") == ["duty-room", "dm-zhou"]
    assert (await texts(kit))[0] == "@温若川\npong x"


async def test_a_direct_chat_is_where_its_person_just_spoke_else_on_his_first_platform(kit: Kit) -> None:
    on_platforms(kit, with_accounts(("zhou", "slack", "U1"), ("zhou", "wecom", "zhou")), "wecom", "slack")
    await kit.transactions.do("a", lambda work: shown(work, "dm-zhou"))

    def answer(tx: Tx) -> None:
        person = kit.runtime.site().people["zhou"]
        work = Work(kit.runtime, tx, "b", person, platform="slack")
        shown(work, "dm-zhou")
        work.finish()
        work.pending.flush(tx)

    await kit.store.write(answer)
    assert await bodies(kit, "adapter") == ["wecom", "slack"]


async def test_an_escalation_goes_by_a_second_platform_after_half_a_minute(kit: Kit) -> None:
    on_platforms(kit, with_accounts(("zhou", "slack", "U1"), ("zhou", "wecom", "zhou")), "wecom", "slack")
    first, second = Obedient(name="wecom"), Obedient(name="slack")
    sender = Sender(kit.store, kit.transactions, {"wecom": first, "slack": second})
    first.will("dm-zhou", *(Temporary("status 503") for _ in range(20)))
    started = kit.clock.real()
    await kit.say("dm-zhou", "wake up", priority=Priority.ESCALATION)
    await kit.say("dm-zhou", "by the way", priority=Priority.NOTICE)
    while not second.got:
        await sender.step()
        kit.later(0.5)
    assert timedelta(seconds=20) <= kit.clock.real() - started <= timedelta(seconds=35)
    assert [(out.post.text, out.address) for out in second.got] == [("pong wake up", "U1")]


OFFER_WORDS = ("zhou", "confirm:R17", "确认", "i1.1/0")


def test_a_link_is_read_back_and_any_change_of_it_is_not(tmp_path: Path, kit: Kit) -> None:
    links = Links("https://duty.example/", tmp_path)
    now = kit.clock.real()
    offer = Offer(*OFFER_WORDS, until=(now + LIFE).replace(microsecond=0))
    token = links.url(offer).removeprefix("https://duty.example/tap/")
    assert links.read(token, now) == offer
    assert links.read(token, now + LIFE) is None
    body, _, signature = token.partition(".")
    changed = "A" if body[-1] != "A" else "B"
    assert links.read(f"{body[:-1]}{changed}.{signature}", now) is None
    assert links.read(body, now) is None
    assert Links("https://duty.example", tmp_path).read(token, now) == offer
    assert (tmp_path / "link.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [b"", b"half"])
def test_a_key_that_was_never_written_is_made_anew(tmp_path: Path, kit: Kit, left: bytes) -> None:
    """Killed, or out of disk, between making the file and writing it."""
    (tmp_path / "link.key").write_bytes(left)
    links = Links("https://duty.example", tmp_path)
    token = links.url(Offer(*OFFER_WORDS, until=kit.clock.real() + LIFE)).rsplit("/", 1)[1]
    body = token.partition(".")[0]
    forged = base64.urlsafe_b64encode(hmac.digest(left, body.encode(), "sha256")).rstrip(b"=").decode()
    assert links.read(f"{body}.{forged}", kit.clock.real()) is None
    assert Links("https://duty.example", tmp_path).read(token, kit.clock.real()) is not None


def test_another_house_does_not_take_our_links(tmp_path: Path, kit: Kit) -> None:
    (tmp_path / "other").mkdir()
    url = Links("https://duty.example", tmp_path).url(Offer(*OFFER_WORDS, until=kit.clock.real() + LIFE))
    assert Links("https://duty.example", tmp_path / "other").read(url.rsplit("/", 1)[1], kit.clock.real()) is None


@pytest.mark.parametrize(
    ("chat", "place"),
    [("slack:C1", ("slack", "C1", False)), ("slack:dm:U9", ("slack", "U9", True)), ("nothing", None)],
)
def test_a_chat_that_nobody_declared_still_has_an_address(chat: str, place: tuple[str, str, bool] | None) -> None:
    found: Chat | None = example_site().chat(chat)
    assert (found and (found.platform, found.chat_id, found.private)) == place
