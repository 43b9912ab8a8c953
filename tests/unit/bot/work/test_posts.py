"""Which of our posts a platform's message is, and what became of those about something; told by the platform's own record."""

from bot.core.content import Priority
from bot.core.errors import Temporary
from bot.core.ports import Capabilities
from bot.work import posts
from bot.work.work import Work
from tests.support.kit import Kit


async def said(kit: Kit, source: str, text: str, chat: str = "shifuban", about: str | None = "GD-1") -> str:
    def speak(work: Work) -> str:
        return work.say("help/pong", chat, text=text, about=about, priority=Priority.ESCALATION)

    return await kit.transactions.do(source, speak)


async def post_of(kit: Kit, message: str, chat: str = "shifuban") -> str | None:
    return await kit.transactions.do(f"look:{chat}:{message}", lambda work: posts.post_of(work, chat, message))


async def test_a_message_of_the_platform_is_the_post_that_was_said(kit: Kit) -> None:
    one, two = await said(kit, "i1", "one"), await said(kit, "i2", "two")
    await kit.sender().step()
    assert [await post_of(kit, "p1"), await post_of(kit, "p2")] == [one, two]
    assert await post_of(kit, "p3") is None
    assert await post_of(kit, "p1", "minzheng") is None


async def test_each_piece_of_a_long_post_is_that_post(kit: Kit) -> None:
    kit.platform.can = Capabilities(text_limit=40)
    kit.runtime.capabilities = lambda _platform, _chat: kit.platform.can
    key = await said(kit, "i1", "字" * 100)
    await kit.sender().step()
    assert len(kit.platform.got) > 2
    assert {await post_of(kit, f"p{n}") for n, _ in enumerate(kit.platform.got, 1)} == {key}


async def test_a_copy_by_another_platform_and_a_change_are_the_post_too(kit: Kit) -> None:
    key = await said(kit, "R17:asked", "x")
    await kit.sender().step()
    await kit.sql(
        "INSERT INTO outbox (key, adapter, target, priority, op, template, body, state, attempts, created_at, next_try,"
        " uncertain, platform_id, post) SELECT key || ?, 'wecom', target, priority, ?, template, body, state, attempts,"
        " created_at, next_try, uncertain, ?, ? FROM outbox WHERE key = ?",
        "@wecom", "post", "copy", None, key,
    )  # fmt: skip
    await kit.sql(
        "INSERT INTO outbox (key, adapter, target, priority, op, template, body, state, attempts, created_at, next_try,"
        " uncertain, platform_id, post) SELECT 'i9.1', adapter, target, priority, 'update', template, body, state, attempts,"
        " created_at, next_try, uncertain, 'changed', key FROM outbox WHERE key = ?",
        key,
    )
    assert [await post_of(kit, "copy"), await post_of(kit, "changed")] == [key, key]


async def test_only_what_left_has_reached_somebody(kit: Kit) -> None:
    await said(kit, "i1", "goes")
    await said(kit, "i2", "stays", chat="minzheng")
    await said(kit, "i3", "about another", chat="gongxin", about="GD-2")
    kit.platform.will("minzheng", Temporary("busy"))
    await kit.sender().step()

    def look(work: Work) -> tuple[list[str], frozenset[str], int]:
        return posts.reached(work, "GD-1", Priority.ESCALATION), posts.unsent(work, "GD-1"), posts.waiting(work)

    assert await kit.transactions.do("look", look) == (["shifuban"], frozenset({"minzheng"}), 1)


async def test_what_waits_at_one_platform_and_left_by_another_is_held_no_longer(kit: Kit) -> None:
    await said(kit, "i1", "to one", chat="shifuban")
    await said(kit, "i2", "to another", chat="minzheng")
    await said(kit, "i3", "about another", chat="gongxin", about="GD-2")

    async def held(template: str) -> list[str]:
        return sorted(await kit.transactions.do("look", lambda work: posts.held(work, "GD-1", template)))

    assert [await held("help/pong"), await held("faults/rung")] == [["minzheng", "shifuban"], []]
    await kit.sql(
        "INSERT INTO outbox (key, adapter, target, priority, op, template, about, body, state, attempts, created_at, next_try,"
        " uncertain) SELECT key || '@wecom', 'wecom', target, priority, op, template, about, body, 'sent', attempts,"
        " created_at, next_try, uncertain FROM outbox WHERE target = ?",
        "minzheng",
    )
    assert await held("help/pong") == ["shifuban"]
    await kit.sender().step()
    assert await held("help/pong") == []
