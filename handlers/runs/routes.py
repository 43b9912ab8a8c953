"""The words and buttons that ask for, confirm, end and list runs; one command for each verb of the catalogue."""

from collections.abc import Iterable
from functools import partial

from bot.core.events import Command
from bot.core.menu import Form, Title
from bot.core.people import Role
from bot.work.arguments import takes, word
from bot.work.routes import Args, Routes
from bot.work.work import Work
from handlers.runs import backups, confirming, draining, ending, showing, worded
from handlers.runs.naming import RUN
from handlers.runs.requesting import request
from runbooks.language.argument_types import extra
from runbooks.language.arguments import DRY_RUN
from runbooks.language.definition import Catalogue, Definition
from runbooks.language.vocabulary import Confirm

_DRY = {"只看方案": DRY_RUN, "演练": DRY_RUN}


def table(catalogue: Catalogue) -> Routes:
    """The routes of this capability, with one command for each verb."""
    on = Routes("runs")
    for definitions in catalogue.verbs().values():
        _add(on, catalogue, definitions)
    known = tuple(catalogue.definitions.values())
    changing = [definition for definition in known if definition.confirm is not Confirm.NONE]
    confirmers = _roles(definition.confirmers for definition in changing)
    runners = _roles(definition.roles for definition in changing)
    both = _roles((runners, confirmers))
    on.command("confirm", "确认", args=Args.WORDS, roles=confirmers, usage="R17", consent=True)(confirming.confirm)
    on.command("cancel", "取消", args=Args.WORDS, roles=both, usage="R17")(ending.cancel)
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
    on.tick("runs.backups", backups.AT, until=backups.UNTIL)(partial(backups.remind, catalogue))
    return on


def _roles(of: Iterable[tuple[Role, ...]]) -> tuple[Role, ...]:
    """Everybody whom at least one of the runbooks names."""
    named = {role for roles in of for role in roles}
    return tuple(role for role in Role if role in named)


def _add(on: Routes, catalogue: Catalogue, definitions: tuple[Definition, ...]) -> None:
    verb, alias = definitions[0].verb, definitions[0].alias
    usage = definitions[0].usage if len(definitions) == 1 else "|".join(d.word for d in definitions)
    twins = _DRY | {twin: word for definition in definitions for twin, word in definition.twins.items()}
    forms = tuple(_form(definition) for definition in sorted(definitions, key=lambda definition: definition.harm))
    roles = _roles(d.roles for d in definitions)

    @on.command(verb, alias, args=Args.STRICT, roles=roles, usage=usage, twins=twins, forms=forms)
    def ask(event: Command, work: Work) -> None:
        request(catalogue, " ".join((f"/{verb}", *event.args)), event.envelope, work)


def _form(definition: Definition) -> Form:
    """How a runbook is asked for, with what may follow."""
    words = definition.usage.removeprefix(definition.word).strip()
    return Form(
        line=f"/{definition.verb} {definition.usage}".rstrip(),
        twin=" ".join(filter(None, (f"/{definition.alias}", definition.word_alias, words))),
        title=Title(definition.title.zh, definition.title.en),
        asks=definition.confirm.value,
        more=tuple(extra(argument) for argument in definition.arguments if argument.default is not None),
    )
