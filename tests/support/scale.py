"""How many cases does a generated test try? A bounded number in CI, the whole number with ``ZHIBAN_FULL=1``."""

import os


def cases(bounded: int, full: int) -> int:
    """``bounded`` unless the environment asks for all of them."""
    return full if os.environ.get("ZHIBAN_FULL") else bounded
