"""The schema for editors says what the loader takes: no more, no less."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.errors import ConfigError
from runbooks.language.load.catalogue import SHIPPED, load_catalogue
from runbooks.language.schema import FILES, PATH, written
from tests.support.paths import EXAMPLE
from tests.unit.runbooks.language.test_load import GOOD

SCHEMA = json.loads(PATH.read_text("utf-8"))
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def wrong(schema: dict[str, Any], value: Any, whole: dict[str, Any] = SCHEMA) -> bool:
    """Whether ``value`` is not what ``schema`` says; the small part of JSON Schema that ours uses."""
    if "$ref" in schema:
        return wrong(whole["$defs"][schema["$ref"].rpartition("/")[2]], value, whole)
    if "anyOf" in schema:
        return all(wrong(option, value, whole) for option in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return True
    kinds = schema.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    if names and not any(isinstance(value, TYPES[name]) for name in names):
        return True
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return True
    if isinstance(value, list):
        return any(wrong(schema["items"], item, whole) for item in value)
    return isinstance(value, dict) and _wrong_object(schema, value, whole)


def _wrong_object(schema: dict[str, Any], value: dict[str, Any], whole: dict[str, Any]) -> bool:
    known, more = schema.get("properties", {}), schema["additionalProperties"]
    if set(schema.get("required", ())) - set(value) or (more is False and set(value) - set(known)):
        return True
    return any(wrong(known.get(str(key), more or {}), item, whole) for key, item in value.items())


def read(text: str) -> Any:
    """YAML as an editor reads it (1.2, where ``on`` is a word; PyYAML's 1.1 makes it true)."""
    return _words(yaml.safe_load(text))


def _words(value: Any) -> Any:
    if isinstance(value, dict):
        return {"on" if key is True else str(key): _words(item) for key, item in value.items()}
    return [_words(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_is_what_the_code_says(path: Path) -> None:
    assert path.read_text("utf-8") == written(FILES[path]), "make schema"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_runbook_fits(path: Path) -> None:
    assert not wrong(SCHEMA, read(path.read_text("utf-8")))


@pytest.mark.parametrize("path", sorted(set(FILES) - {PATH}), ids=lambda path: path.stem)
def test_the_example_organisation_fits(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    assert not wrong(schema, read((EXAMPLE / f"{path.stem}.yaml").read_text("utf-8")), schema)
    assert wrong(schema, {"colour": "red"}, schema)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("confirm: second", "confirm: maybe"),
        ("type: host", "type: hsot"),
        ("verb: tidy", "colour: red\nverb: tidy"),
        ("source: SOP 6.1\n", ""),
        ("{zh: 备份, en: back up}", "{zh: 备份}"),
        ("[engineer]", "[engneer]"),
        ('run: [tar, "{host}"]', 'run: [tar, "{host}"]\n    become: [root]'),
    ],
)
def test_both_refuse_the_same(tmp_path: Path, old: str, new: str) -> None:
    assert not wrong(SCHEMA, read(GOOD))
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    assert wrong(SCHEMA, read(text))
    (tmp_path / "tidy.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        load_catalogue(tmp_path)


STEP_KEYS = sorted(
    {key for name, form in SCHEMA["$defs"].items() if name.endswith("Step") for key in form["properties"]}
)


@pytest.mark.parametrize("key", STEP_KEYS)
def test_the_loader_knows_every_key_of_a_step(tmp_path: Path, key: str) -> None:
    """An unknown key is the one fault that a key of the schema must never give, whatever else is wrong with it."""
    act = (
        "" if key in {"set", "upload", "download", "ask", "runbook", "roll", "http", "port", "run"} else 'run: ["true"]'
    )
    owner = {"want": "http: x", "to": "upload: x", "mode": "upload: x", "name": "download: x", "with": "runbook: restart",
             "batch": "roll: {group: oa}", "steps": "roll: {group: oa}"}.get(key, act)  # fmt: skip
    text = GOOD.partition("steps:")[0] + f"steps:\n  - {key}: x\n"
    (tmp_path / "tidy.yaml").write_text(text + (f"    {owner}\n" if owner else ""), "utf-8")
    assert not [fault for fault in faults(tmp_path) if f"unknown key {key}" in fault]


def faults(folder: Path) -> list[str]:
    try:
        load_catalogue(folder, locale="en")
    except ConfigError as error:
        return error.faults
    return []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("people", "people: {hemu: {name: 何木, roles: lead}}"),
        ("posts", "posts: {shifu: {name: 市府, presence: 08:30-18:00}}"),
        ("routes", "routes: {third_party: {name: 第三方, to: lead, copy: [lead, engineer]}}"),
    ],
)
def test_where_a_list_may_stand_one_alone_may(file: str, text: str) -> None:
    path = next(path for path in FILES if path.stem == file)
    schema, values = json.loads(path.read_text("utf-8")), read(text)
    part = {**schema, "required": []}
    assert not wrong(part, values, schema)
    FILES[path].model_validate({**{key: {"emergency": "hemu"} for key in schema.get("required", ())}, **values})
