"""One process on one state folder, which nobody else may look into."""

import os
import stat
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from bot.storage.lock import make_private, only_one


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_8_5_a_deleted_lock_file_lets_nobody_in(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with only_one(state):
        (state / "zhiban.lock").unlink()
        with pytest.raises(ConfigError, match="another Zhiban"):
            only_one(state)
    with only_one(state):
        assert (state / "zhiban.lock").read_text() == str(os.getpid())


def test_8_5_the_folder_and_what_lies_in_it_is_its_owners_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    state.chmod(0o755)
    for name in ("zhiban.db", "zhiban.db-wal"):
        (state / name).write_text("x")
        (state / name).chmod(0o644)
    make_private(state)
    assert (mode(state), mode(state / "zhiban.db"), mode(state / "zhiban.db-wal")) == (0o700, 0o600, 0o600)


def test_8_5_a_folder_that_is_private_is_left_as_it_is(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "shared").write_text("x")
    (state / "shared").chmod(0o640)
    make_private(state)
    assert mode(state / "shared") == 0o640
