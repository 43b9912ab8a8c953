"""A second ``zhiban demo`` on the folder of one that runs is refused before it touches anything of the first."""

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.storage.lock import only_one


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_8_23_a_second_demo_leaves_the_servers_of_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIBAN_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state" / "fleet").mkdir(parents=True)
    (tmp_path / "state" / "fleet" / "known_hosts").write_text("the keys of the servers that run\n")
    with only_one(tmp_path / "state"):
        before = files(tmp_path)
        assert main(["demo", "--port", "0"]) == 2
        assert files(tmp_path) == before
    assert "另一个值班程序（进程 " in capsys.readouterr().err
