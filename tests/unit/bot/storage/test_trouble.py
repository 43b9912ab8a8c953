"""A database that cannot be used is named for what is wrong with it: full, locked and forbidden are not damaged."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.core.errors import ConfigError
from bot.core.people import Role
from bot.storage import schema
from bot.storage.dialects import sqlite_file
from bot.storage.dialects.sqlite_trouble import trouble_of
from bot.storage.lock import make_private
from bot.storage.store import StoreUnavailable
from bot.storage.trouble import Trouble, way_out
from bot.workers import store_watch
from bot.workers.operators import Operators
from bot.workers.store_watch import StoreWatch
from tests.support.kit import Kit
from tests.support.paths import EXAMPLE, ROOT
from tests.support.small_disk import fill, make_room, small_disk
from tests.unit.bot.storage.test_store import limit_pages, rows

WRONG = ("damaged", "backup")  # what sends somebody to throw a sound database away


@pytest.fixture
def disk(tmp_path: Path, database: Path) -> Iterator[Path]:
    """A full disk that a sound database lies on."""
    with small_disk(tmp_path / "disk") as folder:
        shutil.copyfile(database, folder / "zhiban.db")
        with sqlite3.connect(folder / "zhiban.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
        fill(folder)
        yield folder


@pytest.fixture
def locked(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A sound database that another connection holds for itself alone."""
    monkeypatch.setattr(sqlite_file, "WAIT_SECONDS", 0.05)
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    yield database
    other.close()


def watch(kit: Kit) -> StoreWatch:
    return StoreWatch(kit.store, kit.transactions, {kit.platform.name: kit.platform}, Operators(kit.transactions))


def operator(kit: Kit) -> str:
    return f"dm-{kit.runtime.site().with_role(Role.OPERATOR)[0].id}"


def test_8_24_a_locked_database_is_called_locked_and_the_program_to_end_is_asked_for(locked: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        schema.prepare(locked)
    (line,) = refused.value.faults
    assert "another program holds the database locked" in line
    assert "fuser" in line
    assert not any(word in line for word in WRONG)


def test_8_24_a_full_disk_is_called_full_and_the_sound_database_is_left_alone(disk: Path) -> None:
    before = (disk / "zhiban.db").read_bytes()
    with pytest.raises(ConfigError) as refused:
        schema.prepare(disk / "zhiban.db")
    (line,) = refused.value.faults
    assert "the disk is full" in line
    assert "Make room" in line
    assert not any(word in line for word in WRONG)
    assert (disk / "zhiban.db").read_bytes() == before
    make_room(disk)
    schema.prepare(disk / "zhiban.db")


def test_8_24_a_first_start_on_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as folder:
        config = tmp_path / "zhiban.toml"
        config.write_text(f'data_dir = "{EXAMPLE}"\nstate_dir = "{folder}/state"\n', "utf-8")
        (folder / "state").mkdir(mode=0o700)
        fill(folder)
        command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "the disk is full; make room" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_8_24_a_forbidden_database_is_called_so(database: Path) -> None:
    """Root may read everything, so SQLite is given a folder: it says CANTOPEN as for a file of somebody else."""
    folder = database.with_name("folder")
    folder.mkdir()
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(folder)
    found = trouble_of(caught.value)
    assert found is Trouble.DENIED
    assert "may not open or write" in way_out(found, database)


def test_8_24_a_link_to_a_disk_that_is_not_there_makes_no_fresh_database(database: Path) -> None:
    elsewhere = database.with_name("disk") / "zhiban.db"
    database.unlink()
    database.symlink_to(elsewhere)
    with pytest.raises(ConfigError, match="which is not there; mount that disk"):
        schema.prepare(database)
    assert database.is_symlink()
    assert not elsewhere.exists()


def test_8_24_a_folder_where_the_database_is_to_be_is_called_one(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "WAIT_SECONDS", 0.05)
    database.unlink()
    database.mkdir()
    with pytest.raises(ConfigError, match="is a folder where the database is to be; move it away"):
        schema.prepare(database)


def test_8_24_a_file_in_the_way_of_the_state_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    for folder in (tmp_path / "var", tmp_path / "var" / "deep"):
        with pytest.raises(ConfigError, match="cannot be a folder, a file is in its way"):
            make_private(folder)


def test_8_24_a_backup_that_finds_no_room_says_so_and_leaves_nothing(
    disk: Path, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "zhiban.toml"
    config.write_text(f'data_dir = "{EXAMPLE}"\nstate_dir = "{database.parent}"\n', "utf-8")
    assert main(["backup", "--config", str(config), str(disk / "copy.db")]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{disk / 'copy.db'}: 备份没有做成：{disk / 'copy.db'}: 磁盘满了（{disk} 还剩 ")
    assert "损坏" not in told
    assert sorted(path.name for path in disk.iterdir()) == ["filler", "zhiban.db"]


def test_8_24_a_restore_that_finds_no_room_changes_nothing(
    disk: Path, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "zhiban.toml"
    config.write_text(f'data_dir = "{EXAMPLE}"\nstate_dir = "{disk}"\n', "utf-8")
    before = (disk / "zhiban.db").read_bytes()
    assert main(["restore", "--config", str(config), str(database)]) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert (disk / "zhiban.db").read_bytes() == before
    assert not list(disk.glob("*.restoring"))


async def test_8_24_operators_hear_of_a_full_disk_past_the_outbox_once_and_when_it_is_over(
    kit: Kit, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await kit.store.write(lambda tx: limit_pages(tx, 0))
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        await kit.accept("e1", "字" * 20_000)
    looks = watch(kit)
    assert [await looks.step() for _ in range(3)] == [1, 0, 0]
    (told,) = kit.platform.texts(operator(kit))
    assert "磁盘满了" in told
    assert "不要还原备份" in told
    assert rows(database, "SELECT key FROM outbox") == []
    (line,) = [r.getMessage() for r in caplog.records if "nothing is committed" in r.getMessage()]
    assert "the disk is full" in line
    assert "Make room" in line

    await kit.store.write(lambda tx: limit_pages(tx, 100_000))
    assert await looks.step() == 1
    assert rows(database, "SELECT template FROM outbox") == ["ops/store_up"]
    assert await kit.accept("e1", "字" * 20_000)


async def test_8_24_operators_hear_who_keeps_a_locked_database_shut(
    kit: Kit, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_watch, "PATIENCE", 0.0)
    await kit.sql("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await watch(kit).step() == 1
    other.close()
    (told,) = kit.platform.texts(operator(kit))
    assert "锁住了数据库" in told
    assert "fuser" in told


async def test_8_24_a_lock_of_a_moment_wakes_nobody(kit: Kit, database: Path) -> None:
    await kit.sql("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await watch(kit).step() == 0
    other.close()
    assert kit.platform.got == []


@pytest.mark.parametrize(("free", "told"), [(100, True), (300, False)])
async def test_8_24_a_disk_that_fills_is_told_while_it_can_be_told(
    kit: Kit, database: Path, monkeypatch: pytest.MonkeyPatch, free: int, told: bool
) -> None:
    monkeypatch.setattr(
        os, "statvfs", lambda _path: os.statvfs_result((4096, 4096, 10**6, *[free * 256] * 2, *[0] * 5))
    )
    looks = watch(kit)
    assert [await looks.step(), await looks.step()] == [int(told), 0]
    assert rows(database, "SELECT template FROM outbox") == ["ops/disk_low"] * told


async def test_8_24_the_log_says_a_trouble_once_a_minute_however_many_ask(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await kit.store.write(lambda tx: limit_pages(tx, 0))
    for n in range(50):
        with pytest.raises(StoreUnavailable):
            await kit.accept(f"e{n}", "字" * 20_000)
    assert len(caplog.records) == 1
