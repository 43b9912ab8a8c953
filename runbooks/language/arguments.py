"""Checks that each typed word is what the runbook takes, and finds the host, node, choice or number that it names."""

from dataclasses import dataclass, field, replace
from datetime import date

from bot.core import commands
from bot.core.errors import UserError
from bot.core.people import Role
from data.model import Host
from data.site import Site
from runbooks.language import argument_types
from runbooks.language.definition import Argument, Definition
from runbooks.language.vocabulary import ArgumentType, Confirm

DRY_RUN = "--dry-run"


@dataclass(frozen=True, slots=True)
class Given:
    """The checked arguments.

    ``typed`` as echoed; ``values`` as the commands get them, ``many`` those with several; ``hosts`` and ``selections`` the
    servers by argument; ``chosen`` the choices as typed; ``target`` the first server and ``what`` how it was called;
    ``group`` the host group that was named. ``roles``, ``confirm`` and ``confirmers``: as strict as these words ask for.
    """

    roles: tuple[Role, ...]
    confirm: Confirm
    confirmers: tuple[Role, ...]
    dry_run: bool
    typed: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    many: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    selections: dict[str, tuple[Host, ...]] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    target: Host | None = None
    group: str = ""
    what: str = ""


def read_arguments(definition: Definition, words: tuple[str, ...], site: Site, today: date | None = None) -> Given:
    """The words of a command, checked; ``--dry-run`` is the one option there is.

    Raises ``UserError`` ``bad_argument``, ``non_ascii_argument``, ``too_many_arguments``, ``missing_argument``,
    ``unknown_target``, ``address_of_several``, ``same_host``, ``bad_ip``, ``bad_choice``, ``bad_number``, ``bad_day``,
    ``bad_size``, ``bad_path``, ``bad_file``.
    """
    plain = tuple(word for word in words if word != DRY_RUN)
    roots = [a.root for a in definition.arguments if a.root]
    example = " ".join((f"/{definition.name}", *sample_words(definition, site)))
    commands.strict(tuple(_below(word, roots) for word in plain), example)
    if len(plain) > len(definition.arguments):
        raise UserError("too_many_arguments", verb=definition.verb, count=len(definition.arguments), example=example)
    given = Given(definition.roles, definition.confirm, definition.confirmers, DRY_RUN in words)
    for place, argument in enumerate(definition.arguments):
        typed = place < len(plain)
        word = plain[place] if typed else argument.default
        if word is None:
            raise UserError(
                "missing_argument",
                verb=definition.verb,
                argument=argument.name,
                options=(),
                given=bool(plain),
                example=example,
                changes=definition.confirm is not Confirm.NONE,
            )
        given = _narrowed(_read(given, definition, argument, word, site, today), argument, typed=typed)
    return given


def _below(word: str, roots: list[str]) -> str:
    """A path that was typed whole, without the root it must lie below: the rest is checked like any word."""
    return next((word.removeprefix(f"{root}/") for root in roots if word.startswith(f"{root}/")), word)


def _read(given: Given, definition: Definition, argument: Argument, word: str, site: Site, today: date | None) -> Given:
    """``given`` with one more word."""
    name = argument.name
    match argument.type:
        case ArgumentType.HOST:
            host = argument_types.host(definition, argument, word, site)
            host = argument_types.another(definition, argument, host, given.hosts, site)
            return _with_host(given, name, host, host.id)
        case ArgumentType.NODE:
            host = argument_types.node(definition, argument, word, site)
            return _with_host(given, name, host, argument_types.echo_of_node(definition, argument, host, site))
        case ArgumentType.GROUP:
            group = argument_types.group(definition, argument, word, site)
            hosts = site.group_hosts(group)
            selections = {**given.selections, name: hosts}
            more = replace(given, group=given.group or group, what=given.what or group, selections=selections)
            return _with(more, name, group, group)
        case ArgumentType.CHOICE:
            chosen = argument_types.choice(argument, word)
            more = replace(given, chosen={**given.chosen, name: chosen})
            return _with(more, name, argument.choices[chosen], chosen)
        case _:
            pass
    found = tuple(argument_types.single(argument, one, today) for one in argument_types.split(argument, word))
    echoed = ",".join(echo for echo, _ in found)
    if argument.many:
        return replace(
            given, typed=(*given.typed, echoed), many={**given.many, name: tuple(value for _, value in found)}
        )
    return _with(given, name, found[0][1], echoed)


def _with(given: Given, name: str, value: str, echoed: str) -> Given:
    return replace(given, typed=(*given.typed, echoed), values={**given.values, name: value})


def _with_host(given: Given, name: str, host: Host, echoed: str) -> Given:
    return replace(
        _with(given, name, echoed, echoed),
        hosts={**given.hosts, name: host},
        selections={**given.selections, name: (host,)},
        target=given.target or host,
        what=given.what or echoed,
    )


def narrowed(before: tuple[Role, ...], wanted: tuple[Role, ...]) -> tuple[Role, ...]:
    """Who may say yes where both are asked for: those of both, or the later ones where nobody is."""
    return tuple(role for role in before if role in wanted) or wanted or before


def _narrowed(given: Given, argument: Argument, *, typed: bool) -> Given:
    """``given`` as strict as its newest word asks for; of several values in it, each."""
    echoed = given.typed[-1]
    if typed and argument.roles and echoed != argument.default:
        given = replace(given, roles=tuple(role for role in given.roles if role in argument.roles))
    host = given.hosts.get(argument.name)
    named = {*(echoed.split(",") if argument.many else [echoed]), *([host.id, argument_types.ip(host)] if host else [])}
    for stricter in (argument.values[value] for value in sorted(named & argument.values.keys())):
        given = replace(
            given,
            roles=tuple(role for role in given.roles if role in (stricter.roles or given.roles)),
            confirm=given.confirm.stricter(stricter.confirm),
            confirmers=narrowed(given.confirmers, stricter.confirmers),
        )
    return given


def sample_words(definition: Definition, site: Site, *, needed: bool = False) -> tuple[str, ...]:
    """Words that would be right behind the runbook's own, in hosts and groups of the site; ``needed``: without those left out."""
    words: list[str] = []
    for argument in definition.arguments:
        if argument.default is None or not needed:
            words.append(argument_types.sample(definition, argument, site, tuple(words)))
    return tuple(words)
