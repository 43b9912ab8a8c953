"""Who was told of a ticket, and whether that message left: what the bot says of itself is read here (decisions: Truth)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from bot.core.people import Person
from bot.work import posts
from bot.work.posts import Delivery
from bot.work.work import Work
from handlers.faults import store
from handlers.faults.model import Event, Happening, Ticket


@dataclass(frozen=True, slots=True)
class Told:
    """Of one ticket: whom a message reached and how often; whom one is on its way to; whom none could be brought to."""

    reached: tuple[tuple[Person, int], ...] = ()
    under_way: tuple[Person, ...] = ()
    missed: tuple[Person, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Those whom a message reached."""
        return tuple(person for person, _ in self.reached)

    def only(self, names: Collection[str]) -> "Told":
        """The same of these persons alone."""
        return Told(
            tuple((person, times) for person, times in self.reached if person.id in names),
            tuple(person for person in self.under_way if person.id in names),
            tuple(person for person in self.missed if person.id in names),
        )

    def seen_by(self, reader: Person) -> "Told":
        """The same without what reads it saying that it has not left."""
        return Told(
            self.reached,
            tuple(person for person in self.under_way if person != reader),
            tuple(person for person in self.missed if person != reader),
        )


def note(
    work: Work, ticket: Ticket, person: Person, step: str, post: str, *, listed: bool = False, **shown: Any
) -> None:
    """Remembers that ``post`` tells a person of a ticket; ``listed``: it is about another one and shows this one below.

    ``shown``: what else the post says, for when it is rewritten.
    """
    store.note(work, ticket, Happening.TOLD, work.now, person.id, step=step, post=post, listed=listed, **shown)


def of(work: Work, ticket: Ticket) -> Told:
    """Who was told of this very ticket, as far as the outbox knows."""
    events = tellings(store.happened(work, ticket, Happening.TOLD))
    became = posts.became(work, (str(event.detail["post"]) for event in events))
    by_person: dict[Person, list[Delivery]] = {}
    for event in events:
        person = work.site.people.get(event.person or "")
        if person is not None:
            by_person.setdefault(person, []).append(became[str(event.detail["post"])])
    sent = {person: states.count(Delivery.LEFT) for person, states in by_person.items()}
    rest = {person: states for person, states in by_person.items() if not sent[person]}
    waits = tuple(person for person, states in rest.items() if Delivery.UNDER_WAY in states)
    return Told(
        tuple((person, times) for person, times in sent.items() if times),
        waits,
        tuple(person for person in rest if person not in waits),
    )


def tellings(events: Iterable[Event]) -> list[Event]:
    """Those that know their message; an earlier version did not keep it."""
    return [event for event in events if event.person is not None and "post" in event.detail]


def at_step(work: Work, ticket: Ticket, person: Person, *steps: str) -> bool:
    """Whether a message that shows this ticket went to a person at one of the steps, or is on its way."""
    mine = [
        str(event.detail["post"])
        for event in tellings(store.happened(work, ticket, Happening.TOLD))
        if event.person == person.id and event.detail["step"] in steps
    ]
    return any(how is not Delivery.LOST for how in posts.became(work, mine).values())
