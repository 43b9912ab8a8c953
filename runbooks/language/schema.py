"""The language as a JSON Schema, for editors: ``python -m runbooks.language.schema`` writes ``runbooks/schema.json``.

What it cannot say (placeholders, circles, one act a step) the loader still checks at start.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.core.people import Role
from runbooks.language.vocabulary import ArgumentType, Confirm, Effect, Kind, Report, Where

PATH = Path(__file__).parents[1] / "schema.json"
Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_WORD: Schema = {"type": ["string", "number"]}  # YAML reads 50 as a number; the loader takes it as written
_COUNT: Schema = {"type": "integer", "minimum": 0}
_BOTH = {"$ref": "#/$defs/text"}
_ON = {"$ref": "#/$defs/selector"}
_WORDS: Schema = {"anyOf": [_WORD, {"type": "array", "items": {"type": ["string", "number", "boolean"]}}]}
_CODES: Schema = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}}
_WHEN: Schema = {"type": "object", "additionalProperties": _WORDS}
_VALUES: Schema = {"type": "object", "additionalProperties": _WORD}


def _one(words: Iterable[StrEnum]) -> Schema:
    return {"enum": [word.value for word in words]}


def _roles() -> Schema:
    return {"type": "array", "items": _one(Role)}


def _object(required: tuple[str, ...], properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _argument() -> Schema:
    stricter = _object((), {"confirm": _one(Confirm), "roles": _roles(), "confirmers": _roles()})
    return _object(
        ("name", "type"),
        {
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,30}$"},
            "type": _one(ArgumentType),
            "example": _WORD,
            "default": _WORD,
            "choices": _VALUES,
            "least": _WORD,
            "most": _WORD,
            "group": _TEXT,
            "balanced": _FLAG,
            "format": _TEXT,
            "root": _TEXT,
            "match": _TEXT,
            "many": _FLAG,
            "roles": _roles(),
            "values": {"type": "object", "additionalProperties": stricter},
        },
    )


def _look() -> Schema:
    return _object(
        (),
        {
            "name": _TEXT,
            "on": _ON,
            "run": _WORDS,
            "ok": _CODES,
            "become": _TEXT,
            "match": _TEXT,
            "least": _WORD,
            "most": _WORD,
            "days_left": _COUNT,
            "limit": _COUNT,
            "refuse": _BOTH,
            "disk_free": _TEXT,
            "path": _TEXT,
            "window": _FLAG,
        },
    )


def _step() -> Schema:
    """Every key of every kind of step; exactly one of the acts stands in each."""
    common = {
        "title": _BOTH,
        "kind": _one(Kind),
        "on": _ON,
        "become": _TEXT,
        "when": _WHEN,
        "limit": _COUNT,
        "may_fail": _FLAG,
        "cwd": _TEXT,
        "stdin": _TEXT,
        "ok": _CODES,
        "expect": _WORD,
        "forbid": _WORD,
        "show": _WORD,
        "wait": _COUNT,
        "idempotent": _FLAG,
        "retry": _object((), {"times": _COUNT, "pause": _COUNT}),
        "undo": _WORDS,
        "ends": _WORDS,
        "each": _object(("name", "of"), {"name": _TEXT, "of": _ON}),
        "at_once": _COUNT,
    }
    acts = {
        "run": _WORDS,
        "http": _TEXT,
        "port": _TEXT,
        "want": _WORD,
        "set": _object(("file", "key", "value"), {"file": _TEXT, "key": _TEXT, "value": _WORD}),
        "upload": _TEXT,
        "to": _TEXT,
        "mode": _TEXT,
        "download": _TEXT,
        "name": _TEXT,
        "ask": _BOTH,
        "runbook": _TEXT,
        "with": _WORDS,
        "roll": _ON,
        "batch": _WORD,
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1},
    }
    return _object((), common | acts)


def schema() -> Schema:
    """The whole schema."""
    properties = {
        "verb": _TEXT,
        "word": _TEXT,
        "word_alias": _TEXT,
        "alias": _TEXT,
        "title": _BOTH,
        "source": _TEXT,
        "roles": _roles(),
        "confirm": _one(Confirm),
        "confirmers": _roles(),
        "breakglass": _FLAG,
        "overrides": _FLAG,
        "where": _one(Where),
        "effect": _one(Effect),
        "group": _TEXT,
        "report": _one(Report),
        "undo": _TEXT,
        "values": _VALUES,
        "arguments": {"type": "array", "items": {"$ref": "#/$defs/argument"}},
        "look": {"type": "array", "items": {"$ref": "#/$defs/look"}},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1},
    }
    selector = _object(("group",), {"group": _TEXT, "tag": _TEXT, "without": _TEXT, "first": _FLAG})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A runbook of Zhiban",
        **_object(("verb", "alias", "title", "source", "roles", "steps"), properties),
        "$defs": {
            "text": _object(("zh", "en"), {"zh": _TEXT, "en": _TEXT}),
            "selector": {"anyOf": [_TEXT, selector]},
            "argument": _argument(),
            "look": _look(),
            "step": _step(),
        },
    }


def written() -> str:
    """The file's text."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(written(), "utf-8")
