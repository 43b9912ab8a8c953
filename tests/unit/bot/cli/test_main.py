"""The command line as a whole: what --help loads, what a usage fault looks like, a reader that has seen enough."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import data
from bot.__main__ import COMMANDS, main
from tests.support.paths import EXAMPLE

HEAVY = {
    "aiohttp",
    "alembic",
    "asyncssh",
    "apscheduler",
    "jinja2",
    "openpyxl",
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "yaml",
}
LOADED = """
import sys
from bot.__main__ import main
try:
    main(sys.argv[1:])
except SystemExit:
    print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_loads_nothing_heavy(command: str) -> None:
    words = [command] if command else []
    ran = subprocess.run([sys.executable, "-c", LOADED, *words, "--help"], capture_output=True, text=True, check=True)
    loaded = ran.stdout.rpartition("LOADED")[2].split()
    assert "argparse" in loaded
    assert not HEAVY.intersection(loaded)
    assert "usage: zhiban" in ran.stdout


@pytest.mark.parametrize(
    ("words", "not_needed"),
    [
        (["triage", os.devnull], HEAVY - {"yaml"}),
        (["runbooks", "list"], {"aiohttp", "asyncssh", "apscheduler", "openpyxl", "alembic"}),
        (["roster", "check"], HEAVY - {"jinja2", "pydantic", "yaml"}),  # it says its findings in the locale
        (["backup", "no-such-folder/copy.db"], HEAVY - {"jinja2", "pydantic"}),
    ],
)
def test_a_command_loads_only_what_it_needs(words: list[str], not_needed: set[str]) -> None:
    code = LOADED.replace("except SystemExit:", "finally:")
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    loaded = ran.stdout.rpartition("LOADED")[2].split()
    assert "argparse" in loaded
    assert not_needed.intersection(loaded) == set()


def test_an_unknown_command_is_a_usage_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nope"])
    assert ended.value.code == 2
    assert "nope" in capsys.readouterr().err


def test_a_port_out_of_range_is_a_usage_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--port", "99999"])
    assert ended.value.code == 2
    assert "65535" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run"], ["demo"], ["restore", "copy.db"]])
def test_a_state_folder_that_cannot_be_made_is_one_plain_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("ZHIBAN_STATE_DIR", str(tmp_path / "file" / "state"))
    monkeypatch.setenv("ZHIBAN_DATA_DIR", str(EXAMPLE))
    assert main(words) == 2
    state, (said,) = tmp_path / "file" / "state", capsys.readouterr().err.splitlines()
    assert str(state) in said
    assert "不能当文件夹，那里已有一个文件" in said or said == f"{state}: Not a directory"


def test_an_ascii_terminal_gets_escapes_instead_of_a_traceback() -> None:
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "bot", "runbooks", "list"]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=True, env=bare, cwd=Path(data.__file__).parents[1]
    )
    assert r"/\u91cd\u542f" in ran.stdout


def test_a_reader_that_stops_early_is_no_fault() -> None:
    pipe = f"{sys.executable} -m bot runbooks list | head -n 1"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", pipe], capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("/")
    assert "Traceback" not in ran.stderr
