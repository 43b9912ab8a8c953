"""Where the tests find the project and their own data."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
EXAMPLE = ROOT / "data" / "example"
INPUTS = TESTS / "data"
