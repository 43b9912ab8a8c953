"""What exactly would run, host by host and command by command. A plan is frozen; its hash is what people confirm."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from bot.core.people import Role
from data.model import ANY_ANSWER, PLAIN, Health, Host
from runbooks.language.placeholders import marks, unmark
from runbooks.language.vocabulary import Confirm, Effect, Kind, Report, Text
from runbooks.planning.target import Target


class Change(StrEnum):
    """What an edit does to its file."""

    DRAIN = "drain"
    UNDRAIN = "undrain"
    SET = "set"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one file under our guard. ``what``: the node's address, or key and value, or the file's name and mode.

    The hashes are the file's before and after, filled in by the look (``sha256`` empty: there was no file); ``test`` is the
    command that must accept the result.
    """

    change: Change
    path: str
    what: tuple[str, ...]
    test: tuple[str, ...] = ()
    sha256: str = ""
    new_sha256: str = ""
    diff: tuple[str, ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step on one host: ``commands`` in order, exactly as sent (each under a time limit of ``limit`` seconds).

    ``item``: the host of the roll that it belongs to. ``section``: steps of one runbook within another share it. ``index``: its
    place in the plan before any look left steps out, from 1.
    ``effect`` on ``node``: what happens to a node's service from this step on, looked at against the floors; a step that
    waits for old connections has the node whose they are.
    ``when``: facts that a look has yet to find, each with the values it may have. ``wave``: steps with the same number
    other than 0 go together, ``at_once`` of them at a time. ``show``: what of its output people read in the answer; ``ends``:
    looks of its section, on its host, that a run which goes on behind it is spared. ``same``: what it says must be what the
    step of that section and title said on the first host. ``health``: what counts as an answer, where it asks for the application.
    """

    kind: Kind
    title: Text
    target: Target
    commands: tuple[tuple[str, ...], ...]
    limit: float
    may_fail: bool = False
    ok: tuple[int, ...] = (0,)
    expect: str = ""
    forbid: str = ""
    show: str = ""
    tries: int = 1
    pause: float = 0.0
    stdin: str = ""
    undo: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    edit: Edit | None = None
    download: str = ""
    item: str = ""
    section: int = 0
    index: int = 0
    effect: Effect = Effect.NONE
    node: str = ""
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    at_once: int = 1
    wave: int = 0
    same: bool = False
    health: Health = ANY_ANSWER

    @property
    def writes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What its commands are given to read, and the lines that its edit changes; secrets stay marked."""
        return tuple(self.stdin.splitlines()), self.edit.diff if self.edit else ()

    def passes_over(self, status: int | None) -> bool:
        """Whether it has failed with this exit status, and a later step decides whether that matters."""
        return self.may_fail and status not in self.ok

    def with_facts(self, facts: dict[str, str]) -> "Step":
        """The step with what the looks found in place of its marks."""
        edit = self.edit and replace(
            self.edit, path=unmark(self.edit.path, facts), what=tuple(unmark(w, facts) for w in self.edit.what)
        )
        return replace(
            self,
            title=Text(unmark(self.title.zh, facts), unmark(self.title.en, facts)),
            commands=tuple(tuple(unmark(word, facts) for word in argv) for argv in self.commands),
            undo=tuple(unmark(word, facts) for word in self.undo),
            stdin=unmark(self.stdin, facts),
            download=unmark(self.download, facts),
            edit=edit,
            when=(),
        )

    def with_edit(self, edit: Edit) -> "Step":
        """The step with its edit looked at: the commands are known now."""
        return replace(self, edit=edit, commands=edit_commands(edit))


@dataclass(frozen=True, slots=True)
class PlannedPrecheck:
    """One look: ``argv`` on ``target``; the match is the fact ``name``; ``least`` and ``most`` bound it, in days for ``dated``.

    The bounds are words: a fact found before may be one. ``section``: that of the steps it is for.
    """

    name: str
    target: Target
    argv: tuple[str, ...]
    ok: tuple[int, ...]
    match: str
    least: str
    most: str
    dated: bool
    refuse: Text
    limit: float = 10.0
    section: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a balanced group: its host and its upstream entry."""

    host: str
    address: str


@dataclass(frozen=True, slots=True)
class Service:
    """What has to be looked at before asking: the balancer's file, who is in service, and the floors."""

    group: str
    balancer: Target
    conf: str
    nginx: str
    upstream: str
    nodes: tuple[Node, ...]
    min_in_service: int
    max_unavailable: int
    health: Health = ANY_ANSWER


@dataclass(frozen=True, slots=True)
class Seen:
    """What the look found: the balancer's file now and at the end, the changed lines, nodes in service then and now.

    ``after`` is the lowest number on the way where it ends as it began. ``pid_file``: where the process id of that nginx stands.
    """

    conf: str
    sha256: str
    new_sha256: str
    diff: tuple[str, ...]
    before: int
    after: int
    pid_file: str = ""


_LATER: Final = {"account": asdict(PLAIN), "same": False, "health": asdict(ANY_ANSWER), "pid_file": ""}


@dataclass(frozen=True, slots=True)
class Plan:
    """``line`` is the normalised command, ``what`` its target as typed, ``target`` that host's id.

    ``confirm``, ``roles`` and ``confirmers`` are as strict as the arguments ask for. ``locks`` are the targets held
    meanwhile; ``items`` the hosts of its roll, in order; ``window`` the hours it may begin in; ``facts`` what the looks
    found and the steps use; ``seen`` is None until looked at.
    """

    verb: str
    line: str
    title: Text
    confirm: Confirm
    roles: tuple[Role, ...]
    confirmers: tuple[Role, ...]
    breakglass: bool
    effect: Effect
    report: Report
    undo: str
    what: str
    target: str
    address: str
    locks: tuple[str, ...]
    items: tuple[str, ...]
    window: str
    looks: tuple[PlannedPrecheck, ...]
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    service: Service | None
    seen: Seen | None
    dry_run: bool

    @property
    def called(self) -> str:
        """The target as people read it: a node by the name of its host with the address behind it (SOP 5.3)."""
        node = self.address and self.what == self.address.rpartition(":")[0]
        return f"{self.target} {self.what}" if node else self.what

    @property
    def edits(self) -> bool:
        """Whether it changes the balancer's file."""
        return any(step.kind is Kind.EDIT for step in self.steps)

    @property
    def longest_wait(self) -> float:
        """The most seconds that old connections of one node are waited for; 0 where the plan waits for none."""
        return max((step.limit for step in self.steps if step.kind is Kind.DRAINED), default=0.0)

    @property
    def uploads(self) -> tuple[tuple[str, int, str], ...]:
        """The files that it puts onto hosts, each once: name, bytes, the beginning of its SHA-256."""
        edits = [step.edit for step in self.steps if step.edit and step.edit.change is Change.UPLOAD]
        return tuple(dict.fromkeys((edit.what[0], edit.size, edit.new_sha256[:16]) for edit in edits))

    def hash(self, requester: str, chat: str) -> str:
        """SHA-256 over everything that will happen, who asked and where; a confirmation is bound to it."""
        text = json.dumps([plan_json(self), requester, chat], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


_KEEPING = "--preserve=mode,ownership,timestamps,xattr"  # or cp fails


def backup_path(path: str, sha256: str) -> str:
    """Where the file from before the edit lies until the edit is verified or taken back.

    Hidden: what includes ``conf.d/*`` or ``sites-enabled/*`` leaves such names out. Named by its content, so that no copy is ever
    overwritten by another.
    """
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.zhiban-{sha256[:12]}"


def fresh_path(path: str) -> str:
    """Where the new content is written before it is put in place: hidden too, and in the same folder for one atomic move."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.zhiban-new"


def copies(edit: Edit) -> tuple[str, ...]:
    """Everything that an edit lays beside its file."""
    kept = (backup_path(edit.path, edit.sha256),) if edit.sha256 else ()
    return (*kept, fresh_path(edit.path))


def edit_commands(edit: Edit) -> tuple[tuple[str, ...], ...]:
    """Back up, write beside the file with its owner, group, mode and attributes, put in place in one move.

    The last but one is the one that gets the content. A file that was not there gets the mode it was given.
    """
    path, fresh = edit.path, fresh_path(edit.path)
    put = ("mv", "-f", fresh, path)
    write = ("dd", f"of={fresh}", "bs=1M", "status=none") if edit.change is Change.UPLOAD else ("tee", fresh)
    if not edit.sha256:
        return (("install", "-m", edit.what[1], "/dev/null", fresh), write, put)
    return (("cp", _KEEPING, path, backup_path(path, edit.sha256)), ("cp", _KEEPING, path, fresh), write, put)


def restore_commands(edit: Edit) -> tuple[tuple[str, ...], ...]:
    """Put the file back as it was before the edit, and let it be tested."""
    path, fresh = edit.path, fresh_path(edit.path)
    if not edit.sha256:
        return (("rm", "-f", path),)
    back = (("cp", _KEEPING, backup_path(path, edit.sha256), fresh), ("mv", "-f", fresh, path))
    return (*back, edit.test) if edit.test else back


def target_of(host: Host) -> Target:
    """Where a host of the inventory is reached, through its jump host where it has one."""
    jump = target_of(host.jump) if host.jump else None
    return Target(host.id, host.address, host.port, host.user, host.become, jump, host.account)


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data, for the database and for ``zhiban runbooks plan --json``."""
    return asdict(plan, dict_factory=_without_defaults)


def _without_defaults(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Fields that plans of before had not are left out where they say nothing, so that what waits over an upgrade stays good."""
    return {name: value for name, value in pairs if name not in _LATER or value != _LATER[name]}


def needed(steps: Sequence[Step]) -> set[str]:
    """The facts that these steps use, by name."""
    used = {name for step in steps for name, _ in step.when}
    for step in steps:
        edit = (*step.edit.what, step.edit.path) if step.edit else ()
        texts = (step.title.zh, step.title.en, step.stdin, step.download)
        used |= marks([*texts, *step.undo, *edit, *(word for argv in step.commands for word in argv)])
    return used
