"""What a runbook file may say, as it is written; ``runbooks.language.definition`` holds what is made of it."""

from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, JsonValue, Tag, WithJsonSchema

from bot.core.people import Role
from data.load.read import tag
from data.load.written import CHOSEN, Flag, Number, Word, WordMap, Words, Written
from runbooks.language.load.step_forms import Both, HostsOf, StepForm
from runbooks.language.vocabulary import ArgumentType, Confirm, Effect, Report, Where

Roles = Annotated[tuple[Role, ...], CHOSEN]
_NEEDED: list[JsonValue] = ["verb", "alias", "title", "source", "roles", "steps"]


class StricterEntry(Written):
    """What a single value of an argument asks for beyond the runbook's own policy."""

    confirm: Confirm | None = None
    roles: Roles = ()
    confirmers: Roles = ()


class ArgumentEntry(Written):
    name: Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]{0,30}$"})]
    type: ArgumentType
    example: Word = ""
    default: Word = ""
    choices: WordMap = Field(default_factory=dict)
    twins: WordMap = Field(default_factory=dict)
    least: Word = ""
    most: Word = ""
    group: Word = ""
    balanced: Flag = False
    format: Word = "%Y-%m-%d"
    root: Word = ""
    match: Word = ""
    suffix: Word = ""
    many: Flag = False
    roles: Roles = ()
    values: dict[str, StricterEntry] = Field(default_factory=dict)


class PrecheckEntry(Written):
    """What all prechecks may say, which come before the question."""

    on: HostsOf | None = None
    become: Word = ""


class WindowPrecheck(PrecheckEntry):
    window: Flag


class DiskPrecheck(PrecheckEntry):
    disk_free: Word
    path: Word
    refuse: Both | None = None


class CommandPrecheck(PrecheckEntry):
    """A reading command whose output must match; the match is the fact ``name``."""

    name: Word = ""
    run: Words = ()
    ok: Words = ()
    match: Word = "(?s).*"
    least: Word = ""
    most: Word = ""
    days_left: Annotated[int, Number()] | None = None
    limit: Annotated[int, Number(1, 600)] = 10
    refuse: Both | None = None


def _form(value: object) -> str:
    given = value if isinstance(value, dict) else {}
    return tag(next((key for key in ("window", "disk_free") if given.get(key) is not None), "run"))


PrecheckForm = Annotated[
    Annotated[WindowPrecheck, Tag(tag("window"))]
    | Annotated[DiskPrecheck, Tag(tag("disk_free"))]
    | Annotated[CommandPrecheck, Tag(tag("run"))],
    Discriminator(_form),
]


class RunbookFile(Written):
    """A runbook of Zhiban."""

    model_config = ConfigDict(json_schema_extra={"required": _NEEDED})

    verb: Word
    word: Word = ""
    word_alias: Word = ""
    alias: Word
    title: Both
    source: Word
    roles: Roles = ()
    confirm: Confirm = Confirm.SECOND
    confirmers: Roles = ()
    breakglass: Flag = False
    overrides: Flag = False
    where: Where | None = None
    effect: Effect = Effect.NONE
    group: Word = ""
    report: Report = Report.TEXT
    undo: Word = ""
    values: WordMap = Field(default_factory=dict)
    arguments: tuple[ArgumentEntry, ...] = ()
    look: tuple[PrecheckForm, ...] = ()
    steps: tuple[StepForm, ...] = ()
