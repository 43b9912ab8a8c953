"""What the XML parts of an Excel file say, element by element: relations, the list of sheets, shared texts, a sheet's cells."""

import math
import posixpath
import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax.handler import ContentHandler

from data.roster import limits
from data.roster.grid import EPOCH_1900, EPOCH_1904, Value

VISIBLE = "visible"
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_NAME = 31  # characters of a sheet's name that Excel allows
_DEPTH = 50  # elements within one another


@dataclass
class Budget:
    """Cells that all sheets together have taken."""

    cells: int = 0

    def take(self, count: int = 1) -> None:
        self.cells += count
        limits.hold("cells", self.cells, limits.CELLS)


class Elements(ContentHandler):
    """Element by element, without the prefixes of names; ``text`` is what stood directly in the element that ends."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.heard = False  # whether anything came since whoever feeds the parser asked
        self._depth = 0

    def startElement(self, name: str, attrs: Any) -> None:  # xml.sax calls it so
        self.heard = True
        self.text.clear()
        self._depth += 1
        if self._depth > _DEPTH:
            raise ValueError("elements within elements without end")
        self.start(name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attrs.items()})

    def characters(self, content: str) -> None:
        self.heard = True
        self.text.append(content)

    def endElement(self, name: str) -> None:
        self._depth -= 1
        self.end(name.rpartition(":")[2], "".join(self.text))
        self.text.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends."""


class Relations(Elements):
    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes["Type"].rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes["Target"])).lstrip("/")
            self.found[attributes["Id"]] = kind, target


class Index(Elements):
    """The workbook's own part: which sheets there are, and from when its dates count."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.epoch = EPOCH_1900

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets.append((attributes["name"][:_NAME], attributes["id"], attributes.get("state", VISIBLE)))
        elif name == "workbookPr" and attributes.get("date1904", "0") in {"1", "true", "on"}:
            self.epoch = EPOCH_1904


class Strings(Elements):
    """The texts that cells refer to by number; readings (rPh) are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._runs: list[str] = []
        self._reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._runs = []
        self._reading = self._reading or name == "rPh"

    def end(self, name: str, text: str) -> None:
        if name == "t" and not self._reading:
            self._runs.append(text)
        elif name == "rPh":
            self._reading = False
        elif name == "si":
            self.texts.append(_short("".join(self._runs)))
            limits.hold("strings", len(self.texts), limits.STRINGS)


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Whether Excel does not show a row or a column: hidden, or drawn to nothing."""
    drawn = attributes.get(size, "")
    return attributes.get("hidden", "0") in {"1", "true"} or (drawn.replace(".", "").isdigit() and float(drawn) == 0)


class Cells(Elements):
    """A sheet's cells by (row, column), rows from 1 and columns from 0."""

    def __init__(self, shared: list[str], budget: Budget) -> None:
        super().__init__()
        self.values: dict[tuple[int, int], Value] = {}
        self.merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self.hidden: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.unsaved: list[tuple[int, int]] = []
        self._shared = shared
        self._budget = budget
        self._row = self._column = 0
        self._cell = _Cell()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
            limits.hold("rows", self._row, limits.ROWS)
            if _is_hidden(attributes, "ht"):
                self.hidden.add(self._row)
        elif name == "col":
            if _is_hidden(attributes, "width"):
                first, last = max(int(attributes.get("min", 1)), 1), min(int(attributes.get("max", 0)), limits.COLUMNS)
                self.hidden_columns.update(range(first - 1, last))
        elif name == "c":
            self._row, self._column = place(attributes["r"]) if "r" in attributes else (self._row, self._column + 1)
            limits.hold("rows", self._row, limits.ROWS)
            limits.hold("columns", self._column + 1, limits.COLUMNS)
            self._cell = _Cell(attributes.get("t", "n"))
            self._budget.take()
        elif name == "mergeCell":
            self._merge(attributes["ref"])
        elif name == "rPh":
            self._cell.reading = True

    def end(self, name: str, text: str) -> None:
        cell = self._cell
        match name:
            case "v":
                cell.value = text
            case "f":
                cell.formula = True
            case "t" if not cell.reading:
                cell.runs.append(text)
            case "rPh":
                cell.reading = False
            case "c":
                value = cell.read(self._shared)
                if cell.formula and not cell.value and cell.kind != "str":
                    self.unsaved.append((self._row, self._column))
                if value != "":
                    self.values[self._row, self._column] = value
            case _:
                pass

    def _merge(self, area: str) -> None:
        first, _, last = area.partition(":")
        start, end = place(first), place(last or first)
        limits.hold("rows", end[0], limits.ROWS)
        limits.hold("columns", end[1] + 1, limits.COLUMNS)
        self._budget.take(max(0, end[0] - start[0] + 1) * max(0, end[1] - start[1] + 1))
        self.merged.append((start, end))


@dataclass
class _Cell:
    kind: str = "n"
    value: str | None = None
    runs: list[str] = field(default_factory=list)
    formula: bool = False
    reading: bool = False

    def read(self, shared: list[str]) -> Value:
        value = self.value or ""
        match self.kind:
            case "s":
                return shared[int(value)]
            case "inlineStr":
                return _short("".join(self.runs))
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n" if value:
                return _finite(value)
            case _:
                return _short(value)  # str: a formula's text; e: an error; d: a date as strict files write it


def place(name: str) -> tuple[int, int]:
    """``(2, 4)`` of ``E2``: rows count from 1, columns from 0. Raises ``ValueError``."""
    match = _CELL.fullmatch(name)
    if match is None:
        raise ValueError("no cell")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _short(text: str) -> str:
    limits.hold("text", len(text), limits.TEXT)
    return text
