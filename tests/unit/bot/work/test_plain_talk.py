"""Several capabilities hear plain words in the written order, each line understood once, until one takes it."""

import pytest

from bot.core.errors import ConfigError
from bot.core.events import Message
from bot.work.routes import Routes, freeze
from bot.work.understanding import Matter, Surroundings, Understanding
from bot.work.work import Work
from tests.support.kit import Kit


class Thing:
    """Something open."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.system: str | None = None


def capability(name: str, log: list[str], *, takes: str = "", quotes: Matter | None = None) -> Routes:
    """One that hears everything, has one thing open, and takes lines that start with ``takes``."""
    on = Routes(name)

    @on.surroundings()
    def around(_event: Message, _work: Work) -> Surroundings:
        return Surroundings((Thing(f"{name}-1"),), quotes)

    @on.message()
    def hear(_event: Message, line: Understanding, _work: Work) -> bool:
        log.append(f"{name} hears {line.words} among {[matter.number for matter in line.open]}")
        return bool(takes) and line.words.startswith(takes)

    return on


def reader(log: list[str]) -> Routes:
    on = Routes("reader")

    @on.reader()
    def read(event: Message, around: Surroundings, _work: Work) -> Understanding:
        log.append(f"read {event.text}")
        return Understanding(event.text, open=around.open, refers_to=around.refers_to)

    return on


async def heard(kit: Kit, *texts: str) -> None:
    for number, text in enumerate(texts):
        await kit.accept(f"e{number}", text)
    await kit.dispatcher().step()


async def test_the_first_in_the_written_order_that_takes_a_line_ends_the_chain(kit: Kit) -> None:
    log: list[str] = []
    kit.others = [capability("a", log, takes="for a"), reader(log), capability("b", log), capability("c", log)]
    kit.on = Routes("test")
    await heard(kit, "for a", "for nobody")
    among = "among ['a-1', 'b-1', 'c-1']"
    assert log == [
        "read for a",
        f"a hears for a {among}",
        "read for nobody",
        *(f"{name} hears for nobody {among}" for name in "abc"),
    ]


async def test_the_first_that_knows_the_quoted_message_says_what_it_is_about(kit: Kit) -> None:
    log: list[str] = []
    seen: list[Matter | None] = []
    kit.others = [reader(log), capability("a", log), *(capability(n, log, quotes=Thing(n)) for n in "bc")]
    kit.on = Routes("test")

    @kit.on.message()
    def last(_event: Message, line: Understanding, _work: Work) -> bool:
        seen.append(line.refers_to)
        return True

    await heard(kit, "x")
    assert [matter.number for matter in seen if matter] == ["b"]


@pytest.mark.parametrize("readers", [0, 2])
def test_plain_talk_that_is_heard_has_one_reader(readers: int) -> None:
    log: list[str] = []
    with pytest.raises(ConfigError, match=f"read by {readers}"):
        freeze([capability("a", log), *(reader(log) for _ in range(readers))])
