"""Which runbooks are there? Reads the catalogue's YAML files; every fault of all of them in one report."""

from collections.abc import Mapping
from pathlib import Path
from string import Formatter

from bot.core.errors import ConfigError
from bot.core.people import Role
from data.faults import Faults, nearest
from data.yamlmap import Fields, read
from runbooks.definition import (
    Argument,
    ArgumentType,
    Catalogue,
    Confirm,
    Definition,
    Effect,
    Kind,
    Report,
    StepDefinition,
    Text,
    Where,
)

SHIPPED = Path(__file__).parent / "catalog"
SITE_NAMES = frozenset({"app_home", "app_port", "node_address", "nginx", "conf"})  # what the site fills in
_NGINX_KINDS = frozenset({Kind.EDIT, Kind.WORKERS})


def load_catalogue(*more: Path) -> Catalogue:
    """The shipped definitions and those of a site's own folders. Raises ``ConfigError`` with every fault."""
    faults = Faults()
    found: dict[str, Definition] = {}
    taken: dict[str, str] = {}
    for path in [p for folder in (SHIPPED, *more) for p in sorted(folder.glob("*.yaml"))]:
        fields = read(path, faults)
        definition = _definition(fields)
        for word, key in ((definition.verb, "verb"), (definition.alias, "alias")):
            if word in taken:
                fields.fault(f"{key}: {word} is taken by {taken[word]}; choose another word", key)
            elif word:
                taken[word] = path.name
        found.setdefault(definition.verb, definition)
    if faults.found:
        raise ConfigError(faults.lines())
    return Catalogue(found)


def _definition(fields: Fields) -> Definition:
    arguments = tuple(_argument(child) for child in fields.children("arguments"))
    roles = fields.choices("roles", Role)
    effect = fields.choice("effect", Effect, Effect.NONE)
    known = SITE_NAMES | {argument.name for argument in arguments}
    definition = Definition(
        verb=fields.text("verb"),
        alias=fields.text("alias"),
        title=_title(fields),
        source=fields.text("source"),
        roles=roles,
        confirm=fields.choice("confirm", Confirm, Confirm.SECOND),
        confirmers=fields.choices("confirmers", Role) or roles,
        group=fields.text("group", ""),
        where=fields.choice("where", Where),
        effect=effect,
        report=fields.choice("report", Report, Report.TEXT),
        undo=fields.text("undo", ""),
        arguments=arguments,
        steps=tuple(_step(child, known, effect) for child in fields.children("steps")),
    )
    _placeholders(fields, "undo", definition.undo, known)
    _sound(fields, definition)
    fields.done()
    return definition


def _sound(fields: Fields, definition: Definition) -> None:
    """What no single field shows."""
    if not definition.roles:
        fields.fault("roles: nobody may run it; write roles: [engineer]")
    if not definition.steps:
        fields.fault("steps: there are none; write at least one step")
    if definition.confirm is Confirm.NONE and definition.effect is not Effect.NONE:
        fields.fault(f"confirm: none is for what only reads, effect is {definition.effect}; write second", "confirm")
    targets = [a for a in definition.arguments if a.type in {ArgumentType.HOST, ArgumentType.NODE}]
    if len(targets) > 1:
        fields.fault("arguments: a run has one target; keep one argument of type host or node", "arguments")
    if definition.where is Where.HOST and not targets:
        fields.fault("where: host needs an argument of type host; add one or write where: balancer", "where")
    if definition.where is Where.BALANCER and not definition.group and not targets:
        fields.fault("group: whose load balancer is meant? write group: oa", "where")
    optional = False
    for argument in definition.arguments:
        if optional and argument.default is None:
            fields.fault(f"arguments: {argument.name} stands after one with a default; give it one too", "arguments")
        optional = optional or argument.default is not None


def _argument(fields: Fields) -> Argument:
    kind = fields.choice("type", ArgumentType)
    choices = fields.child("choices").scalars() if fields.has("choices") else {}
    least, most = (
        (fields.number("least"), fields.number("most")) if kind is ArgumentType.INT and fields.has("most") else (0, 0)
    )
    argument = Argument(
        fields.text("name"), kind, fields.text("example", ""), fields.maybe("default"), choices, least, most
    )
    if kind is ArgumentType.CHOICE and not choices:
        fields.fault("choices: there are none; write choices: {word: value}")
    if kind is ArgumentType.INT and not most:
        fields.fault("most is missing; a number needs its limits, write least: 1 and most: 500")
    if argument.default is not None and choices and argument.default not in choices:
        fields.fault(f"default: {argument.default} is no choice; {nearest(argument.default, choices)}", "default")
    for value in choices.values():
        _placeholders(fields, "choices", value, SITE_NAMES)
    fields.done()
    return argument


def _step(fields: Fields, known: frozenset[str], effect: Effect) -> StepDefinition:
    kind = fields.choice("kind", Kind, Kind.RUN)
    argv = fields.texts("run")
    if bool(argv) == (kind in _NGINX_KINDS):
        fields.fault(
            f"run: a step of kind {kind} has {'no command of its own' if argv else 'a command; write run: [...]'}"
        )
    if kind in _NGINX_KINDS and effect not in {Effect.OUT, Effect.IN}:
        fields.fault(f"kind: {kind} takes a node out or in; write effect: out or effect: in", "kind")
    for word in argv:
        _placeholders(fields, "run", word, known)
    limit = fields.number("limit", 30, least=1, most=3600)
    step = StepDefinition(kind, _title(fields), argv, float(limit), fields.flag("may_fail"))
    fields.done()
    return step


def _title(fields: Fields) -> Text:
    title = fields.child("title")
    text = Text(title.text("zh"), title.text("en"))
    title.done()
    return text


def _placeholders(fields: Fields, key: str, word: str, known: frozenset[str]) -> None:
    try:
        parts = list(Formatter().parse(word))
    except ValueError as error:
        fields.fault(f"{key}: {word}: {error}; write a brace that is meant as {{{{ or }}}}", key)
        return
    for _, name, spec, conversion in parts:
        if name is not None and (name not in known or spec or conversion):
            fields.fault(f"{key}: {word}: no argument is called {{{name}}}; {nearest(name, known)}", key)


def fill(word: str, values: Mapping[str, str]) -> str:
    """``word`` with its placeholders replaced; they were checked at loading."""
    return word.format_map(values)
