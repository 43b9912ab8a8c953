"""What one step of a definition becomes on one host."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from data.model import ANY_ANSWER, Health, Host
from runbooks.language import placeholders
from runbooks.language.arguments import Given
from runbooks.language.definition import Definition
from runbooks.language.probes import in_folder
from runbooks.language.selectors import Place, balancer_of, host_values, selected, subject_values
from runbooks.language.steps import Each, Precheck, Selector, StepDefinition
from runbooks.language.vocabulary import Effect, Kind, Text
from runbooks.planning.plan import Change, Edit, PlannedPrecheck, Step, edit_commands, target_of
from runbooks.planning.target import Target

TIMES = {"today": "%Y%m%d", "month": "%Y%m", "stamp": "%Y%m%d-%H%M"}
_HEALTH = "{health_path}"


@dataclass(frozen=True, slots=True)
class Scene:
    """One definition with its arguments, being written out; ``item``: the roll's host that it is written out for.

    ``asked_at``: when, on the site's clock; a run that goes on keeps that of its beginning, so that names stay what they were.
    """

    definition: Definition
    given: Given
    place: Place
    asked_at: datetime | None
    item: str = ""

    def at(self, host: Host) -> "Scene":
        """The same for one host of a roll."""
        return replace(self, place=replace(self.place, here=host), item=host.id)

    def hosts(self, step: StepDefinition) -> tuple[Host, ...]:
        """The hosts a step runs on; nginx is where the balancer is."""
        if step.kind.of_nginx:
            return (balancer_of(self.place),)
        return selected(self.place, step.on)

    def values(self, host: Host, on: bool = False) -> dict[str, str]:
        """Every placeholder, for a step on ``host`` (``on``: it says so itself, so it is about that host)."""
        place, given = self.place, self.given
        subject = host if on else place.here or given.target or host
        found = subject_values(self.definition, place.site, subject, place.group)
        for name, chosen in given.hosts.items():
            found |= host_values(name, chosen)
        found |= given.values | host_values("here", host)
        for name, form in TIMES.items():
            found[name] = self.asked_at.strftime(form) if self.asked_at else placeholders.marked(name)
        found |= {look.name: placeholders.marked(look.name) for look in self.definition.prechecks if look.name}
        # the right side of a choice may hold placeholders of its own
        return found | {name: placeholders.fill(found[name], found) for name in given.chosen if name in found}

    def wanted(self, when: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether the choices that were typed are among those a step is for."""
        return all(self.given.chosen[name] in allowed for name, allowed in when.items() if name in self.given.chosen)

    def precheck(self, look: Precheck, host: Host) -> PlannedPrecheck:
        values = self.values(host, on=_about(look.on))
        dated = look.days_left is not None
        return PlannedPrecheck(
            name=look.name,
            target=_target(host, look.become),
            argv=tuple(placeholders.fill(word, values) for word in look.argv),
            ok=look.ok,
            match=look.match,
            least=str(look.days_left) if dated else placeholders.fill(look.least, values),
            most=placeholders.fill(look.most, values),
            dated=dated,
            refuse=fill_text(look.refuse, values),
            limit=look.limit,
        )


def compose_step(step: StepDefinition, scene: Scene, host: Host, section: int) -> Step:
    """The step on ``host``; facts that a look has yet to find stay marked."""
    values = scene.values(host, on=_about(step.on))
    facts = tuple((name, allowed) for name, allowed in step.when.items() if name not in scene.given.chosen)
    edit = _edit(step, scene, values)
    subject = scene.given.target or scene.place.here
    return Step(
        kind=step.kind,
        title=fill_text(step.title, values),
        target=_target(host, step.become),
        commands=edit_commands(replace(edit, sha256="HASH")) if edit else _commands(step, scene, values),
        limit=step.limit,
        may_fail=step.may_fail,
        ok=step.ok,
        expect=step.expect,
        forbid=step.forbid,
        show=step.show,
        tries=step.tries,
        pause=step.pause,
        stdin=placeholders.fill(step.stdin, values),
        undo=tuple(placeholders.fill(word, values) for word in step.undo),
        ends=step.ends,
        same=step.same,
        edit=edit,
        download=placeholders.fill(step.words["name"], values) if step.kind is Kind.DOWNLOAD else "",
        item=scene.item,
        section=section,
        node=(subject and subject.upstream) or "" if step.kind is Kind.DRAINED else "",
        when=facts,
        at_once=step.at_once,
        health=_health(step, scene, host),
    )


def _health(step: StepDefinition, scene: Scene, host: Host) -> Health:
    """The site's own health check where a step asks for its page; any other page is up when it gives no error of its own."""
    asks = any(_HEALTH in word for word in step.argv)
    subject = host if _about(step.on) else scene.place.here or scene.given.target or host
    return scene.place.site.host_groups[subject.group].health if asks else ANY_ANSWER


def fill_text(text: Text, values: Mapping[str, str]) -> Text:
    return Text(placeholders.fill(text.zh, values), placeholders.fill(text.en, values))


def _about(on: Selector | None) -> bool:
    """Whether a step names its hosts itself, so that the site's words are theirs."""
    return on is not None and bool(on.group or on.argument)


def _target(host: Host, become: str) -> Target:
    target = target_of(host)
    return replace(target, become=become) if become else target


def _commands(step: StepDefinition, scene: Scene, values: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    if step.kind is Kind.DOWNLOAD:
        return (("cat", placeholders.fill(step.words["path"], values)),)
    if not step.argv:
        return ()
    filled = []
    for more in _each(step.each, scene):
        here = {**values, **more}
        argv = tuple(placeholders.fill(word, here) for word in step.argv)
        filled.append(in_folder(placeholders.fill(step.cwd, here), argv))
    return tuple(filled)


def _each(each: Each | None, scene: Scene) -> list[dict[str, str]]:
    if each is None:
        return [{}]
    many = scene.given.many.get(each.of.argument)
    if many is not None:
        return [{each.name: value} for value in many]
    return [host_values(each.name, host) for host in selected(scene.place, each.of)]


def _edit(step: StepDefinition, scene: Scene, values: Mapping[str, str]) -> Edit | None:
    given = {name: placeholders.fill(word, values) for name, word in step.words.items()}
    match step.kind:
        case Kind.EDIT:
            subject = scene.given.target or scene.place.here
            change = Change.DRAIN if scene.definition.effect is Effect.OUT else Change.UNDRAIN
            return Edit(change, values["conf"], ((subject and subject.upstream) or "",), (values["nginx"], "-t"))
        case Kind.SET:
            return Edit(Change.SET, given["file"], (given["key"], given["value"]))
        case Kind.UPLOAD:
            return Edit(Change.UPLOAD, given["to"], (given["source"], given["mode"]))
        case _:
            return None
