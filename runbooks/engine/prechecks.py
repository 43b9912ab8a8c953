"""What must be known before anybody is asked: preconditions, files to be edited, who is in service, the floors. Reads only."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.core.errors import UserError
from runbooks.engine import nginx
from runbooks.engine.facts import check_window, find_facts, with_facts
from runbooks.engine.floors import Standing, look, sight
from runbooks.engine.keyfile import set_key
from runbooks.engine.nginx_look import editable, pid_file, read_layout
from runbooks.language.vocabulary import Effect, Kind
from runbooks.planning.plan import Change, Edit, Node, Plan, Seen, Service, Step
from runbooks.remote import files
from runbooks.remote.command import Remote
from runbooks.remote.files import digest, encode, one_name, read_text, real_path, sha256_there

NOTHING_TAKEN: Mapping[str, tuple[int, ...]] = {}
UPLOAD_LIMIT = 64 * 1024 * 1024  # bytes of an uploaded file


@dataclass(frozen=True, slots=True)
class Prechecked:
    """The plan with what was seen; ``contents``: what each edit writes, by the ``index`` of its step.

    ``busy`` and ``files`` as given. A run that waited for a person has no contents any more: see :meth:`content`.
    """

    plan: Plan
    contents: Mapping[int, bytes]
    busy: frozenset[str] = frozenset()
    files: Path | None = None

    async def content(self, remote: Remote, step: Step, edit: Edit) -> bytes | None:
        """What an edit writes; where it is not at hand, made anew from the file as it is now.

        None when that is not what was looked at and confirmed: the file or what it becomes has another hash.
        """
        kept = self.contents.get(step.index)
        return kept if kept is not None else await _content_anew(remote, self, step, edit)


async def precheck(
    remote: Remote,
    plan: Plan,
    busy: frozenset[str] = frozenset(),
    *,
    now: datetime | None = None,
    files: Path | None = None,
    taken: Mapping[str, tuple[int, ...]] = NOTHING_TAKEN,
) -> Prechecked:
    """Read what ``plan`` depends on. ``busy``: hosts that other runs hold, counted as out of service; ``now``: local time;
    ``files``: the folder that uploads come from; ``taken``: nodes that the run which this one goes on with took out, with the
    lines that it changed (:func:`runbooks.runs.roll_progress.taken_out`).

    Raises ``UserError`` (``floor``, ``node_not_answering``, ``precondition``, ``outside_window``, ``file_missing`` and the codes
    of :mod:`runbooks.engine.nginx` and :mod:`runbooks.engine.nginx_look`), ``NotStarted`` or ``Lost``.
    """
    check_window(plan, now)
    plan = with_facts(plan, await find_facts(remote, plan, now.date() if now else None))
    reading = _Reading(remote, files, busy, taken)
    if plan.service is not None:
        plan = await reading.balancer(plan, plan.service)
    steps = tuple([await reading.other(step) for step in plan.steps])
    return Prechecked(replace(plan, steps=steps), reading.contents, busy, files)


async def _content_anew(remote: Remote, looked: Prechecked, step: Step, edit: Edit) -> bytes | None:
    if edit.change is Change.UPLOAD:
        content = await asyncio.to_thread(_local, looked.files, edit.what[0])
        return content if hashlib.sha256(content).hexdigest() == edit.new_sha256 else None
    before = await read_text(remote, step.target, edit.path)
    if digest(before) != edit.sha256:
        return None
    service = looked.plan.service
    if edit.change is Change.SET:
        after = set_key(before, edit.path, *edit.what)
    elif service is not None:
        address, *lines = edit.what
        layout, only = await read_layout(remote, service), tuple(int(line) for line in lines)
        after = nginx.edited(layout, service.upstream, edit.change, address, only).text
    else:
        return None
    return encode(after) if digest(after) == edit.new_sha256 else None


@dataclass(slots=True)
class _Reading:
    """What was read so far: a file that several steps change is read once, and each change builds on the one before."""

    remote: Remote
    files: Path | None
    busy: frozenset[str]
    taken: Mapping[str, tuple[int, ...]]
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    edits: dict[str, str] = field(default_factory=dict)

    async def balancer(self, plan: Plan, service: Service) -> Plan:
        """The plan with its edits of the balancer's file, one after the other, each within the floors."""
        layout = await read_layout(self.remote, service)
        now = began = await look(self.remote, service, layout, self.busy)
        reloads = any(step.kind.of_nginx for step in plan.steps)
        pid = await pid_file(self.remote, service, layout) if reloads else ""
        lowest, steps, drained = now.count(), list[Step](), dict[str, tuple[int, ...]]()
        left_out, left_in, treated = set[str](), set[tuple[str, int]](), set[str]()
        for step in plan.steps:
            edits = step.edit if step.kind is Kind.EDIT else None
            if edits and edits.change is Change.DRAIN and _is_out(now.layout, edits.what[0]):
                lines = self.taken.get(edits.what[0])
                if lines is not None:  # by the run that this one goes on with: what is behind the edit is done (again)
                    drained |= {step.item: lines}
                    continue
                left_out |= {step.item} - {""}
            if edits and edits.change is Change.UNDRAIN and step.item not in {"", *drained, *left_out}:
                # a run that goes on behind its drain: somebody has put the node back meanwhile
                left_in |= {(step.item, step.section)} if now.layout.receives(edits.what[0]) else set()
            if (step.item in left_out and _of_edit(plan, step)) or (step.item, step.section) in left_in:
                continue
            then = None
            if edits:
                if edits.change is Change.UNDRAIN and step.item not in treated:
                    await self._must_answer(service, edits.what[0])
                # a roll puts back on the lines where it took out: what was out before stays out
                only = drained.get(step.item, ()) if edits.change is Change.UNDRAIN else ()
                new = nginx.edited(now.layout, service.upstream, edits.change, edits.what[0], only)
                before = now.layout.loaded.texts[new.file]
                what = (edits.what[0], *(str(line) for line in only))
                edits = replace(edits, path=await self._file(service, layout, new.file), what=what)
                step = self._edited(step, edits, before, new.text)
                then = now.layout.changed(new.file, new.text)
                drained |= {step.item: new.lines} if step.item and edits.change is Change.DRAIN else {}
            left = now.after(step.effect, step.node, then)
            lowest = min(lowest, now.count(but=step.node) if step.effect is Effect.BRIEF else left.count())
            now = left
            steps.append(step)
            treated |= {step.item} - {""}  # what the roll did to the node before is checked on the way
        changes = [step.edit for step in steps if step.edit and step.kind is Kind.EDIT]
        seen = Seen(
            conf=changes[0].path if changes else service.conf,
            sha256=changes[0].sha256 if changes else "",
            new_sha256=changes[-1].new_sha256 if changes else "",
            diff=tuple(line for edit in changes for line in edit.diff),
            before=began.count(),
            after=lowest if now == began else now.count(),
            pid_file=pid,
        )
        return replace(plan, steps=tuple(steps), seen=seen)

    async def _file(self, service: Service, layout: nginx.Layout, file: str) -> str:
        """The real path of the one file that the plan edits, looked at once."""
        if file not in self.edits:
            self.edits[file] = await editable(self.remote, service, layout, file)
            await one_name(self.remote, service.balancer, self.edits[file])
        return self.edits[file]

    async def other(self, step: Step) -> Step:
        """A step that changes another file, with that file looked at."""
        edit = step.edit
        if edit is None or step.kind is Kind.EDIT:
            return step
        path = await real_path(self.remote, step.target, edit.path)
        edit = replace(edit, path=path)
        if edit.change is Change.UPLOAD:
            return await self._upload(step, edit)
        place = (step.target.id, path)
        if place not in self.texts:
            self.texts[place] = await read_text(self.remote, step.target, path)
            await one_name(self.remote, step.target, path)
        before = self.texts[place]
        self.texts[place] = set_key(before, path, *edit.what)
        return self._edited(step, edit, before, self.texts[place])

    def _edited(self, step: Step, edit: Edit, before: str, after: str) -> Step:
        self.contents[step.index] = files.encode(after)
        found = replace(
            edit, sha256=digest(before), new_sha256=digest(after), diff=nginx.difference(before, after), size=len(after)
        )
        return step.with_edit(found)

    async def _upload(self, step: Step, edit: Edit) -> Step:
        content = await asyncio.to_thread(_local, self.files, edit.what[0])
        old = await sha256_there(self.remote, step.target, edit.path)
        if old:
            await one_name(self.remote, step.target, edit.path)
        self.contents[step.index] = content
        new = hashlib.sha256(content).hexdigest()
        diff = (f"+ {edit.path} ({len(content)} bytes, sha256 {new[:12]})",)
        return step.with_edit(replace(edit, sha256=old, new_sha256=new, diff=diff, size=len(content)))

    async def _must_answer(self, service: Service, address: str) -> None:
        """A node that answers nobody is not put back: its requests would fail."""
        node = next((node for node in service.nodes if node.address == address), Node("", address))
        seen = await sight(self.remote, service, node)
        if seen.standing is not Standing.UP:
            raise UserError("node_not_answering", node=address, host=node.host, why=seen.why, group=service.group)


def _is_out(layout: nginx.Layout, address: str) -> bool:
    """Whether nginx knows the node and sends it nothing."""
    return bool(layout.of(address)) and not layout.receives(address)


def _of_edit(plan: Plan, step: Step) -> bool:
    """Whether a step belongs to a drain or undrain: those of a node that is out already are left out of a roll."""
    return any(other.kind is Kind.EDIT and other.section == step.section for other in plan.steps)


def _local(folder: Path | None, name: str) -> bytes:
    path = folder / name if folder else None
    if path is None or not path.is_file():
        raise UserError("file_missing", name=name, sent=())
    if path.stat().st_size > UPLOAD_LIMIT:
        raise UserError("file_too_big", name=name, limit=UPLOAD_LIMIT // 2**20)
    return path.read_bytes()
