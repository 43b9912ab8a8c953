"""What stands under ``look:`` (the prechecks) and ``steps:`` of a runbook: hosts by selector, words still with placeholders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from runbooks.language.vocabulary import Kind, Text


@dataclass(frozen=True, slots=True)
class Selector:
    """Which hosts: those of ``argument``, the ``balancer``, the roll's own (``here``), or those of a ``group``.

    Of a group: only those with ``tag``, those ``without`` one, only the ``first`` that is left.
    """

    argument: str = ""
    balancer: bool = False
    here: bool = False
    group: str = ""
    tag: str = ""
    without: str = ""
    first: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Each:
    """A command is sent once for each host of a selection, or for each value of a ``many`` argument, as ``{name}``."""

    name: str
    of: Selector


@dataclass(frozen=True, slots=True)
class Precheck:
    """One reading command before anybody is asked. What it printed must match; the match is the fact ``name``.

    ``least`` and ``most`` (a number or an earlier fact) bound it, ``days_left`` a date. ``window``: no command, the change window.
    """

    name: str
    on: Selector | None
    argv: tuple[str, ...]
    ok: tuple[int, ...]
    become: str
    match: str
    least: str
    most: str
    days_left: int | None
    refuse: Text
    limit: float = 10.0
    window: bool = False


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """One step. ``argv`` holds words with ``{placeholder}``; ``limit`` is in seconds; ``may_fail``: a later check decides.

    ``at_once``: so many of its hosts at the same time. ``show``: what of its output belongs into
    the answer that people read. ``ends``: prechecks that need not hold any more once this step is behind a run that goes on.
    ``same``: every host must say the same as the first.

    ``words`` are what the kind needs besides: ``file``, ``key``, ``value`` · ``source``, ``to``, ``mode`` · ``path``, ``name``.
    """

    kind: Kind
    title: Text
    argv: tuple[str, ...] = ()
    limit: float = 30.0
    may_fail: bool = False
    on: Selector | None = None
    become: str = ""
    cwd: str = ""
    stdin: str = ""
    ok: tuple[int, ...] = (0,)
    expect: str = ""
    forbid: str = ""
    show: str = ""
    tries: int = 1
    pause: float = 0.0
    undo: tuple[str, ...] = ()
    same: bool = False
    ends: tuple[str, ...] = ()
    each: Each | None = None
    at_once: int = 1
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_go_together(self) -> bool:
        """Whether several hosts may do it at the same time although it changes something.

        What each host's own record can tell after a crash, and what is never taken back: a command without ``undo``.
        """
        return self.kind in {Kind.RUN, Kind.WAIT, Kind.UP, Kind.DOWN} and not self.undo


@dataclass(frozen=True, slots=True)
class NestedRunbook:
    """Another runbook run at this place; its words are checked like typed ones."""

    runbook: str
    words: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Roll:
    """``steps`` for each host of ``over``, ``batch`` hosts at a time (a number or a placeholder)."""

    over: Selector
    batch: str
    steps: tuple["AnyStep", ...]


AnyStep = StepDefinition | NestedRunbook | Roll


def flattened(steps: tuple[AnyStep, ...]) -> Iterator[AnyStep]:
    """Every step, those inside a roll too."""
    for step in steps:
        yield step
        if isinstance(step, Roll):
            yield from flattened(step.steps)
