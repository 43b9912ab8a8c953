"""What goes out through the bot account and through webhooks; the server's record is the oracle."""

import asyncio

import mattermostautodriver
import pytest

from bot.adapters.mattermost.adapter import TEXT_LIMIT, MattermostAdapter
from bot.core.content import Attachment, Button, Mention, Op
from bot.core.errors import Rejected, Temporary
from bot.core.people import Chat
from bot.core.ports import Hears
from tests.support.platforms.lone import Lone
from tests.support.platforms.mattermost import BOT_TOKEN, FakeMattermost, ident

ZHOU = Mention("zhou", "周予安")
CLAIM = Button("claim:GD-1", "我来处理", "primary", "/claim GD-1")


async def test_an_independent_client_is_served_by_the_stand_in(server: FakeMattermost) -> None:
    """So the stand-in is a server for others, too, not only for our adapter."""

    def use() -> list[str]:
        host, _, port = server.url.removeprefix("http://").partition(":")
        options = {"url": host, "port": int(port), "scheme": "http", "token": BOT_TOKEN}
        with mattermostautodriver.TypedDriver(options) as driver:
            driver.login()
            channel = driver.channels.create_direct_channel([driver.client.userid, ident("user", "zhou")])["id"]
            file = driver.files.upload_file(files=("a.txt", b"x"), channel_id=channel, filename="a.txt")
            made = driver.posts.create_post(channel, "你好", file_ids=[file["file_infos"][0]["id"]])
            driver.posts.patch_post(made["id"], message="你好！")
            shown = driver.posts.get_post(made["id"])
        return [shown["message"], shown["channel_id"]]

    assert await asyncio.to_thread(use) == ["你好！", ident("channel", "dm-zhou")]
    (seen,) = server.seen("dm-zhou")
    assert (seen.files, seen.updated) == (["a.txt"], 1)


async def test_a_post_with_mention_and_button(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    sent = await lone.send("shifuban", "请@周予安处理：@all *急*", mentions=(ZHOU,), buttons=[CLAIM])
    (seen,) = server.seen("shifuban")
    assert (seen.id, seen.text) == (sent, "请 @zhou 处理：＠all *急*")
    assert seen.mentions == [ident("user", "zhou")]
    assert seen.buttons == [("我来处理", "claim:GD-1")]


async def test_a_direct_message(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    await lone.send("dm-zhou", "一")
    await lone.send("dm-zhou", "二")
    assert [m.text for m in server.seen("dm-zhou")] == ["一", "二"]
    assert server.requests["direct"] == 1


async def test_a_change_in_place(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    sent = await lone.send("shifuban", "等待响应", buttons=[CLAIM])
    assert await lone.send("shifuban", "已响应", op=Op.UPDATE, message=sent) == sent
    (seen,) = server.seen("shifuban")
    assert (seen.text, seen.buttons, seen.updated) == ("已响应", [], 1)


async def test_a_change_of_what_is_gone(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    sent = await lone.send("shifuban", "x")
    server.posts[sent].deleted = True
    with pytest.raises(Rejected, match="gone"):
        await lone.send("shifuban", "y", op=Op.UPDATE, message=sent)
    with pytest.raises(Rejected, match="never sent"):
        await lone.send("shifuban", "y", op=Op.UPDATE)


async def test_answers_stand_in_the_thread(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    """Mattermost takes only a thread's first message as its root; an answer to an answer finds it."""
    root = server.add_post("lixiao", "shifuban", "打不开")
    answer = server.add_post("lixiao", "shifuban", "还是打不开", root=root.id)
    gone = server.add_post("lixiao", "shifuban", "x")
    gone.deleted = True
    for reply_to in (root.id, answer.id, gone.id, "command-abc", "hook:k1"):
        await lone.send("shifuban", "收到", reply_to=reply_to)
    assert [m.thread for m in server.seen("shifuban")] == [root.id, root.id, None, None, None]


async def test_files(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    (lone.settings.state_dir / "out.txt").write_text("结果", "utf-8")
    await lone.send("duty-room", "R1 的输出", files=(Attachment("R1.txt", "out.txt"),))
    assert server.seen("duty-room")[0].files == ["R1.txt"]
    (lone.settings.state_dir / "big.txt").write_bytes(b"x" * 1_100_000)
    with pytest.raises(Rejected, match="too large"):
        await lone.send("duty-room", "x", files=(Attachment("R2.txt", "big.txt"),))
    with pytest.raises(Rejected, match="not there any more"):
        await lone.send("duty-room", "x", files=(Attachment("R3.txt", "nowhere.txt"),))


@pytest.mark.parametrize("sign", ["字", "*", "@", "[", "😀"])
async def test_the_longest_text_is_taken(server: FakeMattermost, lone: Lone[MattermostAdapter], sign: str) -> None:
    place = lone.site.chat("shifuban")
    assert place is not None
    can = lone.adapter.capabilities(place)
    text = sign * (can.text_limit // can.measure(sign) - 12) + " @周予安"
    assert TEXT_LIMIT - 30 < can.measure(text) <= can.text_limit
    await lone.send("shifuban", text, mentions=(ZHOU,))
    assert len(server.seen("shifuban")) == 1


async def test_a_repeat_within_half_a_minute_is_dropped_by_the_server(
    server: FakeMattermost, lone: Lone[MattermostAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault F49: taken, then no answer. Later than that it cannot know, so the repeat is marked."""
    monkeypatch.setattr(lone.adapter._http, "_timeout", lone.adapter._http._timeout.__class__(total=0.3))
    server.fail("hang")
    with pytest.raises(Temporary) as error:
        await lone.send("shifuban", "GD-1", client_key="e1.1")
    assert error.value.uncertain
    again = await lone.send("shifuban", "GD-1", client_key="e1.1", repeated=True)
    assert [(m.id, m.text) for m in server.seen("shifuban")] == [(again, "GD-1")]
    server._pending.clear()
    await lone.send("shifuban", "GD-1", client_key="e1.1", repeated=True)
    assert [m.text for m in server.seen("shifuban")] == ["GD-1", "(补发) GD-1"]


@pytest.mark.parametrize(("fault", "after", "uncertain"), [("429", 30, False), ("503", None, True)])
async def test_what_may_work_later(
    server: FakeMattermost, lone: Lone[MattermostAdapter], fault: str, after: float | None, uncertain: bool
) -> None:
    server.fail(fault, value=30)
    with pytest.raises(Temporary) as error:
        await lone.send("shifuban", "x")
    assert (error.value.retry_after, error.value.uncertain) == (after, uncertain)


async def test_nothing_was_posted_when_a_step_before_failed(
    server: FakeMattermost, lone: Lone[MattermostAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening the direct channel is a POST as well; that it had no answer makes no repeat."""
    monkeypatch.setattr(lone.adapter._http, "_timeout", lone.adapter._http._timeout.__class__(total=0.2))
    stopped = asyncio.Event()

    async def never(_request: object) -> None:
        await stopped.wait()

    await server.stop()
    monkeypatch.setattr(server, "_direct", never)
    await server.start()
    monkeypatch.setattr(lone.adapter._api, "_base", f"{server.url}/api/v4")
    with pytest.raises(Temporary) as error:
        await lone.send("dm-zhou", "x")
    stopped.set()
    assert not error.value.uncertain


async def test_a_revoked_token_waits_for_somebody_to_mend_it(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    server.revoked = True
    with pytest.raises(Temporary) as error:
        await lone.send("shifuban", "x")
    assert error.value.retry_after == 30
    assert BOT_TOKEN not in str(error.value)
    server.revoked = False
    await lone.send("shifuban", "x")


async def test_a_channel_without_the_bot(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    """Fault F50."""
    server.removed = {"shifuban"}
    with pytest.raises(Rejected, match=r"gone: .*permissions"):
        await lone.send("shifuban", "x")


async def test_somebody_without_an_account_is_named_and_not_mentioned(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    server._users.pop(ident("user", "zhou"))
    await lone.send("shifuban", "@周予安 请看", mentions=(ZHOU,))
    assert (server.seen("shifuban")[0].text, server.seen("shifuban")[0].mentions) == ("＠周予安 请看", [])


async def test_webhooks_alone(bare: FakeMattermost, hooked: Lone[MattermostAdapter]) -> None:
    text = "<!channel> <@" + ident("user", "zhou") + "> <http://a.example|这里> @周予安 @all"
    sent = await hooked.send("shifuban", text, mentions=(ZHOU,), buttons=[CLAIM], repeated=True)
    (seen,) = bare.seen("shifuban")
    assert seen.mentions == []
    assert seen.text.startswith("(补发) ＜!channel>")
    assert seen.buttons == [("我来处理", "claim:GD-1")]
    assert sent == f"hook:{hooked.keys[0]}"
    with pytest.raises(Rejected, match="no webhook"):
        await hooked.send("dm-zhou", "x")
    bare.removed = {"shifuban"}
    with pytest.raises(Rejected, match="incoming_webhook"):
        await hooked.send("shifuban", "x")


def test_what_it_can_do_where(lone: Lone[MattermostAdapter], hooked: Lone[MattermostAdapter]) -> None:
    group, direct = Chat("shifuban", "x", "mattermost"), Chat("dm-zhou", "x", "mattermost")
    full, alone = lone.adapter.capabilities(group), hooked.adapter.capabilities(group)
    assert all([full.updates, full.threads, full.mentions, full.files, full.buttons])
    assert not any([alone.updates, alone.threads, alone.mentions, alone.files])
    assert (full.hears, lone.adapter.capabilities(direct).hears) == (Hears.ALL, Hears.MENTIONS)
