"""The worker that carries runs out, as a test drives it by hand."""

from bot.app import App
from runbooks.runs.worker import Runner


def runner(app: App) -> Runner:
    """The service's own runner."""
    return next(worker for worker in app.workers if isinstance(worker, Runner))
