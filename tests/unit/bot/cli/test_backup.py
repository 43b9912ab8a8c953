"""backup and restore: the oracle is SQLite itself, reading the copies."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.storage.lock import only_one


@pytest.fixture
def state(tmp_path: Path, empty_db: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with a database of one row that only its write-ahead log holds."""
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "zhiban.db").write_bytes(empty_db.read_bytes())
    monkeypatch.setenv("ZHIBAN_STATE_DIR", str(folder))
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")
    monkeypatch.chdir(tmp_path)
    return folder


def names(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM meta ORDER BY name")]


def put(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT INTO meta (name, value) VALUES (?, '1')", (name,))
    connection.commit()


def test_backup_of_a_live_database_has_what_only_the_log_holds(state: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(state / "zhiban.db")) as live:
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("PRAGMA wal_autocheckpoint=0")
        put(live, "kept")
        assert main(["backup", str(tmp_path / "copy.db")]) == 0
        assert names(tmp_path / "copy.db") == ["kept"]


def test_restore_keeps_what_was_there(state: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(state / "zhiban.db")) as live:
        put(live, "first")
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    with closing(sqlite3.connect(state / "zhiban.db")) as live:
        put(live, "second")
    assert main(["restore", str(tmp_path / "copy.db")]) == 0
    assert names(state / "zhiban.db") == ["first"]
    assert names(state / "zhiban.db.before-restore-1") == ["first", "second"]


def test_8_5_a_copy_of_everything_is_its_owners_alone(state: Path, tmp_path: Path) -> None:
    """Whatever the shell's mask is, and whatever the copy's rights became on its way back."""
    copy, before = tmp_path / "copy.db", os.umask(0)
    try:
        for _ in range(2):  # also over an older one that all may read
            assert main(["backup", str(copy)]) == 0
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
            copy.chmod(0o666)
        assert main(["restore", str(copy)]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((state / "zhiban.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 200])
def test_restore_refuses_what_is_no_whole_database(
    state: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.db").write_bytes(content)
    before = (state / "zhiban.db").read_bytes()
    assert main(["restore", str(tmp_path / "bad.db")]) == 2
    assert (state / "zhiban.db").read_bytes() == before
    assert "not a whole Zhiban database" in capsys.readouterr().err


def test_restore_is_refused_while_the_service_runs(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path / "copy.db")]) == 0
    with only_one(state):
        assert main(["restore", str(tmp_path / "copy.db")]) == 2
    assert "stop it first" in capsys.readouterr().err


def test_8_5_a_copy_and_what_is_restored_are_read_by_their_owner_alone(state: Path, tmp_path: Path) -> None:
    before = os.umask(0o022)  # as a login shell has it
    try:
        assert main(["backup", str(tmp_path / "copy.db")]) == 0
        assert main(["restore", str(tmp_path / "copy.db")]) == 0
    finally:
        os.umask(before)
    made = (tmp_path / "copy.db", state / "zhiban.db")
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in made] == ["0o600", "0o600"]
