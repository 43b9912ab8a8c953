"""A runbook: the typed form of one file of ``runbooks/catalog``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import UserError
from bot.core.people import Role
from runbooks.language.steps import AnyStep, Precheck, Roll, StepDefinition
from runbooks.language.vocabulary import ArgumentType, Confirm, Effect, Kind, Report, Text, Where

_DAYS = {"今天": "today", "昨天": "yesterday"}


@dataclass(frozen=True, slots=True)
class StricterPolicy:
    """What a single value of an argument asks for beyond the runbook's own policy; ``line``: where its file says so."""

    confirm: Confirm | None
    roles: tuple[Role, ...]
    confirmers: tuple[Role, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """One typed word, such as ``example``. ``choices`` maps what is typed to what the command gets, ``twins`` a Chinese word to
    one of them; ``default`` stands
    when it is left out. ``least`` and ``most`` bound a number, or a size in bytes. ``roles``: who may give it at all.
    ``suffix``: what a path ends with, added where it was left out.
    """

    name: str
    type: ArgumentType
    example: str = ""
    default: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    twins: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    most: int = 0
    group: str = ""
    balanced: bool = False
    format: str = "%Y-%m-%d"
    root: str = ""
    match: str = ""
    suffix: str = ""
    many: bool = False
    roles: tuple[Role, ...] = ()
    values: Mapping[str, StricterPolicy] = field(default_factory=dict)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """One runbook. ``word``: what follows the verb in a command such as ``/backup app`` or ``/licence replace db``, and its
    Chinese twin; ``group``: the host group it is for (empty: any); ``undo``: the command that takes it back; ``values``:
    words that a host group may replace; ``path``: the site's own file that it is from, ``line`` where that names the group.
    """

    verb: str
    word: str
    word_alias: str
    alias: str
    title: Text
    source: str
    roles: tuple[Role, ...]
    confirm: Confirm
    confirmers: tuple[Role, ...]
    breakglass: bool
    group: str
    where: Where
    effect: Effect
    report: Report
    undo: str
    values: Mapping[str, str]
    arguments: tuple[Argument, ...]
    prechecks: tuple[Precheck, ...]
    steps: tuple[AnyStep, ...]
    path: Path | None = None
    line: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """The key in the catalogue: ``restart``, ``backup app``."""
        return f"{self.verb} {self.word}".rstrip()

    @property
    def placeless(self) -> tuple[StepDefinition, ...]:
        """The steps that stand where the runbook stands, because they do not say; a question has no place."""
        plain = [step for step in self.steps if isinstance(step, StepDefinition)]
        return tuple(step for step in plain if step.on is None and step.kind is not Kind.ASK)

    @property
    def harm(self) -> tuple[int, bool, bool, int]:
        """How much a wrong one costs, to be compared: what only reads is the least, what few may confirm the most.

        What goes from host to host costs more than what one host gets.
        """
        rolls = any(isinstance(step, Roll) for step in self.steps)
        return list(Confirm).index(self.confirm), rolls, self.effect is not Effect.NONE, -len(self.confirmers)

    @property
    def twins(self) -> Mapping[str, str]:
        """The word that each Chinese word behind the verb means."""
        words = dict(zip(self.word_alias.split(), self.word.split(), strict=False))
        dated = any(argument.type is ArgumentType.DATE for argument in self.arguments)
        chosen = {twin: word for argument in self.arguments for twin, word in argument.twins.items()}
        return words | (_DAYS if dated else {}) | chosen

    @property
    def usage(self) -> str:
        """The words that must follow the verb, as help shows them: ``oa3``."""
        needed = [a.example or a.name.upper() for a in self.arguments if a.default is None]
        return " ".join([self.word, *needed] if self.word else needed)


Shown = Callable[[Definition], str | None]
"""A line that would be right for a runbook where somebody asks for it; None where it cannot run there."""


def as_written(definition: Definition) -> str:
    """The line with the sample words of its own file."""
    return f"/{definition.verb} {definition.usage}".rstrip()


def _able(meant: Sequence[Definition], shown: Shown) -> list[Definition]:
    """Those that can run, the most harmless one first. Raises ``UserError`` ``no_such_group`` where none can."""
    able = [each for each in meant if shown(each) is not None]
    if not able:
        raise UserError("no_such_group", verb=meant[0].verb, group=meant[0].group)
    return sorted(able, key=lambda definition: definition.harm)


def _unfinished(verb: str, names: tuple[str, ...], definitions: Mapping[str, Definition], shown: Shown) -> UserError:
    """The words that may follow, the most harmless one first and as the example."""
    left = _able([definitions[name] for name in names], shown)
    return UserError(
        "missing_argument",
        verb=verb,
        argument="|".join(d.word for d in left),
        options=tuple((d.word, d.word_alias) for d in left),
        given=False,
        example=shown(left[0]),
        changes=left[0].confirm is not Confirm.NONE,
    )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every runbook by name; what is not in here cannot run. ``faults``: while there are any, nothing runs at all."""

    definitions: Mapping[str, Definition]
    faults: tuple[str, ...] = ()

    def find(self, word: str) -> Definition | None:
        """By name (``restart``, ``backup app``) or alias; of several under one verb the first."""
        return next((d for d in self.definitions.values() if word in {d.name, d.verb, d.alias}), None)

    def verbs(self) -> dict[str, tuple[Definition, ...]]:
        """The commands that there are, each with its runbooks: several where the next word tells them apart."""
        verbs = dict.fromkeys(d.verb for d in self.definitions.values())
        return {verb: tuple(d for d in self.definitions.values() if d.verb == verb) for verb in verbs}

    def pick(self, verb: str, words: tuple[str, ...], shown: Shown = as_written) -> tuple[Definition, tuple[str, ...]]:
        """The runbook that a command means (verb or alias), and the words that are its arguments. ``shown``: as it is refused.

        Raises ``UserError``: ``unknown_command``, ``missing_argument``, ``bad_choice``, ``no_such_group``.
        """
        found = [d for d in self.definitions.values() if verb in {d.verb, d.alias}]
        if not found:
            raise UserError("unknown_command", verb=verb, nearest=None)
        if not found[0].word:
            return found[0], words
        plain = tuple(word for word in words if not word.startswith("-"))
        options = [(form.split(), d) for d in found for form in (d.word, d.word_alias) if form]
        for form, definition in sorted(options, key=lambda option: -len(option[0])):
            if [word.lower() for word in plain[: len(form)]] == form:
                return definition, (*plain[len(form) :], *(word for word in words if word not in plain))
        begun = [word.lower() for word in plain]
        meant = [d for form, d in options if form[: len(begun)] == begun]
        if meant:
            raise _unfinished(found[0].verb, tuple(dict.fromkeys(d.name for d in meant)), self.definitions, shown)
        raise UserError("bad_choice", value=" ".join(plain[:2]), choices=tuple(d.word for d in _able(found, shown)))
