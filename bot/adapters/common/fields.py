"""Reads a payload field by field: what is not of the platform's form is ``BadRequest`` 400, never an error of ours."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from bot.adapters.common.ingress import BadRequest


def bad() -> NoReturn:
    """This is nothing that the platform sends."""
    raise BadRequest(400, "bad_body")


def part(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under ``name``."""
    value = data.get(name)
    return value if isinstance(value, dict) else bad()


def text(data: Mapping[str, Any], name: str, *, longest: int | None = None, empty: bool = False) -> str:
    """The string under ``name``; ``empty`` allows one without a character."""
    value = data.get(name)
    if not isinstance(value, str) or not (value or empty) or (longest is not None and len(value) > longest):
        bad()
    return value


def matching(data: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    """The string under ``name``, which has ``form`` as a whole."""
    value = data.get(name)
    return value if isinstance(value, str) and form.fullmatch(value) else bad()


def maybe(data: Mapping[str, Any], name: str) -> str | None:
    """The string under ``name``; None for an empty one and for whatever else stands there."""
    value = data.get(name)
    return value if isinstance(value, str) and value else None
