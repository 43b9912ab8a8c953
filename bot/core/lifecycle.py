"""A lifecycle: the states of one kind of thing, and every move between them, in one frozen table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, A]):
    """``moves`` is the whole table: an act that is not listed for a state does not happen in it.

    ``starts`` are the states that a new thing may be in. ``ends`` are those that only the acts of ``reopening`` lead out of.
    The table is checked when it is built, with ``ValueError`` naming the fault: every state of the enum can be reached,
    every act of it is used, every state that is no end has a way out, and no other act leads out of an end.
    """

    name: str
    starts: frozenset[S]
    moves: Mapping[tuple[S, A], S]
    ends: frozenset[S]
    reopening: frozenset[A] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", MappingProxyType(dict(self.moves)))
        if wrong := sorted(self._faults()):
            raise ValueError(f"lifecycle {self.name}: {'; '.join(wrong)}")

    def next_state(self, state: S, act: A) -> S | None:
        """Where ``act`` leads from ``state``; None when it does not happen there."""
        return self.moves.get((state, act))

    def moved(self, state: S, act: A) -> S:
        """The same for a move that must be in the table; raises ``LookupError``, which is a bug of the caller."""
        after = self.next_state(state, act)
        if after is None:
            raise LookupError(f"{self.name}: no {act} from {state}")
        return after

    def sources(self, act: A) -> tuple[S, ...]:
        """The states in which ``act`` may happen, for the guard of a compare-and-set."""
        return tuple(state for (state, other) in self.moves if other == act)

    def target(self, act: A) -> S:
        """The one state that ``act`` leads to; raises ``LookupError`` when that depends on where it begins."""
        targets = {after for (_, other), after in self.moves.items() if other == act}
        if len(targets) != 1:
            raise LookupError(f"{self.name}: {act} leads to {len(targets)} states")
        return targets.pop()

    def drawing(self) -> str:
        """The table as a mermaid ``stateDiagram-v2``: acts with the same way are one arrow."""
        arrows: dict[tuple[S, S], list[str]] = {}
        for (state, act), after in self.moves.items():
            arrows.setdefault((state, after), []).append(act.value)
        lines = [f"[*] --> {state}" for state in _in_order(self.starts)]
        lines += [f"{state} --> {after}: {', '.join(acts)}" for (state, after), acts in arrows.items()]
        lines += [f"{state} --> [*]" for state in _in_order(self.ends)]
        return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in lines)])

    def _faults(self) -> Iterable[str]:
        if not self.starts:
            yield "it has no start"
            return
        reached = self._reached()
        for state in type(next(iter(self.starts))):
            if state not in reached:
                yield f"{state} is never reached"
            leaving = {act for (before, act), after in self.moves.items() if before == state and after != state}
            if state in self.ends:
                yield from (f"{act} leads out of the end {state}" for act in leaving - self.reopening)
            elif not leaving:
                yield f"{state} is no end and has no way out"
        used = {act for _, act in self.moves}
        if used:
            yield from (f"{act} is in no move" for act in type(next(iter(used))) if act not in used)

    def _reached(self) -> set[S]:
        reached = set(self.starts)
        while more := {after for (before, _), after in self.moves.items() if before in reached} - reached:
            reached |= more
        return reached


def _in_order(states: frozenset[S]) -> list[S]:
    """The states as their enum lists them."""
    return [state for state in type(next(iter(states))) if state in states] if states else []
