"""What the duty desk can do, one folder a capability; this list is the whole of it."""

from bot.durable.routes import Routes
from handlers.help import routes as help_routes

ALL: tuple[Routes, ...] = (help_routes.on,)
