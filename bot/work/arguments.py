"""What a command takes: its words are read by their types before its handler sees them.

``@takes(RUN)`` below ``@on.command(…)`` declares it; the handler gets the values behind ``event`` and ``work``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from bot.core.events import Command
from bot.work.work import Work

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Argument(Generic[T]):
    """One argument. ``read`` says what a word means, ``missing`` what holds where none was typed.

    Both raise ``UserError`` with the code of their own refusal. ``rest``: it takes all the words from its place on, as they
    were typed, so it is the last one.
    """

    read: Callable[[str, Work], T]
    missing: Callable[[Command, Work], T]
    rest: bool = False

    def of(self, event: Command, work: Work, place: int = 0) -> T:
        """Its value in a command, where it is the word at ``place``."""
        word = _rest(event, place) if self.rest else next(iter(event.args[place : place + 1]), "")
        return self.read(word, work) if word else self.missing(event, work)


def _rest(event: Command, place: int) -> str:
    """All that was typed; behind other words its blanks are single ones."""
    return " ".join(event.rest.split()[place:]) if place else event.rest


def text() -> Argument[str]:
    """Free text up to the end of the line; empty where there is none."""
    return Argument(lambda words, _work: words, lambda _event, _work: "", rest=True)


def word() -> Argument[str]:
    """One word of any kind; empty where there is none."""
    return Argument(lambda given, _work: given, lambda _event, _work: "")


@dataclass(frozen=True, slots=True)
class Taking:
    """A handler of a command with the arguments that it takes, in their order."""

    arguments: tuple[Argument[Any], ...]
    handler: Callable[..., None]

    def __call__(self, event: Command, work: Work) -> None:
        """Read every argument, the first that is wrong is refused; then handle the command."""
        values = [argument.of(event, work, place) for place, argument in enumerate(self.arguments)]
        self.handler(event, work, *values)


@overload
def takes(first: Argument[A], /) -> Callable[[Callable[[Command, Work, A], None]], Taking]: ...
@overload
def takes(first: Argument[A], second: Argument[B], /) -> Callable[[Callable[[Command, Work, A, B], None]], Taking]: ...
def takes(*arguments: Argument[Any]) -> Callable[[Callable[..., None]], Taking]:
    """Declare what a command takes. Raises ``ValueError`` where words would follow an argument that takes the rest."""
    if any(argument.rest for argument in arguments[:-1]):
        raise ValueError("an argument that takes the rest of the line is the last one")
    return lambda handler: Taking(arguments, handler)
