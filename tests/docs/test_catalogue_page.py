"""The page of the catalogue tells every runbook as it is."""

import re

from runbooks.language.definition import Definition
from runbooks.language.vocabulary import Confirm
from tests.support.once import catalogue
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
ROW = re.compile(
    r"\| `(?P<form>/[^`]+)` \| (?P<alias>[^|]+) \| (?P<title>[^|]+) \| (?P<source>[^|]+) \| (?P<yes>[^|]+) \|"
)


def test_every_runbook_has_its_row_and_every_row_its_runbook() -> None:
    rows = [tuple(cell.strip() for cell in match.groups()) for match in ROW.finditer(PAGE)]
    assert sorted(rows) == sorted(_row(definition) for definition in catalogue().definitions.values())


def _row(definition: Definition) -> tuple[str, ...]:
    form = f"/{definition.verb} {definition.usage}".rstrip()
    alias = f"{definition.alias} {definition.word_alias}".rstrip()
    return form, alias, definition.title.en, definition.source, _yes(definition)


def _yes(definition: Definition) -> str:
    match definition.confirm:
        case Confirm.NONE:
            return "nobody, it only reads"
        case Confirm.SELF:
            return "the one who asks"
        case Confirm.SECOND:
            *others, last = [role.value for role in definition.confirmers]
            return f"a second {', '.join(others)} or {last}{ALONE if definition.breakglass else ''}"


ALONE = "; alone with a reason (break-glass)"
