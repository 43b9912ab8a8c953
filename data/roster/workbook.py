"""The visible sheets of an Excel file as grids, read part by part and element by element within stated bounds.

Not by openpyxl: it builds every cell up to the last one and of every merged area (1.4 kB of file can take 4 GB), knows no strict
Open XML, and guesses from a cell's looks whether a number is a date. Here the column says what a number means.
"""

import io
import posixpath
import zipfile
from datetime import date
from typing import IO

from defusedxml.sax import make_parser

from data.roster import limits
from data.roster.grid import Line, Sheet, Value, filled
from data.roster.workbook_parts import VISIBLE, Budget, Cells, Elements, Index, Relations, Strings

_PIECE = 64 * 1024  # bytes
_TAG = 256 * 1024  # bytes of one element without its text, or of one comment


def read_workbook(content: bytes) -> list[Sheet]:
    """The sheets in their order, of hidden ones the name. Raises ``TooLarge``; for a damaged file whatever the parsers raise."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        limits.hold("parts", len(file.infolist()), limits.PARTS)
        parts = _Parts(file)
        book = next(target for kind, target in parts.relations("").values() if kind == "officeDocument")
        index = Index()
        parts.parse(book, index)
        found = parts.relations(book)
        sheets = [(name, found[id_], state == VISIBLE) for name, id_, state in index.sheets]
        shared = Strings()
        for kind, target in found.values():
            if kind == "sharedStrings":
                parts.parse(target, shared)
        limits.hold("sheets", sum(visible for _, _, visible in sheets), limits.SHEETS)
        budget = Budget()
        return [
            _sheet(parts, name, target, index.epoch, shared.texts, budget) if visible else Sheet(name, (), skipped=True)
            for name, (kind, target), visible in sheets
            if kind == "worksheet"
        ]


def _sheet(parts: "_Parts", name: str, target: str, epoch: date, shared: list[str], budget: Budget) -> Sheet:
    cells = Cells(shared, budget)
    parts.parse(target, cells)
    for first, last in cells.merged:
        _fill(cells.values, first, last)
    rows: dict[int, dict[int, Value]] = {}
    for (row, column), value in cells.values.items():
        rows.setdefault(row, {})[column] = value
    lines = [Line(row, tuple(by.get(n, "") for n in range(max(by) + 1))) for row, by in sorted(rows.items())]
    shown = tuple(line for line in lines if filled(line.cells))
    return Sheet(
        name,
        shown,
        epoch,
        frozenset(cells.hidden),
        tuple(cells.unsaved),
        frozenset(cells.hidden_columns),
        merged=tuple((first, last) for first, last in cells.merged if last[1] > first[1]),
    )


def _fill(values: dict[tuple[int, int], Value], first: tuple[int, int], last: tuple[int, int]) -> None:
    """What a merged area shows is its first cell's, whatever lies hidden below it."""
    value = values.get(first, "")
    for row in range(first[0], last[0] + 1):
        for column in range(first[1], last[1] + 1):
            values[row, column] = value


class _Parts:
    """The files within the workbook; what is unpacked of them is counted."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._unpacked = 0

    def parse(self, name: str, handler: Elements) -> None:
        """In pieces: the parser goes on to the end of what it was given, also where the handler has refused it.

        An element whose attributes go on and on is refused before the parser makes a table of them.
        """
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(handler)
        silent = 0
        with self._open(name) as part:
            while piece := part.read(_PIECE):
                handler.heard = False
                parser.feed(piece)
                silent = 0 if handler.heard else silent + len(piece)
                if silent > _TAG:
                    raise ValueError("one element without end")
        parser.close()

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Of a part, by id: the last word of the relation's type, which strict and usual files share, and the target."""
        folder, base = posixpath.split(name)
        handler = Relations(folder)
        self.parse(posixpath.join(folder, "_rels", f"{base}.rels"), handler)
        return handler.found

    def _open(self, name: str) -> IO[bytes]:
        info = self._file.getinfo(name)
        self._unpacked += info.file_size  # zipfile gives no byte more than is declared here
        limits.hold("unpacked", self._unpacked, limits.UNPACKED)
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise zipfile.BadZipFile("packed in a way that no Excel file is")
        return self._file.open(info)
