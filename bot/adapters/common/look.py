"""The look that every page of the service shares: the style sheet with its colours and sizes, and the icon."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "look"
LOOK = {name: _FOLDER / name for name in ("theme.css", "icon.svg")}
