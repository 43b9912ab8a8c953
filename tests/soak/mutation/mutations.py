"""One mutation: a guard that is taken away."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """``old`` stands once in ``path`` and becomes ``new``; ``tests`` are given to pytest."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]
