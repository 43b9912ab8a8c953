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
from runbooks.engine.floors import answering, serving, without
from runbooks.engine.keyfile import set_key
from runbooks.language.vocabulary import Effect, Kind
from runbooks.planning.plan import Change, Edit, Node, Plan, Seen, Service, Step
from runbooks.remote import files
from runbooks.remote.command import Remote
from runbooks.remote.files import digest, encode, read_text, real_path, sha256_there

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
) -> Prechecked:
    """Read what ``plan`` depends on. ``busy``: hosts that other runs hold, counted as out of service; ``now``: local time;
    ``files``: the folder that uploads come from.

    Raises ``UserError`` (``floor``, ``node_not_answering``, ``precondition``, ``outside_window``, ``file_missing`` and the codes
    of :mod:`runbooks.engine.nginx`), ``NotStarted`` or ``Lost``.
    """
    check_window(plan, now)
    plan = with_facts(plan, await find_facts(remote, plan, now.date() if now else None))
    reading = _Reading(remote, files, busy)
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
        after = _changed(before, service, edit)
    else:
        return None
    return encode(after) if digest(after) == edit.new_sha256 else None


@dataclass(slots=True)
class _Reading:
    """What was read so far: a file that several steps change is read once, and each change builds on the one before."""

    remote: Remote
    files: Path | None
    busy: frozenset[str]
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)

    async def balancer(self, plan: Plan, service: Service) -> Plan:
        """The plan with its edits of the balancer's file, one after the other, each within the floors."""
        conf = await real_path(self.remote, service.balancer, service.conf)
        text = original = await read_text(self.remote, service.balancer, conf)
        now = began = await serving(self.remote, service, text, self.busy)
        lowest, steps, left_out, treated = len(now), list[Step](), set[str](), set[str]()
        for step in plan.steps:
            if step.kind is Kind.EDIT and step.edit and step.item:
                entry = next((e for e in nginx.entries(text, service.upstream) if e.address == step.edit.what[0]), None)
                if step.edit.change is Change.DRAIN and entry and not entry.serving:
                    left_out.add(step.edit.what[0])
            if step.item and _address(service, step.item) in left_out and _of_edit(plan, step):
                continue
            if step.kind is Kind.EDIT and step.edit:
                if step.edit.change is Change.UNDRAIN and step.item not in treated:
                    await self._must_answer(service, step.edit.what[0])
                after = _changed(text, service, step.edit)
                step = self._edited(step, replace(step.edit, path=conf), text, after)
                text = after
            left = without(service, now, step.effect, step.node)
            lowest = min(lowest, len(left))
            now = now if step.effect is Effect.BRIEF else left
            steps.append(step)
            treated |= {step.item} - {""}  # what the roll did to the node before is checked on the way
        hashes = (digest(original), digest(text)) if plan.edits else ("", "")
        diff = tuple(line for step in steps if step.edit and step.kind is Kind.EDIT for line in step.edit.diff)
        end = lowest if now == began else len(now)
        return replace(plan, steps=tuple(steps), seen=Seen(conf, *hashes, diff, len(began), end))

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
        self.contents[step.index] = content
        new = hashlib.sha256(content).hexdigest()
        diff = (f"+ {edit.path} ({len(content)} bytes, sha256 {new[:12]})",)
        return step.with_edit(replace(edit, sha256=old, new_sha256=new, diff=diff, size=len(content)))

    async def _must_answer(self, service: Service, address: str) -> None:
        """A node that answers nobody is not put back: its requests would fail."""
        node = next((node for node in service.nodes if node.address == address), Node("", address))
        if not await answering(self.remote, service.balancer, node):
            raise UserError("node_not_answering", node=address, host=node.host)


def _changed(text: str, service: Service, edit: Edit) -> str:
    change = nginx.drain if edit.change is Change.DRAIN else nginx.undrain
    return change(text, service.upstream, edit.what[0])


def _address(service: Service, host: str) -> str:
    return next((node.address for node in service.nodes if node.host == host), "")


def _of_edit(plan: Plan, step: Step) -> bool:
    """Whether a step belongs to a drain or undrain: those of a node that is out already are left out of a roll."""
    return any(other.kind is Kind.EDIT and other.section == step.section for other in plan.steps)


def _local(folder: Path | None, name: str) -> bytes:
    path = folder / name if folder else None
    if path is None or not path.is_file():
        raise UserError("file_missing", name=name)
    if path.stat().st_size > UPLOAD_LIMIT:
        raise UserError("file_too_big", name=name, limit=UPLOAD_LIMIT // 2**20)
    return path.read_bytes()
