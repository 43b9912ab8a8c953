"""How the values of our YAML files are written: texts, numbers, durations, times of day, lists of words, maps of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import Annotated, ClassVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.core.problems import Told, nearest_of
from data.times import Window, span, window

WRONG = object()  # stands in the tree where a value was reported; reads as if it were left out, or harmlessly
_PLAIN = {"type": ["string", "number"]}  # YAML reads 50 as a number; we take it as written


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands where a key is that nobody knows; ``told`` is what is said about it, ``meant`` the key that it is nearest to."""

    told: Told
    meant: str = ""


class Written(BaseModel):
    """A mapping of a file: known keys only, and a key without a value is not there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    known: ClassVar[Mapping[str, FieldInfo]] = {}  # by the key as written
    instead: ClassVar[Mapping[str, object]] = {}  # what a needed key reads as after its value was reported

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        cls.known = {info.alias or name: info for name, info in cls.model_fields.items()}

    @classmethod
    def unknown(cls, key: str, given: Mapping[str, object]) -> Told:
        """What is said about a key that does not belong here."""
        return Told("data/unknown_key", key=key, near=nearest_of(key, cls.known))

    @model_validator(mode="before")
    @classmethod
    def _given(cls, value: object) -> object:
        if value is None or value is WRONG:
            value = dict.fromkeys(cls.known, WRONG) if value is WRONG else {}
        if not isinstance(value, dict):
            return value
        if any(item is None or item is WRONG or item == "" for item in value.values()):
            value = {key: cls._mended(key, item) for key, item in value.items() if cls._stays(key, item)}
        if not value.keys() <= cls.known.keys():
            more = {
                key: Unknown(cls.unknown(key, value), next(iter(get_close_matches(key, cls.known, 1)), ""))
                for key in value.keys() - cls.known.keys()
            }
            value = {**value, **more}
        return value

    @classmethod
    def _stays(cls, key: str, item: object) -> bool:
        if key not in cls.known:
            return True
        if item == "" and _nothing(cls.known[key]):
            return False
        return item is not None and (item is not WRONG or cls.known[key].is_required())

    @classmethod
    def _mended(cls, key: str, item: object) -> object:
        return cls.instead.get(key, _stand_in(cls.known[key])) if item is WRONG and key in cls.known else item


def _nothing(info: FieldInfo) -> bool:
    """Whether an empty text says nothing here: the key may be left out, and what it holds is no text."""
    if info.default is None:
        return not any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in get_args(info.annotation))
    return isinstance(info.default, int | StrEnum) and not isinstance(info.default, bool)


def _stand_in(info: FieldInfo) -> object:
    """What a needed key reads as after it was reported as missing or wrong, so that the rest can still be judged."""
    kind = info.annotation
    if ONE_OR_MORE in info.metadata:
        return []
    if not isinstance(kind, type) or any(isinstance(rule, Reads) for rule in info.metadata):
        return WRONG
    if issubclass(kind, StrEnum):
        return next(iter(kind)).value
    return WRONG if issubclass(kind, BaseModel) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """How a value is read: ``parse`` gives None for what it is not, and then the message ``told`` is said.

    Its facts are the key, what is ``given``, and ``facts``. ``schema`` is its JSON Schema; ``instead`` what a needed one reads as
    after it was reported.
    """

    parse: Callable[[str], object]
    told: str
    instead: object
    schema: Mapping[str, object] = field(default_factory=lambda: dict(_PLAIN))
    facts: Mapping[str, object] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, object]:
        return dict(self.schema)

    def _read(self, value: object) -> object:
        if value is WRONG:
            return self.instead
        if not isinstance(value, str):
            raise PydanticCustomError("one_value", "one value")
        found = self.parse(value)
        if found is None:
            raise PydanticCustomError("told", "{name}", {"name": self.told, "facts": {"given": value, **self.facts}})
        return found


class Number(Reads):
    """A whole number within its limits, written in plain digits."""

    def __init__(self, least: int = 0, most: int = 1_000_000) -> None:
        super().__init__(
            partial(_number, least, most),
            "data/no_number",
            least,
            {"type": "integer", "minimum": least, "maximum": most},
            {"least": least, "most": most},
        )


def _number(least: int, most: int, text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and least <= int(text) <= most else None


def _flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _listed(value: object) -> object:
    """A list of words, or one alone."""
    if isinstance(value, list) and all(isinstance(item, str) or item is WRONG for item in value):
        return [item for item in value if item is not WRONG]
    if isinstance(value, str):
        return [value]
    raise PydanticCustomError("plain_values", "plain values")


def _chosen(value: object) -> object:
    """A list of words of a vocabulary, or one alone; an empty one chooses nothing."""
    found = _listed(value)
    return [item for item in found if item] if isinstance(found, list) else found


def _mapped(value: object) -> object:
    return {key: "" if item is WRONG else item for key, item in value.items()} if isinstance(value, dict) else value


Word = Annotated[str, WithJsonSchema(_PLAIN)]


class OneOrMore(BeforeValidator):
    """A list, or one item alone: its schema allows both."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]} if "items" in listed else listed


ONE_OR_MORE = OneOrMore(_listed)
CHOSEN = OneOrMore(_chosen)
_WORDS = {"anyOf": [_PLAIN, {"type": "array", "items": {"type": ["string", "number", "boolean"]}}]}
Words = Annotated[tuple[str, ...], ONE_OR_MORE, WithJsonSchema(_WORDS)]
WordMap = Annotated[dict[str, Word], BeforeValidator(_mapped)]
Flag = Annotated[bool, Reads(_flag, "data/no_flag", False, {"type": "boolean"})]
Span = Annotated[timedelta, Reads(span, "data/no_span", timedelta(), {"type": "string"})]
Hours = Annotated[Window, Reads(window, "data/no_hours", Window(0, 1), {"type": "string"})]
