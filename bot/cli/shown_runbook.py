"""One runbook as it is shown in a terminal."""

from runbooks.language import sizes
from runbooks.language.definition import Argument, Definition, StricterPolicy
from runbooks.language.steps import AnyStep, NestedRunbook, Precheck, Roll, Selector, StepDefinition
from runbooks.language.vocabulary import ArgumentType


def line(definition: Definition) -> str:
    """One line of the list."""
    words = f"/{definition.verb} {definition.usage}".rstrip()
    return (
        f"{words:<32} /{definition.alias}  {definition.title.en} ({definition.source}); confirm: {definition.confirm}"
    )


def shown(definition: Definition) -> str:
    """Everything: who may, what it takes, what it looks at, what it does."""
    who = f"may run: {', '.join(definition.roles)}; may confirm: {', '.join(definition.confirmers)}"
    rows = [line(definition), who + ("; one person may break the glass" if definition.breakglass else "")]
    rows += [_argument(argument) for argument in definition.arguments]
    rows += [f"value {name}: {value}" for name, value in definition.values.items()]
    rows += [_look(look) for look in definition.prechecks]
    return "\n".join([*rows, *_items(definition.steps)])


def _argument(argument: Argument) -> str:
    choices = f" one of {', '.join(argument.choices)}" if argument.choices else ""
    number = sizes.shown if argument.type is ArgumentType.SIZE else str
    numbers = f" {number(argument.least)} to {number(argument.most)}" if argument.most else ""
    root = f" below {argument.root}" if argument.root else ""
    default = f" (default {argument.default})" if argument.default is not None else ""
    roles = f", only {', '.join(argument.roles)}" if argument.roles else ""
    many = " (several, after commas)" if argument.many else ""
    stricter = "".join(f"; {value}: {_stricter(how)}" for value, how in argument.values.items())
    return f"argument {argument.name}: {argument.type}{choices}{numbers}{root}{many}{default}{roles}{stricter}"


def _stricter(how: StricterPolicy) -> str:
    asked = [f"confirm {how.confirm}"] if how.confirm else []
    asked += [f"only {', '.join(how.roles)}"] if how.roles else []
    asked += [f"confirmed by {', '.join(how.confirmers)}"] if how.confirmers else []
    return ", ".join(asked)


def _look(look: Precheck) -> str:
    if look.window:
        return "looks first: the change window of the group"
    bounds = "".join(f", {word} {bound}" for word, bound in (("at least", look.least), ("at most", look.most)) if bound)
    days = f", {look.days_left} days ahead" if look.days_left is not None else ""
    return f"looks first{_on(look.on)}: {' '.join(look.argv)}{bounds}{days}; else: {look.refuse.en}"


def _items(items: tuple[AnyStep, ...], prefix: str = "") -> list[str]:
    rows: list[str] = []
    for place, item in enumerate(items, 1):
        number = f"{prefix}{place}."
        if isinstance(item, Roll):
            rows.append(f"{number} for each host{_on(item.over)}, {item.batch} at a time:")
            rows += _items(item.steps, f"{number}")
        elif isinstance(item, NestedRunbook):
            rows.append(f"{number} /{item.runbook} {' '.join(item.words)}{_when(item.when)}")
        else:
            doing = " ".join(item.argv or item.words.values())
            how = f"{item.kind}, {item.limit:g} s{_on(item.on)}{_how(item)}"
            rows.append(f"{number} {item.title.en} [{how}]{_when(item.when)} {doing}".rstrip())
            rows += [f"   when a later step fails: {' '.join(item.undo)}"] if item.undo else []
    return rows


def _how(step: StepDefinition) -> str:
    """What the author says of a step besides its command."""
    said = [
        f", as {step.become}" if step.become else "",
        f", given {step.stdin}" if step.stdin else "",
        f", must say {step.expect}" if step.expect else "",
        f", must not say {step.forbid}" if step.forbid else "",
        f", up to {step.tries} times" if step.tries > 1 else "",
        ", may fail" if step.may_fail else "",
    ]
    return "".join(said)


def _on(on: Selector | None) -> str:
    if on is None:
        return ""
    place = on.argument or on.group or ("the balancer" if on.balancer else "here")
    tags = f" {on.tag}" if on.tag else f" without {on.without}" if on.without else ""
    return f" on {place}{tags}{' (the first)' if on.first else ''}"


def _when(when: object) -> str:
    if not isinstance(when, dict) or not when:
        return ""
    return " when " + " and ".join(f"{name} = {' or '.join(values)}" for name, values in when.items())
