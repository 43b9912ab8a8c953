"""A post arrives as a card, once, in its thread, with its files; Slack's answers are told apart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from bot.core.content import Attachment, Button, Card, Mention, Op, Post
from bot.core.errors import Rejected, Temporary
from bot.core.fit import pieces
from bot.core.people import Chat
from bot.core.ports import Hears, Rate
from tests.support.kit import Kit
from tests.support.platforms.slack import FakeSlack
from tests.support.until import until
from tests.unit.bot.adapters.slack.kit import CARD, Slack, outgoing, running, state_file

GROUP, OWN = Chat("shifuban", "市府办交流群", "slack"), Chat("dm-zhou", "周予安", "slack")


async def test_a_card_has_text_mention_and_buttons(slack: Slack) -> None:
    sent = await slack.adapter.send(outgoing(slack.fake))
    (seen,) = slack.fake.seen("shifuban")
    assert (seen.id, seen.text, seen.mentions) == (sent, "@U0ZHOU GD-20261122-003 <公文> 打不开 & 报错", ["U0ZHOU"])
    assert seen.buttons == [("我来处理", "claim:GD-20261122-003"), ("转交", "pass:GD-20261122-003")]
    (kept,) = slack.fake.channels[slack.fake.place("shifuban")].messages
    assert kept.text == "<@U0ZHOU> GD-20261122-003 &lt;公文&gt; 打不开 &amp; 报错"
    assert [e.get("style") for e in kept.blocks[1]["elements"]] == ["primary", None]


@pytest.mark.parametrize(
    "words",
    ["@所有人 系统坏了", "<!channel> <!here> 系统坏了", "<@U0WEN> 系统坏了", "@channel @here", "&lt;!channel&gt;"],
)
async def test_what_people_wrote_mentions_nobody(slack: Slack, words: str) -> None:
    """Signs that mean a mention to the platform come as the letters that were typed."""
    await slack.adapter.send(outgoing(slack.fake, Post(words)))
    (seen,) = slack.fake.seen("shifuban")
    assert (seen.mentions, seen.text) == ([], words)


async def test_only_whom_we_mean_is_mentioned_and_the_longer_name_wins(slack: Slack) -> None:
    post = Post(
        "@周予 @周予安 @周予安 @温若川",
        (Mention("wen", "周予"), Mention("zhou", "周予安"), Mention("nobody", "温若川")),
    )
    await slack.adapter.send(outgoing(slack.fake, post))
    assert slack.fake.seen("shifuban")[0].text == "@U0WEN @U0ZHOU @周予安 @温若川"


async def test_the_longest_text_and_the_most_buttons_still_fit(slack: Slack) -> None:
    can = slack.adapter.capabilities(GROUP)
    names = "".join(f"@周{n}" for n in range(60))
    buttons = tuple(Button(f"a:{n}", "很长的按钮" * 20) for n in range(can.most_buttons))
    people = tuple(Mention("zhou", f"周{n}") for n in range(60))
    post = Post("&<>" * 400 + names + "字" * 9000, people, card=Card(buttons))
    parts = pieces(post, can)
    for number, part in enumerate(parts):
        await slack.adapter.send(outgoing(slack.fake, part, key=f"k{number}"))
        slack.kit.later(1)
    seen = slack.fake.seen("shifuban")
    assert len(seen) == len(parts) > 3
    assert len(seen[-1].buttons) == 25


async def test_a_change_is_made_in_place_and_takes_the_buttons_away(slack: Slack) -> None:
    sent = await slack.adapter.send(outgoing(slack.fake))
    change = outgoing(slack.fake, Post("GD-20261122-003 周予安处理中"), op=Op.UPDATE, message=sent)
    assert await slack.adapter.send(change) == sent
    (seen,) = slack.fake.seen("shifuban")
    assert (seen.text, seen.buttons, seen.updated) == ("GD-20261122-003 周予安处理中", [], 1)


async def test_a_direct_message_goes_to_the_persons_own_channel_and_can_be_changed(slack: Slack) -> None:
    sent = await slack.adapter.send(outgoing(slack.fake, chat="dm-zhou"))
    assert sent.startswith("D0ZHOU:")
    await slack.adapter.send(outgoing(slack.fake, Post("x"), chat="dm-zhou", op=Op.UPDATE, message=sent))
    assert [seen.text for seen in slack.fake.seen("dm-zhou")] == ["x"]


async def test_an_answer_to_a_slash_command_stands_by_itself(slack: Slack) -> None:
    await slack.adapter.send(outgoing(slack.fake, reply_to="command:1.2.3"))
    assert slack.fake.seen("shifuban")[0].thread is None


async def test_where_the_thread_is_gone_the_answer_stands_in_the_channel(slack: Slack) -> None:
    slack.fake.fail("thread_not_found", "chat.postMessage")
    await slack.adapter.send(outgoing(slack.fake, reply_to="C0SHIFUBAN:1790000000.000100"))
    assert slack.fake.seen("shifuban")[0].thread is None


@pytest.mark.parametrize("chat", ["shifuban", "dm-zhou"])
@pytest.mark.parametrize("reply_to", [None, "C0SHIFUBAN:1790000000.000100"], ids=["channel", "thread"])
async def test_taken_without_an_answer_is_found_again_and_stands_once(
    slack: Slack, chat: str, reply_to: str | None
) -> None:
    """Fault F49: by the client key in its metadata."""
    if reply_to and chat != "shifuban":
        reply_to = "D0ZHOU:1790000000.000100"
    slack.fake.fail("hang", "chat.postMessage")
    unanswered = asyncio.create_task(slack.adapter.send(outgoing(slack.fake, chat=chat, reply_to=reply_to)))
    await until(lambda: bool(slack.fake.seen(chat)))
    unanswered.cancel()
    await asyncio.wait([unanswered])
    again = outgoing(slack.fake, chat=chat, reply_to=reply_to, repeated=True)
    sent = await slack.adapter.send(again)
    (seen,) = slack.fake.seen(chat)
    assert (seen.id, seen.text.startswith("(补发)")) == (sent, False)


async def test_what_never_arrived_goes_again_unmarked(slack: Slack) -> None:
    slack.fake.fail("drop", "chat.postMessage")
    with pytest.raises(Temporary) as raised:
        await slack.adapter.send(outgoing(slack.fake))
    assert raised.value.uncertain
    await slack.adapter.send(outgoing(slack.fake, repeated=True))
    (seen,) = slack.fake.seen("shifuban")
    assert not seen.text.startswith("(补发)")


async def test_it_is_found_behind_more_than_one_page(slack: Slack) -> None:
    slack.fake.paced = False
    first = await slack.adapter.send(outgoing(slack.fake, key="wanted"))
    for number in range(450):
        await slack.adapter.send(outgoing(slack.fake, Post("x"), key=f"k{number}"))
    assert await slack.adapter.send(outgoing(slack.fake, key="wanted", repeated=True)) == first


async def test_a_message_is_changed_under_whatever_name_its_channel_was_given(slack: Slack) -> None:
    """Slack names the D… of a person it was sent to; what stands in for Slack may give back the U…."""
    change = outgoing(slack.fake, Post("x"), "dm-zhou", op=Op.UPDATE, message="U0ZHOU:1790000000.000100")
    with pytest.raises(Rejected, match="channel_not_found"):
        await slack.adapter.send(change)


async def test_where_it_may_not_look_a_repeat_is_marked(kit: Kit) -> None:
    async with running(kit, FakeSlack("mentions")) as slack:
        assert not slack.adapter.capabilities(GROUP).client_keys
        await slack.adapter.send(outgoing(slack.fake, repeated=True))
        assert slack.fake.seen("shifuban")[0].text.startswith("(补发) ")


@pytest.mark.parametrize(("status", "body"), [(404, "nope"), (200, '{"ok": true}')])
@pytest.mark.parametrize("chat", ["shifuban", "dm-zhou"])
async def test_where_nothing_can_be_looked_up_a_repeat_goes_marked(kit: Kit, status: int, body: str, chat: str) -> None:
    """A gateway that lets only some methods through: what it does not know must not hold the channel up for hours."""
    posted: list[str] = []

    async def call(request: web.Request) -> web.Response:
        if request.match_info["method"] != "chat.postMessage":
            return web.Response(status=status, text=body)
        posted.append((await request.json())["text"])
        return web.json_response({"ok": True, "ts": "1.1"})

    async with serving(call) as gateway, running(kit, FakeSlack(), api_base_url=gateway) as slack:
        state_file(slack, "out.txt", b"x")
        await slack.adapter.send(outgoing(slack.fake, Post("收到"), chat, repeated=True))
        output = outgoing(slack.fake, Post("输出", files=(Attachment("out.txt", "out.txt"),)), chat)
        with pytest.raises(Rejected, match="files: "):
            await slack.adapter.send(output)
    assert posted == ["(补发) 收到", "输出"]


async def test_what_is_declared(kit: Kit, slack: Slack) -> None:
    group, own = slack.adapter.capabilities(GROUP), slack.adapter.capabilities(OWN)
    assert (group.hears, group.client_keys, group.rates) == (Hears.ALL, True, (Rate(1, 1.0),))
    assert own == group
    assert group.measure("a<&>") == len("a&lt;&amp;&gt;")
    called = FakeSlack("mentions")
    async with running(kit, called) as other:
        can = other.adapter.capabilities(GROUP)
        assert (can.hears, can.call, other.adapter.capabilities(OWN).hears) == (Hears.MENTIONS, "@zhiban", Hears.ALL)


async def test_files_stand_under_the_message_once(slack: Slack) -> None:
    slack.fake.paced = False
    state_file(slack, "out.txt", "第一行\n".encode() * 100_000)
    state_file(slack, "two.txt", b"2")
    files = (Attachment("输出.txt", "out.txt"), Attachment("two.txt", "two.txt"), Attachment("gone.txt", "gone.txt"))
    post = replace(CARD, files=files)
    slack.fake.fail("500", "files.completeUploadExternal")
    with pytest.raises(Temporary) as raised:
        await slack.adapter.send(outgoing(slack.fake, post))
    assert raised.value.uncertain, "or the message would be posted again"
    for _ in range(2):
        await slack.adapter.send(outgoing(slack.fake, post, repeated=True))
    (seen,) = slack.fake.seen("shifuban")
    assert seen.files == ["输出.txt", "two.txt"]
    assert sorted(slack.fake.uploads.values(), key=len)[-1] == "第一行\n".encode() * 100_000


async def test_a_marked_repeat_has_its_files(kit: Kit) -> None:
    async with running(kit, FakeSlack("mentions")) as slack:
        state_file(slack, "out.txt", b"x")
        post = Post("R1", files=(Attachment("out.txt", "out.txt"),))
        await slack.adapter.send(outgoing(slack.fake, post, repeated=True))
        (seen,) = slack.fake.seen("shifuban")
        assert (seen.text, seen.files) == ("(补发) R1", ["out.txt"])


@pytest.mark.parametrize(("hears", "answer"), [("all", "missing_scope"), ("mentions", "500")])
async def test_files_that_cannot_go_never_post_the_message_again(kit: Kit, hears: str, answer: str) -> None:
    """Told instead of tried again, where a second try could not find the first."""
    async with running(kit, FakeSlack(hears)) as slack:
        state_file(slack, "out.txt", b"x")
        slack.fake.fail(answer, "files.getUploadURLExternal")
        with pytest.raises(Rejected, match="files: "):
            await slack.adapter.send(outgoing(slack.fake, Post("R1", files=(Attachment("out.txt", "out.txt"),))))
        assert [seen.text for seen in slack.fake.seen("shifuban")] == ["R1"]


@pytest.mark.parametrize(
    ("answer", "error", "pause", "uncertain"),
    [
        ("429", Temporary, 30.0, False),
        ("500", Temporary, None, True),
        ("drop", Temporary, None, True),
        ("ratelimited", Temporary, None, False),
        ("internal_error", Temporary, None, True),
        ("invalid_auth", Temporary, 60.0, False),
        ("token_revoked", Temporary, 60.0, False),
        ("missing_scope", Temporary, 60.0, False),
        ("channel_not_found", Rejected, None, False),
        ("not_in_channel", Rejected, None, False),
        ("is_archived", Rejected, None, False),
        ("msg_too_long", Rejected, None, False),
        ("something_new", Rejected, None, False),
        ("<b>\n", Temporary, None, True),
    ],
)
async def test_the_answers_are_told_apart(
    slack: Slack, answer: str, error: type[Exception], pause: float | None, uncertain: bool
) -> None:
    slack.fake.fail(answer, "chat.postMessage", retry_after=30)
    with pytest.raises(error) as raised:
        await slack.adapter.send(outgoing(slack.fake))
    if isinstance(raised.value, Temporary):
        assert (raised.value.retry_after or None, raised.value.uncertain) == (
            pause,
            uncertain,
        ) or answer == "ratelimited"


async def test_a_bot_that_was_removed_says_so(slack: Slack) -> None:
    slack.fake.channels[slack.fake.place("shifuban")].member = False
    with pytest.raises(Rejected, match="not_in_channel"):
        await slack.adapter.send(outgoing(slack.fake))


async def test_a_change_of_a_message_that_is_gone_is_given_up(slack: Slack) -> None:
    with pytest.raises(Rejected):
        await slack.adapter.send(outgoing(slack.fake, op=Op.UPDATE, message="C0SHIFUBAN:1.1"))
    with pytest.raises(Rejected):
        await slack.adapter.send(outgoing(slack.fake, op=Op.UPDATE, message="odd"))


@asynccontextmanager
async def serving(call: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """The address of a Web API that answers by ``call``."""
    app = web.Application()
    app.router.add_post("/api/{method}", call)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    await runner.cleanup()


async def test_a_redirect_is_not_followed(kit: Kit) -> None:
    """Fault F55: the token goes nowhere else."""

    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest/")

    async with serving(away) as elsewhere, running(kit, FakeSlack(), api_base_url=elsewhere) as slack:
        with pytest.raises(Temporary, match="302"):
            await slack.adapter.send(outgoing(slack.fake))


async def test_the_bots_token_is_in_no_error(slack: Slack, caplog: pytest.LogCaptureFixture) -> None:
    slack.fake.fail("drop", times=3)
    with pytest.raises(Temporary) as raised:
        await slack.adapter.send(outgoing(slack.fake))
    assert slack.fake.token not in str(raised.value) + caplog.text


async def test_a_hundred_sends_at_once_share_the_connections(slack: Slack) -> None:
    slack.fake.paced = False
    posts = [slack.adapter.send(outgoing(slack.fake, Post(f"{n}"), key=f"k{n}")) for n in range(100)]
    assert len(set(await asyncio.gather(*posts))) == 100
    assert len(slack.fake.seen("shifuban")) == 100


async def test_the_workspace_itself_is_a_stranger_to_the_test(slack: Slack) -> None:
    """The stand-in refuses a wrong token, as Slack does: otherwise nothing above would mean anything."""
    headers = {"Authorization": "Bearer xoxb-wrong"}
    async with aiohttp.request("POST", f"{slack.fake.url}/api/auth.test", headers=headers) as answer:
        assert await answer.json() == {"ok": False, "error": "invalid_auth"}
