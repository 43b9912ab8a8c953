"""JSON Schemas for editors: ``python -m runbooks.language.schema`` writes ``runbooks/schema.json`` and ``data/schema/*.json``.

What they cannot say (placeholders, circles, names of other files) the loaders still check at start.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from data.load.files import BY_NAME
from data.load.written import Written
from runbooks.language.load.runbook_file import RunbookFile

_ROOT = Path(__file__).parents[2]
PATH = _ROOT / "runbooks" / "schema.json"
FILES: Mapping[Path, type[Written]] = {
    PATH: RunbookFile,
    **{_ROOT / "data" / "schema" / f"{name}.json": model for name, model in BY_NAME.items()},
}


class _Generate(GenerateJsonSchema):
    """Pydantic's own, without the titles and defaults that only repeat names; a form of several is ``anyOf``."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key without a value is as good as none; editors need not offer it."""
        return self.generate_inner(schema["schema"])

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        return {"anyOf": [self.generate_inner(choice) for choice in schema["choices"].values()]}


def written(model: type[Written]) -> str:
    """The text of a model's schema file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= model.model_json_schema(schema_generator=_Generate)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    for path, model in FILES.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(model), "utf-8")
