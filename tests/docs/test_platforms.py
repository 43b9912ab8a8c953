"""The table of what works where is what the adapters declare."""

from pathlib import Path

from tests.docs.platforms import HEAD, table
from tests.support.kit import opened
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "platforms.md"


async def test_the_table_says_what_the_adapters_declare(tmp_path: Path, empty_db: Path) -> None:
    (tmp_path / "zhiban.db").write_bytes(empty_db.read_bytes())
    async with opened(tmp_path) as kit:
        declared = table(kit)
    shown = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    assert shown[0] == HEAD
    assert shown == declared, "write it anew: python -m tests.docs.platforms"
