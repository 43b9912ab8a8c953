"""The command line as a whole: what --help loads, what a usage fault looks like, a reader that has seen enough."""

import subprocess
import sys

import pytest

from bot.__main__ import COMMANDS, main

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


def test_an_unknown_command_is_a_usage_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nope"])
    assert ended.value.code == 2
    assert "nope" in capsys.readouterr().err


def test_a_reader_that_stops_early_is_no_fault() -> None:
    pipe = f"{sys.executable} -m bot runbooks list | head -n 1"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", pipe], capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("/")
    assert "Traceback" not in ran.stderr
