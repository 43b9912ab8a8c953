"""Who is called by a name that begins like the bot's, and whether the bot is, wherever its name stands."""

import pytest

from bot.adapters.mattermost.adapter import MattermostAdapter
from bot.core.events import Message
from tests.support.platforms.lone import Lone
from tests.support.platforms.mattermost import FakeMattermost, ident


async def hears(server: FakeMattermost, lone: Lone[MattermostAdapter], text: str, **props: object) -> list[Message]:
    post = server._keep(ident("channel", "shifuban"), ident("user", "lixiao"), text, id="m1")
    post.props = dict(props)
    assert await server.deliver("/mattermost/outgoing", server.outgoing(post), as_json=False) == 200
    return [event for event in await lone.heard() if isinstance(event, Message)]


@pytest.mark.parametrize("other", ["@zhiban-test", "@zhiban.test", "@zhiban_b", "@zhiban2", "@zhiban-2", "a@zhiban"])
@pytest.mark.parametrize("line", ["{} ping x", "{}：ping x", "ping x {}"])
async def test_8_11_whoever_is_called_by_a_longer_name_is_not_the_bot(
    server: FakeMattermost, lone: Lone[MattermostAdapter], other: str, line: str
) -> None:
    (message,) = await hears(server, lone, line.format(other))
    assert (message.text, message.to_bot) == (line.format(other), False)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("请 @zhiban 看看 OA", "请 @zhiban 看看 OA"),
        ("请@zhiban看看 OA", "请@zhiban看看 OA"),
        ("@zhiban @zhiban 确认 R17", "@bot 确认 R17"),
        ("@zhiban，@Zhiban：ping x", "@bot ping x"),
        ("@zhiban. ping x", "@bot ping x"),
        ("@zhiban ping x @zhiban", "@bot ping x"),
    ],
)
async def test_8_11_the_bots_own_name_calls_it_wherever_it_stands(
    server: FakeMattermost, lone: Lone[MattermostAdapter], line: str, text: str
) -> None:
    (message,) = await hears(server, lone, line)
    assert message.to_bot
    assert message.text == text


@pytest.mark.parametrize("mark", ["true", True])
@pytest.mark.parametrize("name", ["from_bot", "from_webhook"])
async def test_8_13_another_bots_words_are_nobodys_however_they_are_marked(
    server: FakeMattermost, lone: Lone[MattermostAdapter], name: str, mark: object
) -> None:
    assert await hears(server, lone, "OA 打不开", **{name: mark}) == []
