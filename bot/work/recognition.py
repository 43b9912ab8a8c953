"""Whether a line is a command, and which: by its sign and its exact verb; whatever else people write is what they say.

Nothing here weakens a command: a line that is taken for talk changes no server, and free text is never a yes
(decisions: Hearing, Chats).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.core import commands
from bot.core.commands import CommandLine
from bot.core.errors import UserError
from bot.core.menu import MenuItem, nearest
from bot.core.people import Person
from bot.work.routes import Args, CommandRoute, RouteTable

_CHINESE = re.compile(r"[\u3400-\u9fff]")
# Of them an English sentence has one at least, and no argument is one: "help the portal is down", but "logs oa3 error".
_JOINTS = (
    "the a an is are am was it its it's i i'm we my our us me you your they this that not don't doesn't can't won't isn't no "
    "nobody anyone everyone someone please again still since when why how has have does do did to for of and but with from"
)
_SENTENCE = frozenset(_JOINTS.split())
# A run or a ticket: what follows is about that one.
_NUMBERED = re.compile(r"R[0-9]+|GD-[0-9-]+", re.ASCII | re.IGNORECASE)
_TOUCHED = re.compile(r"(?P<verb>.+?)-?(?P<number>R[0-9]+|GD-[0-9-]+)", re.ASCII | re.IGNORECASE)
_GLUED = re.compile(
    r"(?P<verb>[\u3400-\u9fff]+)(?P<words>[\x21-\x7e]{1,60})|(?P<ascii>[a-z-]+)(?P<twin>[\u3400-\u9fff]+)", re.ASCII
)
_COMMAND_WORDS = 2  # behind a verb; more, of one who may not give the command, may be a sentence in letters
HELP = frozenset(
    {"--help", "-h", "help", "?", "/?", "帮助", "用法"}
)  # behind a verb: what it is for, not a wish to run it


@dataclass(frozen=True, slots=True)
class Recognised:
    """A command; ``rest`` are the words behind its verb, as typed."""

    route: CommandRoute
    rest: str


@dataclass(frozen=True, slots=True)
class Talk:
    """What a person says. ``otherwise``: what he is told where nobody takes it so; ``said``: without a slash that is none of it."""

    otherwise: UserError | None = None
    said: str | None = None


TALK = Talk()


def recognise(
    text: str,
    table: RouteTable,
    person: Person | None,
    speaks: Callable[[], bool],
    menu: Callable[[], Iterable[MenuItem]] | None = None,
) -> Recognised | Talk:
    """What a line is. ``speaks``: whether its words say something by themselves (a trouble, who is on duty).

    ``menu``: what is offered to somebody who mistyped; without it the whole table.

    Raises ``UserError`` for a command that cannot be one: ``unknown_command``, ``non_ascii_command``, ``consent_only``,
    ``quoted_command``, and what :func:`commands.refuse_hidden` raises.
    """
    inside = commands.unquoted(text)
    quoted = commands.parse(inside) if inside else None
    if inside and quoted is not None and quoted.verb in table.verbs:
        return _quoted(recognise(inside, table, person, speaks, menu))
    line = commands.parse(text)
    if line is None:
        return TALK
    if line.verb not in table.verbs and (shorter := commands.until_sign(line)).verb in table.verbs:
        line = shorter
    known = table.verbs.get("help" if _asks_for_help(line) else line.verb)
    if known is None:
        return _unknown(line, table, person, speaks, menu or table.commands.values) if line.slash else TALK
    route = table.commands[known]
    if route.args is Args.REPORT:
        return Recognised(route, line.rest)
    if _is_said(line, route, person, speaks):
        return TALK
    commands.refuse_hidden(line)
    if route.consent and line.others and not line.slash:  # "@值班 @温若川 确认 R17" may ask him to
        raise UserError("consent_only", verb=route.verb, run=next(iter(commands.words(line.rest)), "R17"))
    return Recognised(route, line.rest)


def _asks_for_help(line: CommandLine) -> bool:
    """Whether what asks behind a verb what it is for stands alone; a question mark does with the sign of a command only."""
    return not line.rest and line.verb in HELP and (line.slash or line.verb != "?")


def _quoted(found: Recognised | Talk) -> Recognised | Talk:
    """A command between quotes or marks of code may be shown to somebody: it is not carried out, a report alone is one."""
    if isinstance(found, Talk) or found.route.args is Args.REPORT:
        return found
    raise UserError("quoted_command", line=f"/{found.route.verb} {commands.plain(found.rest)}".rstrip())


def _is_said(line: CommandLine, route: CommandRoute, person: Person | None, speaks: Callable[[], bool]) -> bool:
    """Whether a line that begins with a known verb is what somebody says: ``@值班 状态 不对``, ``/nginx 502 了`` of a reporter,
    ``@bot help the portal is down``.

    Whoever may give a command that reaches servers, and gives it with its sign, is told what is wrong with it instead.
    """
    given = [word for word in commands.words(line.rest) if word not in HELP]
    if not given or _NUMBERED.fullmatch(given[0]):
        return False
    may = route.open_to(person)
    if line.slash and may and (line.verb == route.verb or route.args is Args.STRICT):
        return False
    chinese = any(_CHINESE.search(word) and word not in route.twins for word in given)
    if not line.slash and not may and route.args is Args.STRICT and chinese:
        return True
    long = not may and len(given) > _COMMAND_WORDS
    return (chinese or long or (not line.slash and _is_sentence(given))) and speaks()


def _is_sentence(given: list[str]) -> bool:
    return any(word.lower().strip(",.!?").replace("’", "'") in _SENTENCE for word in given)


def _unknown(
    line: CommandLine,
    table: RouteTable,
    person: Person | None,
    speaks: Callable[[], bool],
    menu: Callable[[], Iterable[MenuItem]],
) -> Talk:
    """A line with the sign of a command and a word that is none."""
    if (unglued := _unglued(line, table, person)) is not None:
        commands.refuse_hidden(line)
        raise UserError("unknown_command", verb=line.verb, nearest=unglued)
    if not commands.is_formed(line) or speaks():
        return TALK
    commands.refuse_hidden(line)
    try:
        commands.check_verb(line.verb, frozenset(table.verbs))
    except UserError as error:
        if error.code != "unknown_command":
            raise
        error.facts["nearest"] = _parted(line, table) or nearest(line.verb, menu(), person)
        if _CHINESE.search(line.verb) and not commands.words(line.rest):
            return Talk(otherwise=error, said=line.body)
        if error.facts["nearest"] is None and _CHINESE.search(line.rest):
            return Talk(otherwise=error)
        raise
    return TALK


def _parted(line: CommandLine, table: RouteTable) -> str | None:
    """``/confirmR17`` with the blank that it lacks."""
    touched = _TOUCHED.fullmatch(line.verb)
    if touched is None or touched["verb"] not in table.verbs:
        return None
    return f"{touched['verb']} {touched['number'].upper()}"


def _unglued(line: CommandLine, table: RouteTable, person: Person | None) -> str | None:
    """``/重启oa3`` or ``/db重启`` with the blank that it lacks, of a command that this person may give and that names no number."""
    glued = _GLUED.fullmatch(line.verb)
    if glued is None or _TOUCHED.fullmatch(line.verb):
        return None
    verb, word = glued["verb"] or glued["ascii"], glued["words"] or glued["twin"]
    route = table.commands.get(table.verbs.get(verb, ""))
    if route is None or not route.open_to(person) or (glued["twin"] and word not in route.twins):
        return None
    return f"{verb} {word} {commands.plain(line.rest)}".rstrip()


def asks_how(route: CommandRoute, args: tuple[str, ...]) -> bool:
    """Whether a command asks what it is for (``/restart --help``); words that are somebody's text do not."""
    if route.args is Args.TEXT:
        return args == ("--help",)
    if route.args is Args.REPORT:
        return len(args) == 1 and args[0].lower() in HELP
    return "--help" in args or (len(args) == 1 and args[0].lower() in HELP)
