"""What a language must be able to say of one line, so that triage understands it; a language is replaced behind this."""

from typing import Protocol

from handlers.triage.labels import Correction, Reading, System


class Tongue(Protocol):
    """One cleaned line in one language. Nothing here knows what is open, or who speaks, but by its arguments."""

    @property
    def systems(self) -> frozenset[System]:
        """Every system that it mentions."""

    @property
    def failing(self) -> bool:
        """Whether it tells of something that does not work now."""

    @property
    def notice(self) -> bool:
        """Whether it is a notice, or about a meeting."""

    @property
    def thanks(self) -> bool:
        """Whether it begins with thanks."""

    @property
    def off_topic(self) -> bool:
        """Whether it is about lunch, the weather, and the like."""

    def judge(self, role: str, open_systems: frozenset[str]) -> Reading:
        """Kind, route, system and scope, by the label rules; ``open_systems`` have an open ticket in its chat."""

    def subject(self) -> System | None:
        """The system that it names as its matter."""

    def symptom(self) -> str | None:
        """The sort of failure that it tells of, by the same names in every language."""

    def names(self, system: System) -> frozenset[str]:
        """What it calls that system, where those are names and no words for a part of any (系统, the page)."""

    def parts(self) -> frozenset[str]:
        """The parts of any system that it speaks of ("附件", "the login"), words for the whole left out."""

    def day_asked(self) -> str | None:
        """Of a question who is on duty the day as it says it, empty for now; else None."""

    def is_me_too(self) -> bool:
        """Somebody has the same trouble."""

    def is_resolved(self, *, by_engineer: bool = False) -> bool:
        """It works now; an end still to come is none, nor is an engineer's advice."""

    def corrected(self) -> Correction | None:
        """The system that it names in place of another that its reporter named before."""

    def is_withdrawn(self) -> bool:
        """Whoever reported takes it back (dialogue rule 6)."""

    def is_relapse(self) -> bool:
        """It does not work after all, or not yet."""

    def is_no(self) -> bool:
        """A plain no to the question whether it works again."""

    def is_yes(self) -> bool:
        """A plain yes to it."""

    def is_sure(self) -> bool:
        """Whether an end is told without a doubt (dialogue rule 7)."""

    def is_chasing(self) -> bool:
        """It asks after an open ticket and says nothing new."""

    def is_response(self) -> bool:
        """Whether, said by an engineer, it answers an open ticket (dialogue rules 3 and 7)."""

    def takes(self) -> bool:
        """Whether, said by an engineer to the bot alone, it takes a fault on and says nothing besides."""

    def leaves(self) -> bool:
        """Whether, said so, it asks or leaves the fault to somebody else."""

    def asks_whether_over(self) -> bool:
        """Whether an engineer asks by it if all is well again."""

    def adds(self) -> bool:
        """Whether it tells the circumstances of a fault."""
