"""How a bug is put into the log: its type and where it happened, never the values (message bodies stay out of logs)."""

import traceback


def where(error: BaseException) -> str:
    """``ValueError at faults/store.py:41 open_ticket < faults/routes.py:20 report``."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = [f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in reversed(frames)]
    return f"{type(error).__name__} at {' < '.join(places)}"
