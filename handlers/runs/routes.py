"""The words and buttons that ask for, confirm, end and list runs; one command for each verb of the catalogue."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from bot.core.events import Command
from bot.core.menu import Form, Here, Title
from bot.core.people import Role
from bot.work.arguments import takes, word
from bot.work.routes import Args, Routes
from bot.work.work import Work
from data.site import Site
from handlers.runs import backups, confirming, draining, ending, showing, worded
from handlers.runs.naming import RUN
from handlers.runs.requesting import request
from runbooks.language.argument_types import extra
from runbooks.language.arguments import DRY_RUN
from runbooks.language.definition import Catalogue, Definition
from runbooks.language.vocabulary import ArgumentType, Confirm
from runbooks.planning.offers import Offers

_DRY = {"只看方案": DRY_RUN, "演练": DRY_RUN}


def table(catalogue: Catalogue, offers: Offers) -> Routes:
    """The routes of this capability, with one command for each verb; ``offers``: which of them can be given where."""
    on = Routes("runs")
    for definitions in catalogue.verbs().values():
        _add(on, catalogue, definitions, offers)
    known = tuple(catalogue.definitions.values())
    changing = [definition for definition in known if definition.confirm is not Confirm.NONE]
    confirmers = _roles(definition.confirmers for definition in changing)
    runners = _roles(definition.roles for definition in changing)
    both = _roles((runners, confirmers))
    on.command("confirm", "确认", args=Args.WORDS, roles=confirmers, usage="R17", consent=True)(confirming.confirm)
    no = ("拒绝", "reject")  # what the button beside it is called
    on.command("cancel", "取消", args=Args.WORDS, roles=both, usage="R17", also=no)(ending.cancel)
    on.command("resume", "继续", args=Args.WORDS, roles=both, usage="R17")(
        takes(RUN, word())(partial(ending.resume, catalogue))
    )
    on.command("undo", "撤销", args=Args.WORDS, roles=both, usage="R17")(takes(RUN)(partial(ending.undo, catalogue)))
    if any(definition.breakglass for definition in changing):
        glass = on.command("break-glass", "紧急执行", args=Args.WORDS, roles=runners, usage="R17 …", consent=True)
        glass(confirming.break_glass)
    on.command("runs", "操作", args=Args.STRICT, roles=_roles(definition.roles for definition in known))(showing.listed)
    on.message(exact=True)(worded.worded)
    on.tap("confirm")(confirming.confirm_tap)
    on.tap("reject")(confirming.reject)
    on.tap("continue")(confirming.go_on_tap)
    everybody = _roles((*definition.roles, *definition.confirmers) for definition in known)
    on.command("commands", "看命令", args=Args.WORDS, roles=everybody, usage="R17")(showing.commands)
    on.command("output", "看输出", args=Args.WORDS, roles=everybody, usage="R17")(showing.output)
    on.tap("commands")(showing.commands_tap)
    on.tap("output")(showing.output_tap)
    on.tap("cancel")(ending.cancel_tap)
    on.tap("wait")(draining.wait_tap)
    on.tap("resume")(partial(ending.resume_tap, catalogue))
    on.tap("undo")(partial(ending.undo_tap, catalogue))
    on.due("runs.expire")(confirming.expire)
    on.tick("runs.backups", backups.AT, until=backups.UNTIL)(partial(backups.remind, offers))
    return on


def _roles(of: Iterable[tuple[Role, ...]]) -> tuple[Role, ...]:
    """Everybody whom at least one of the runbooks names."""
    named = {role for roles in of for role in roles}
    return tuple(role for role in Role if role in named)


def _add(on: Routes, catalogue: Catalogue, definitions: tuple[Definition, ...], offers: Offers) -> None:
    verb, alias = definitions[0].verb, definitions[0].alias
    twins = _DRY | {twin: word for definition in definitions for twin, word in definition.twins.items()}
    words = {definition.name: tuple(definition.usage.split()) for definition in definitions}
    general = _as_given(definitions, words)
    roles = _roles(d.roles for d in definitions)

    def here(site: Site, _now: datetime) -> Here | None:
        able = {name: given for name, given in offers.at(site).items() if name in words}
        return _as_given(definitions, able) if able else None

    @on.command(
        verb, alias, args=Args.STRICT, roles=roles, usage=general.usage, twins=twins, forms=general.forms, here=here
    )
    def ask(event: Command, work: Work) -> None:
        request(catalogue, " ".join((f"/{verb}", *event.args)), event.envelope, work)


def _as_given(definitions: tuple[Definition, ...], words: Mapping[str, tuple[str, ...]]) -> Here:
    """A verb with those of its runbooks that have ``words``: what must follow it, or which words tell them apart."""
    able = [definition for definition in definitions if definition.name in words]
    usage = " ".join(words[able[0].name]) if len(definitions) == 1 else "|".join(d.word for d in able)
    by_harm = sorted(able, key=lambda definition: definition.harm)
    return Here(usage, tuple(_form(definition, words[definition.name]) for definition in by_harm))


def _form(definition: Definition, words: tuple[str, ...]) -> Form:
    """How a runbook is asked for, with what may follow."""
    behind = words[len(definition.word.split()) :]
    needed = [argument for argument in definition.arguments if argument.default is None]
    file = next((word for argument, word in zip(needed, behind, strict=True) if argument.type is ArgumentType.FILE), "")
    return Form(
        line=" ".join((f"/{definition.verb}", *words)),
        twin=" ".join(filter(None, (f"/{definition.alias}", definition.word_alias, *behind))),
        title=Title(definition.title.zh, definition.title.en),
        asks=definition.confirm.value,
        more=tuple(extra(argument) for argument in definition.arguments if argument.default is not None),
        file=file,
        roles=definition.roles,
        word=definition.word,
    )
