"""What is said of a setting that is not as it must be: what is wrong and what to write instead, in our own words."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.core.problems import nearest

Loc = tuple[int | str, ...]
_LONGEST = 40  # characters of what was written that are shown
_SAID: Mapping[str, str] = {
    "missing": "is missing; write it",
    "string_type": "is no text; write it in quotes",
    "int_type": "is no whole number; write digits, without quotes",
    "int_from_float": "is no whole number; write digits, without a point",
    "int_parsing": "{given} is no whole number; write digits",
    "float_type": "is no number; write digits",
    "float_parsing": "{given} is no number; write digits",
    "bool_type": "is neither; write true or false",
    "bool_parsing": "{given} is neither; write true or false",
    "greater_than": "{given} is too small; write more than {gt}",
    "greater_than_equal": "{given} is too small; write {ge} or more",
    "less_than": "{given} is too large; write less than {lt}",
    "less_than_equal": "{given} is too large; write {le} or less",
    "too_short": "is too short; write at least {min_length} characters",
    "string_too_short": "is too short; write at least {min_length} characters",
    "too_long": "is too long; write at most {max_length} characters",
    "tuple_type": 'is no list; write ["one", "two"]',
    "path_type": "is no path; write it in quotes",
    "literal_error": "{given} is not known; write {expected}",
    "finite_number": "is no number; write digits",
}


def sentence(detail: ErrorDetails, kind: type[BaseModel], name: str, more: Iterable[str] = ()) -> str:
    """One mistake of a section of ``kind``, about what is called ``name`` in the file.

    ``more``: what else may be written beside the section's fields (tables of others).
    """
    loc, context = detail["loc"], detail.get("ctx", {})
    match detail["type"]:
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case "extra_forbidden":
            return f"no such setting; {nearest(str(loc[-1]), {*_known(kind, loc[:-1]), *more})}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"is a table; write [{name}] on a line of its own and its settings below"
        case "string_pattern_mismatch":
            return _form(detail, _field(kind, loc))
        case known if known in _SAID:
            return _SAID[known].format(given=_given(detail), **{name: _plain(value) for name, value in context.items()})
        case _:
            return f"{_given(detail)} is not as it must be"


def likely(detail: ErrorDetails, kind: type[BaseModel], more: Iterable[str] = ()) -> str | None:
    """The setting that one which there is not is told to mean."""
    loc = detail["loc"]
    return next(iter(get_close_matches(str(loc[-1]), {*_known(kind, loc[:-1]), *more}, 1)), None)


def _form(detail: ErrorDetails, field: FieldInfo | None) -> str:
    if detail["loc"][-1] == "[key]":
        return "is no name; use A-Z, a-z, 0-9, - and _, at most 64"
    examples = field.examples if field is not None else None
    like = f"write it like {' or '.join(map(str, examples))}" if examples else f"its form is {detail['ctx']['pattern']}"
    return f"{_given(detail)} does not fit; {like}"


def _plain(value: object) -> object:
    """A limit as people write it: 60, not 60.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _given(detail: ErrorDetails) -> str:
    """What was written; a secret never comes here: nothing that is said of one has it."""
    text = str(detail["input"])
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _known(kind: Any, loc: Loc) -> list[str]:
    """The settings that may stand in the table at ``loc``."""
    table = _at(kind, loc)
    return list(table.model_fields) if isinstance(table, type) and issubclass(table, BaseModel) else []


def _field(kind: Any, loc: Loc) -> FieldInfo | None:
    table = _at(kind, loc[:-1])
    return table.model_fields.get(str(loc[-1])) if isinstance(table, type) and issubclass(table, BaseModel) else None


def _at(kind: Any, loc: Loc) -> Any:
    """The type of what stands at ``loc``, as far as it is a table of ours; None otherwise."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not loc:
            return kind
        field = kind.model_fields.get(str(loc[0]))
        return _at(field.annotation, loc[1:]) if field is not None else None
    if get_origin(kind) is dict:
        return _at(get_args(kind)[1], loc[1:]) if loc else None
    inner = (_at(one, loc) for one in get_args(kind) if one is not SecretStr)
    return next((found for found in inner if found is not None), None)
