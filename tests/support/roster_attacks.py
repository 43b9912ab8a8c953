"""Roster files that would cost whoever reads them memory or time; each is small to hand in."""

import io
import zipfile
from collections.abc import Callable, Mapping

BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>'
)
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATION = '<Relationship Id="rId{id}" Type="' + KINDS + '/{kind}" Target="{to}"/>'
TYPE = (
    '<Override PartName="{part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    + TYPE.format(part="/xl/workbook.xml", kind="sheet.main")
    + TYPE.format(part="/xl/worksheets/s.xml", kind="worksheet")
    + "</Types>"
)
WORKSHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}</worksheet>'
HEAD = "".join(
    f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>'
    for letter, name in zip("ABCDEFG", ("date", "post", "slot", "from", "to", "person", "note"), strict=True)
)


def workbook(
    body: str = "",
    *,
    more: Mapping[str, bytes] | None = None,
    states: tuple[str, ...] = ("visible",),
    packing: int = zipfile.ZIP_DEFLATED,
    strings: bool = False,
) -> bytes:
    """A workbook whose sheets all have ``body`` behind a row of headings; ``more`` are further parts, or replace these."""
    sheets = "".join(
        f'<sheet name="S{n}" sheetId="{n}" state="{state}" r:id="rId{n}"/>' for n, state in enumerate(states, 1)
    )
    each = "".join(RELATION.format(id=n, kind="worksheet", to="worksheets/s.xml") for n in range(1, len(states) + 1))
    each += RELATION.format(id=0, kind="sharedStrings", to="sharedStrings.xml") if strings else ""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS.format(each=RELATION.format(id=1, kind="officeDocument", to="xl/workbook.xml")),
        "xl/workbook.xml": BOOK.format(sheets=sheets),
        "xl/_rels/workbook.xml.rels": RELATIONS.format(each=each),
        "xl/worksheets/s.xml": WORKSHEET.format(body=body or f"<sheetData><row r='1'>{HEAD}</row></sheetData>"),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as file:
        for name, content in {**{k: v.encode() for k, v in parts.items()}, **(more or {})}.items():
            file.writestr(name, content)
    return out.getvalue()


def _rows(body: str) -> str:
    return f"<sheetData><row r='1'>{HEAD}</row>{body}</sheetData>"


def _understated() -> bytes:
    """A part that is said to be one byte long and is not."""
    content = bytearray(workbook(_rows(" " * 3_000_000)))
    at = content.find(b"xl/worksheets/s.xml")
    directory = content.rfind(b"xl/worksheets/s.xml")
    content[at - 30 + 22 : at - 30 + 26] = content[directory - 46 + 24 : directory - 46 + 28] = (1).to_bytes(
        4, "little"
    )
    return bytes(content)


LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "'
    + "ha" * 40
    + '">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 20}">' for old, new in zip("abcdef", "bcdefg", strict=True))
    + "]><worksheet>&g;</worksheet>"
)

ATTACKS: dict[str, Callable[[], bytes]] = {
    "merged.xlsx": lambda: workbook(_rows("") + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "last_cell.xlsx": lambda: workbook(_rows("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")),
    "last_row.xlsx": lambda: workbook(_rows("<row r='1048576'><c r='A1048576'><v>1</v></c></row>")),
    "bomb.xlsx": lambda: workbook(_rows(" " * 30_000_000)),
    "cells.xlsx": lambda: workbook(_rows("<row r='2'>" + "<c/>" * 1_900_000 + "</row>")),
    "rows.xlsx": lambda: workbook(_rows("<row/>" * 1_200_000)),
    "deep.xlsx": lambda: workbook(_rows("<x>" * 2_500_000)),
    "strings.xlsx": lambda: workbook(
        strings=True, more={"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 1_500_000 + b"</sst>"}
    ),
    "long_text.xlsx": lambda: workbook(
        _rows("<row r='2'><c t='inlineStr'><is><t>" + "x" * 7_000_000 + "</t></is></c></row>")
    ),
    "attributes.xlsx": lambda: workbook("<sheetData " + " ".join(f'a{n}="1"' for n in range(600_000)) + "/>"),
    "columns.xlsx": lambda: workbook('<cols><col min="-999999999" max="9" hidden="1"/></cols><sheetData/>'),
    "sheets.xlsx": lambda: workbook(states=("visible",) * 5_000),
    "parts.xlsx": lambda: workbook(more={f"p{n}": b"" for n in range(9_000)}),
    "laughs.xlsx": lambda: workbook(more={"xl/worksheets/s.xml": LAUGHS.encode()}),
    "lzma.xlsx": lambda: workbook(_rows(" " * 3_000_000), packing=zipfile.ZIP_LZMA),
    "understated.xlsx": _understated,
    "large.csv": lambda: b"date,post,slot,from,to,person,note\n" * 90_000,
    "commas.csv": lambda: b"," * 2_000_000,
    "lines.csv": lambda: b"\n" * 2_000_000,
    "wide.txt": lambda: "值班 ".encode() * 200_000,
    "zeros.csv": lambda: b"\0" * 2_000_000,
}
