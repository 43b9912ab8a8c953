"""What the duty desk can do, one folder a capability; this list is the whole of it."""

from bot.work.routes import Routes
from handlers.duty import routes as duty_routes
from handlers.faults import routes as faults_routes
from handlers.help import routes as help_routes
from handlers.triage import routes as triage_routes

ALL: tuple[Routes, ...] = (triage_routes.on, duty_routes.on, faults_routes.on, help_routes.on)
