"""What a step of a runbook file may say, one form for each thing that a step can do."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from bot.core.problems import Told, nearest_of
from data.load.read import tag
from data.load.written import ONE_OR_MORE, Flag, Number, Word, Words, Written
from runbooks.language.vocabulary import Kind

ACTS = ("run", "http", "port", "set", "upload", "download", "ask", "runbook", "roll")
NGINX_KINDS = frozenset(kind for kind in Kind if kind.of_nginx)
LONGEST = 4 * 3600  # seconds a step may take
Seconds = Annotated[int, Number(1, LONGEST)]
_CODE = {"type": "integer", "minimum": 0, "maximum": 255}
Codes = Annotated[tuple[str, ...], ONE_OR_MORE, WithJsonSchema({"type": "array", "items": _CODE})]


class Both(Written):
    """A short text in both languages."""

    zh: Word
    en: Word


class GroupOfHosts(Written):
    """The hosts of a group: with a tag, without one, or only the first that is left."""

    group: Word
    tag: Word = ""
    without: Word = ""
    first: Flag = False


def _selector(value: object) -> str:
    return tag("group" if isinstance(value, dict) else "word")


HostsOf = Annotated[
    Annotated[Word, Tag(tag("word"))] | Annotated[GroupOfHosts, Tag(tag("group"))], Discriminator(_selector)
]


class RetryEntry(Written):
    times: Annotated[int, Number(1, 5)] = 1
    pause: Annotated[int, Number(0, 300)] = 5


class EachEntry(Written):
    """A command is sent once for each host of a selection, or for each value of an argument that takes many."""

    instead: ClassVar[Mapping[str, object]] = {"of": "balancer"}
    name: Word
    of: HostsOf


class StepEntry(Written):
    """What every step may say that does one thing on hosts or asks people."""

    on: HostsOf | None = None
    become: Word = ""
    when: dict[str, Words] = Field(default_factory=dict)
    limit: Seconds | None = None
    show: Word = ""
    ends: Words = ()
    at_once: Annotated[int, Number(1, 100)] = 1
    idempotent: Flag = False

    @classmethod
    def unknown(cls, key: str, given: Mapping[str, object]) -> Told:
        """A second act, what only commands can use, or a key that no step has."""
        act = act_of(given)
        if act and key in ACTS:
            return Told("runbooks/two_acts", first=act, second=key)
        if key in _OF_COMMANDS:
            return Told("runbooks/idle_key", key=key, act=act or given.get("kind"))
        return Told("data/unknown_key", key=key, near=nearest_of(key, cls.known if act else {*cls.known, *ACTS}))


class TitledStep(StepEntry):
    title: Both | None = None


class CommandStep(TitledStep):
    cwd: Word = ""
    stdin: Word = ""
    ok: Codes = ()
    expect: Word = ""
    forbid: Word = ""
    may_fail: Flag = False
    retry: RetryEntry | None = None
    undo: Words = ()
    same: Flag = False
    each: EachEntry | None = None


_OF_COMMANDS = CommandStep.known.keys() - TitledStep.known.keys()


class RunStep(CommandStep):
    run: Words
    kind: Kind = Kind.RUN
    wait: Seconds | None = None


class HttpStep(CommandStep):
    http: Word
    want: Word = "up"
    wait: Seconds | None = None


class PortStep(CommandStep):
    port: Word
    want: Word = "open"
    wait: Seconds | None = None


class NginxStep(TitledStep):
    """A step that edits the balancer's configuration, sees it live, or waits for old connections; it has no command."""

    kind: Kind
    wait: Seconds | None = None


class SettingEntry(Written):
    file: Word
    key: Word
    value: Word


class SetStep(TitledStep):
    setting: SettingEntry = Field(alias="set")


class UploadStep(TitledStep):
    upload: Word
    to: Word
    mode: Word = "0644"


class DownloadStep(TitledStep):
    download: Word
    name: Word


class AskStep(StepEntry):
    ask: Both


class RunbookStep(Written):
    """Another runbook run at this place."""

    runbook: Word
    words: Words = Field((), alias="with")
    when: dict[str, Words] = Field(default_factory=dict)


class RollStep(Written):
    """The steps for one host after the other."""

    instead: ClassVar[Mapping[str, object]] = {"roll": "balancer"}
    roll: HostsOf
    batch: Word = "1"
    steps: tuple["StepForm", ...] = ()


def act_of(given: Mapping[str, object]) -> str:
    """The first act that a step names; empty where there is none."""
    return next((act for act in ACTS if given.get(act) is not None), "")


def _form(value: object) -> str:
    given = value if isinstance(value, dict) else {}
    act = act_of(given)
    return tag(act or ("nginx" if given.get("kind") in NGINX_KINDS else "run"))


StepForm = Annotated[
    Annotated[RunStep, Tag(tag("run"))]
    | Annotated[HttpStep, Tag(tag("http"))]
    | Annotated[PortStep, Tag(tag("port"))]
    | Annotated[NginxStep, Tag(tag("nginx"))]
    | Annotated[SetStep, Tag(tag("set"))]
    | Annotated[UploadStep, Tag(tag("upload"))]
    | Annotated[DownloadStep, Tag(tag("download"))]
    | Annotated[AskStep, Tag(tag("ask"))]
    | Annotated[RunbookStep, Tag(tag("runbook"))]
    | Annotated[RollStep, Tag(tag("roll"))],
    Discriminator(_form),
]
RollStep.model_rebuild()
