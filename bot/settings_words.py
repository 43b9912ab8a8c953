"""What is said of a setting that is not as it must be: what is wrong and what to write instead, in our own words."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.core.problems import Told, nearest_of

Loc = tuple[int | str, ...]
_LONGEST = 40  # characters of what was written that are shown
_SAID: Mapping[str, str] = {
    "missing": "settings/missing",
    "string_type": "settings/no_text",
    "int_type": "settings/no_int",
    "int_from_float": "settings/with_point",
    "int_parsing": "settings/no_digits",
    "float_type": "settings/no_number",
    "float_parsing": "settings/no_number_read",
    "bool_type": "settings/no_bool",
    "bool_parsing": "settings/no_bool_read",
    "greater_than": "settings/not_more",
    "greater_than_equal": "settings/too_small",
    "less_than": "settings/not_less",
    "less_than_equal": "settings/too_large",
    "too_short": "settings/too_short",
    "string_too_short": "settings/too_short",
    "too_long": "settings/too_long",
    "tuple_type": "settings/no_list",
    "path_type": "settings/no_path",
    "literal_error": "settings/unknown",
    "finite_number": "settings/no_number",
}
_OF_GIVEN = frozenset({"int_parsing", "float_parsing", "bool_parsing", "literal_error"})
_LIMITS: Mapping[str, str] = {  # where a limit stands in pydantic's context
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "too_short": "min_length",
    "string_too_short": "min_length",
    "too_long": "max_length",
}
_LENGTHS = frozenset({"too_short", "string_too_short", "too_long"})


def sentence(detail: ErrorDetails, kind: type[BaseModel], name: str, more: Iterable[str] = ()) -> Told:
    """One mistake of a section of ``kind``, about what is called ``name`` in the file.

    ``more``: what else may be written beside the section's fields (tables of others).
    """
    loc, context = detail["loc"], detail.get("ctx", {})
    match detail["type"]:
        case "told":
            told: Told = context["told"]
            return told
        case "value_error":
            return Told("settings/said", said=detail["msg"].removeprefix("Value error, "))
        case "extra_forbidden":
            return Told("settings/no_such", near=nearest_of(str(loc[-1]), {*_known(kind, loc[:-1]), *more}))
        case "model_type" | "dict_type" | "model_attributes_type":
            return Told("settings/no_table", table=name)
        case "string_pattern_mismatch":
            return _form(detail, _field(kind, loc))
        case known if known in _SAID:
            return Told(_SAID[known], **_facts(detail))
        case _:
            return Told("settings/odd", given=_given(detail))


def _facts(detail: ErrorDetails) -> dict[str, object]:
    context, what = detail.get("ctx", {}), detail["type"]
    if what == "literal_error":
        return {"given": _given(detail), "known": context["expected"]}
    if what in _LENGTHS:
        return {"limit": context[_LIMITS[what]]}
    if what in _LIMITS:
        return {"given": _given(detail), "limit": _plain(context[_LIMITS[what]])}
    return {"given": _given(detail)} if what in _OF_GIVEN else {}


def likely(detail: ErrorDetails, kind: type[BaseModel], more: Iterable[str] = ()) -> str | None:
    """The setting that one which there is not is told to mean."""
    loc = detail["loc"]
    return next(iter(get_close_matches(str(loc[-1]), {*_known(kind, loc[:-1]), *more}, 1)), None)


def _form(detail: ErrorDetails, field: FieldInfo | None) -> Told:
    if detail["loc"][-1] == "[key]":
        return Told("settings/bad_name")
    examples = [str(one) for one in field.examples or ()] if field is not None else []
    return Told("settings/bad_form", given=_given(detail), like=examples, form=detail["ctx"]["pattern"])


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
