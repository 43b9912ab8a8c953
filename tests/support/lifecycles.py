"""Draw every lifecycle of the house into ``docs/contributing/lifecycles.md``: ``make lifecycles``."""

from typing import Protocol

from handlers.faults.lifecycle import TICKET
from runbooks.runs.lifecycle import RUN
from runbooks.runs.watch_lifecycle import WATCH
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "contributing" / "lifecycles.md"


class Drawn(Protocol):
    """A lifecycle, whatever its states are."""

    @property
    def name(self) -> str: ...

    def drawing(self) -> str: ...


ALL: tuple[Drawn, ...] = (RUN, WATCH, TICKET)  # a new one gets its place here
HEAD = """# Lifecycles

Everything that has a state has one table of all its moves, and one function that makes them; each table is drawn here.
A move that has no arrow does not happen. The page is written from the tables by `make lifecycles`, and a test compares the two.
"""


def page() -> str:
    """The whole page."""
    drawn = [f"## {life.name}\n\n```mermaid\n{life.drawing()}\n```\n" for life in ALL]
    return "\n".join([HEAD, *drawn])


def main() -> None:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
