"""The files of a run in the state folder: its whole output, and what was downloaded."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.core.content import Attachment
from bot.core.redact import masked
from runbooks.planning.outcome import StepResult
from runbooks.planning.plan import Plan
from runbooks.runs.run import Run


async def keep_output(state_dir: Path, run: Run, plan: Plan, results: Sequence[StepResult]) -> tuple[Attachment, ...]:
    """The whole output as ``<state_dir>/runs/R17.txt`` and what was downloaded beside it; nothing when nothing was said."""
    parts = [
        f"# {place}. {step.target.id}: {step.title.en}\n{result.output.rstrip()}\n"
        for place, (step, result) in enumerate(zip(plan.steps, results, strict=False), 1)
        if result.output.strip()
    ]
    found = [(f"{run.name}.txt", "\n".join(parts).encode())] if parts else []
    found += [(f"{run.name}-{Path(name).name}", masked(data)) for result in results for name, data in result.files]
    for name, data in found:
        await asyncio.to_thread(write_file, state_dir / "runs" / name, data)
    return tuple(Attachment(name, f"runs/{name}") for name, _ in found)


async def with_files(state_dir: Path, run: Run, results: Sequence[StepResult]) -> list[StepResult]:
    """The results with what was downloaded, read back from the state folder; a file that is gone is left out."""
    return [replace(result, files=await asyncio.to_thread(_read, state_dir, run, result)) for result in results]


def _read(state_dir: Path, run: Run, result: StepResult) -> tuple[tuple[str, bytes], ...]:
    paths = {name: state_dir / "runs" / f"{run.name}-{Path(name).name}" for name, _ in result.files}
    return tuple((name, path.read_bytes()) for name, path in paths.items() if path.is_file())


def write_file(path: Path, data: bytes) -> None:
    """A file of a run, for the service's own group to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o640)
    path.write_bytes(data)
