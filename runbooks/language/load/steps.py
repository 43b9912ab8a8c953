"""Reads the looks and the steps of a definition."""

import re
from collections.abc import Iterable
from dataclasses import replace

from data.load.yaml_fields import Fields
from runbooks.language import placeholders, probes
from runbooks.language.load import step_words as read
from runbooks.language.sizes import size
from runbooks.language.steps import Each, Inner, Item, Look, Roll, Selector, StepDefinition
from runbooks.language.vocabulary import ArgumentType, Effect, Kind, Text

LONGEST = 4 * 3600  # seconds a step may take
_ACTS = ("run", "http", "port", "set", "upload", "download", "ask", "runbook", "roll")
_OF_COMMANDS = ("cwd", "stdin", "ok", "expect", "forbid", "may_fail", "retry", "undo", "each")
_WITHOUT_THEM = {"set", "upload", "download", "ask"}
_NGINX_KINDS = frozenset({Kind.EDIT, Kind.WORKERS})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_MODE = re.compile(r"0[0-7]{3}", re.ASCII)
_TITLES = {
    "drain": Text("备份并修改配置", "back up and edit the configuration"),
    "workers": Text("核对无新请求", "no new requests"),
    "http": Text("检查访问", "check that it answers"),
    "port": Text("检查端口", "check the port"),
    "set": Text("修改配置", "change the setting"),
    "upload": Text("上传文件", "upload the file"),
    "download": Text("取文件", "fetch the file"),
}


def load_title(fields: Fields, key: str = "title", default: Text | None = None) -> Text:
    """A text in both languages."""
    if default is not None and not fields.has(key):
        return default
    title = fields.child(key)
    text = Text(title.text("zh"), title.text("en"))
    title.done()
    return text


def load_looks(fields: Fields, names: read.Names) -> tuple[Look, ...]:
    """The reading commands before the question; each may use the facts of those before it."""
    found: list[Look] = []
    for child in fields.children("look"):
        look = _look(child, names.plus(facts_of(found)))
        found.append(look)
        child.done()
    return tuple(found)


def facts_of(looks: Iterable[Look]) -> frozenset[str]:
    """The facts that these looks find, by name."""
    return frozenset(look.name for look in looks if look.name) - read.LOOK_KEYS


def _look(fields: Fields, names: read.Names) -> Look:
    on = read.selector(fields, "on", names) if fields.has("on") else None
    become = fields.text("become", "")
    if fields.has("window"):
        fields.flag("window")
        return Look("window", on, (), (0,), "", "", "", "", None, Text("", ""), window=True)
    if fields.has("disk_free"):
        return _disk_free(fields, names, on, become)
    name, match = fields.text("name", ""), fields.text("match", "(?s).*")
    read.pattern(fields, "match", match)
    if name and not _NAME.fullmatch(name):
        fields.fault(f"name: {name}: write small letters, digits and _", "name")
    if name in names.known | read.LOOK_KEYS:
        fields.fault(f"name: {name} is taken already; choose another", "name")
    argv = fields.texts("run")
    if not argv:
        fields.fault("run: a look has a reading command; write run: [...]")
    for word in argv:
        placeholders.check(fields, "run", word, names.known)
    refuse = load_title(fields, "refuse", Text("检查没有通过", "the check did not pass"))
    for text in (refuse.zh, refuse.en):
        placeholders.check(fields, "refuse", text, names.known)
    bounds = [read.word(fields, key, names) for key in ("least", "most")]
    for key, bound in zip(("least", "most"), bounds, strict=True):
        if bound and "{" not in bound and not (bound.isascii() and bound.isdigit()):
            fields.fault(f"{key}: {bound} is neither a number nor a fact found before", key)
    days = fields.number("days_left") if fields.has("days_left") else None
    limit = float(fields.number("limit", 10, least=1, most=600))
    return Look(name, on, argv, read.codes(fields), become, match, bounds[0], bounds[1], days, refuse, limit)


def _disk_free(fields: Fields, names: read.Names, on: Selector | None, become: str) -> Look:
    text, path = fields.text("disk_free"), fields.text("path")
    placeholders.check(fields, "path", path, names.known)
    least = size(text)
    if least is None:
        fields.fault(f"disk_free: {text} is no size; write 10G", "disk_free")
    refuse = load_title(fields, "refuse", Text(f"磁盘剩余不足 {text}", f"less than {text} of disk is free"))
    argv = ("df", "-B1", "--output=avail", path)
    return Look("disk_free", on, argv, (0,), become, r"(?s).*?([0-9]+)", str(least or 0), "", None, refuse)


def load_items(fields: Fields, names: read.Names, *, rolled: bool = False) -> tuple[Item, ...]:
    """The steps, in order."""
    return tuple(_item(child, names, rolled=rolled) for child in fields.children("steps"))


def _item(fields: Fields, names: read.Names, *, rolled: bool) -> Item:
    acts = [act for act in _ACTS if fields.has(act)]
    if len(acts) > 1:
        fields.fault(f"{' and '.join(acts)}: one step does one thing; make two of it", acts[1])
    act = acts[0] if acts else ""
    item: Item
    if act == "roll":
        item = _roll(fields, names, rolled=rolled)
    elif act == "runbook":
        item = _inner(fields, names)
    else:
        item = _step(fields, act, names)
        if item.on and item.on.here and not rolled:
            fields.fault("on: here is the host of a roll; this step stands outside of one", "on")
    fields.done()
    return item


def _roll(fields: Fields, names: read.Names, *, rolled: bool) -> Roll:
    if rolled:
        fields.fault("roll: a roll within a roll; make a runbook of the inner one", "roll")
    batch = fields.text("batch", "1")
    placeholders.check(fields, "batch", batch, frozenset(a.name for a in names.arguments if a.type is ArgumentType.INT))
    if "{" not in batch and not (batch.isascii() and batch.isdigit() and int(batch)):
        fields.fault(f"batch: {batch} is no number; write batch: 1", "batch")
    over = read.selector(fields, "roll", names)
    items = load_items(fields, names, rolled=True)
    if not items:
        fields.fault("steps: the roll has none; write at least one step")
    return Roll(over, batch, items)


def _inner(fields: Fields, names: read.Names) -> Inner:
    given = fields.texts("with")
    for word in given:
        placeholders.check(fields, "with", word, names.known - names.facts)
    chosen = replace(names, facts=frozenset())  # its steps are written out before any look
    return Inner(fields.text("runbook"), given, read.when(fields, chosen), fields.at("runbook"))


def _step(fields: Fields, act: str, names: read.Names) -> StepDefinition:
    each = _each(fields, names)
    names = names.plus(placeholders.host_names(each.name)) if each else names
    kind = fields.choice("kind", Kind, Kind.RUN) if act in {"", "run"} else Kind.RUN
    if act == "run" and kind in _NGINX_KINDS:
        fields.fault(f"run: a step of kind {kind} has no command of its own")
    if act == "" and kind not in _NGINX_KINDS:
        fields.fault(f"run: a step of kind {kind} has a command; write run: [...]")
    if kind in _NGINX_KINDS and names.effect not in {Effect.OUT, Effect.IN}:
        fields.fault(f"kind: {kind} takes a node out or in; write effect: out or effect: in", "kind")
    default = _TITLES.get("drain" if kind is Kind.EDIT else kind.value if kind is Kind.WORKERS else act)
    question = load_title(fields, "ask") if act == "ask" else None
    step = StepDefinition(
        kind=kind,
        title=question or load_title(fields, default=default),
        argv=read.argv(fields, "run", names),
        limit=float(fields.number("limit", 3600 if act == "ask" else 30, least=1, most=LONGEST)),
        may_fail=fields.flag("may_fail"),
        on=read.selector(fields, "on", names) if fields.has("on") else None,
        become=fields.text("become", ""),
        cwd=read.word(fields, "cwd", names),
        stdin=read.word(fields, "stdin", names, secrets=True),
        ok=read.codes(fields),
        expect=read.pattern(fields, "expect", fields.text("expect", "")),
        forbid=read.pattern(fields, "forbid", fields.text("forbid", "")),
        show=read.pattern(fields, "show", fields.text("show", "")),
        undo=read.argv(fields, "undo", names),
        ends=read.ends(fields, names),
        each=each,
        at_once=fields.number("at_once", 1, least=1, most=100),
        when=read.when(fields, names),
    )
    for text in (step.title.zh, step.title.en):
        placeholders.check(fields, act if act == "ask" else "title", text, names.known)
    for key in _OF_COMMANDS if act in _WITHOUT_THEM or kind in _NGINX_KINDS else ():
        if fields.has(key):
            fields.fault(f"{key}: a step of {act or kind} has no use for it; leave it out", key)
    step = _retried(fields, step)
    return _acted(fields, act, step, names)


def _acted(fields: Fields, act: str, step: StepDefinition, names: read.Names) -> StepDefinition:
    """The step with what its own key says."""
    match act:
        case "http":
            url, want = read.word(fields, "http", names), fields.text("want", "up")
            if want not in {"up", "down"} and not re.fullmatch("[1-5][0-9]{2}", want, re.ASCII):
                fields.fault(f"want: {want}: write up, down or a status such as 200", "want")
            return probes.http(step, url, want, _wait(fields))
        case "port":
            address, want = read.word(fields, "port", names), fields.text("want", "open")
            if ":" not in address:
                fields.fault(f'port: {address}: write an address and a port, as in "{{to.address}}:{{port}}"', "port")
            if want not in {"open", "closed"}:
                fields.fault(f"want: {want}: write open or closed", "want")
            return probes.port(step, address, want == "open", _wait(fields))
        case "set":
            child = fields.child("set")
            given = {key: read.word(child, key, names, needed=True) for key in ("file", "key", "value")}
            child.done()
            return replace(step, kind=Kind.SET, words=given)
        case "upload":
            mode = fields.text("mode", "0644")
            if not _MODE.fullmatch(mode):
                fields.fault(f'mode: {mode}: write four digits in quotes, as in "0644"', "mode")
            given = {"source": read.word(fields, "upload", names), "to": read.word(fields, "to", names, needed=True)}
            return replace(step, kind=Kind.UPLOAD, words=given | {"mode": mode})
        case "download":
            given = {
                "path": read.word(fields, "download", names),
                "name": read.word(fields, "name", names, needed=True),
            }
            return replace(step, kind=Kind.DOWNLOAD, words=given)
        case "ask":
            return replace(step, kind=Kind.ASK)
    wait = _wait(fields)
    return replace(step, kind=Kind.WAIT, limit=wait) if wait and step.kind is Kind.RUN else step


def _retried(fields: Fields, step: StepDefinition) -> StepDefinition:
    """A step is sent again only where its author says that twice is the same as once."""
    idempotent = fields.flag("idempotent")
    if not fields.has("retry"):
        return step
    child = fields.child("retry")
    tries, pause = 1 + child.number("times", 1, least=1, most=5), float(child.number("pause", 5, most=300))
    child.done()
    if not idempotent:
        fields.fault("retry: only what may run twice is sent again; write idempotent: true if it may", "retry")
    return replace(step, tries=tries, pause=pause)


def _wait(fields: Fields) -> float:
    return float(fields.number("wait", least=1, most=LONGEST)) if fields.has("wait") else 0.0


def _each(fields: Fields, names: read.Names) -> Each | None:
    if not fields.has("each"):
        return None
    child = fields.child("each")
    each = Each(child.text("name"), read.selector(child, "of", names))
    if not _NAME.fullmatch(each.name) or each.name in names.known:
        child.fault(f"name: {each.name} is taken or no name; choose another", "name")
    child.done()
    return each
