"""``zhiban slack-manifest``: the app as Slack wants it described, to paste into "From a manifest"."""

import argparse
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.adapters.slack.settings import PATH, SlackSettings
from bot.capabilities import build_all, routes_of
from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.core.menu import MenuItem, offered
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from data.load.site import load_site

TITLE = "Zhiban 值班"
_ALWAYS = ("app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:history", "im:write")
_HISTORY = ("channels:history", "groups:history")
_EVENTS = ("app_mention", "message.im")
_MESSAGES = ("message.channels", "message.groups")
_MOST_COMMANDS = 50  # of one app (manifest schema)
# Slack's own: nobody may register them. Behind the umbrella command ours are still there.
_BUILT_IN = frozenset(
    {
        *("archive", "away", "call", "collapse", "dm", "dnd", "expand", "feed", "help", "huddle", "invite", "join"),
        *("kick", "leave", "me", "msg", "mute", "open", "prefs", "remind", "remove", "rename", "search", "shortcuts"),
        *("shrug", "star", "status", "topic", "unarchive", "who"),
    }
)


def main(args: argparse.Namespace) -> int:
    """0 the manifest as JSON; 2 settings that do not say where Slack reaches us."""
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS, in_use=False)
        wired = args.socket or settings.section(SlackSettings).app_token is not None
        if not wired and not settings.server.public_url.startswith("https://"):
            raise ConfigError(
                ["server.public_url: Slack needs an https address; write one, or use --socket for Socket Mode"]
            )
        capabilities = build_all(settings)
        faults = [fault for one in capabilities for check in one.checks for fault in check.find(None).problems]
        if faults:
            raise ConfigError(faults)
        routes = routes_of(capabilities)
        commands = [] if args.only_umbrella else _offered(settings, routes.commands.values())
        print(json.dumps(manifest(settings, commands, socket=wired), ensure_ascii=False, indent=2))
    except ConfigError as error:
        return refused(error, settings)
    return 0


def _offered(settings: Settings, menu: Iterable[MenuItem]) -> list[MenuItem]:
    """What can be run in this organisation, with words of its own; all of it as it is written where its data cannot be read."""
    free = [item for item in menu if item.verb not in _BUILT_IN]
    try:
        site = load_site(settings.data_dir, None, settings.timezone, with_roster=False)
    except ConfigError:
        return free
    return list(offered(free, site, datetime.now(UTC)))


def manifest(settings: Settings, commands: Sequence[MenuItem], *, socket: bool) -> dict[str, Any]:
    """The umbrella command and ``commands`` by their own names, the scopes and events that ``slack.hears`` needs."""
    slack = settings.section(SlackSettings)
    url = {} if socket else {"url": settings.server.public_url.rstrip("/") + PATH}
    request = {} if socket else {"request_url": url["url"]}
    hears_all = slack.hears == "all"
    slash = [
        {
            "command": slack.command,
            "description": "值班：/help 看有哪些命令",
            "usage_hint": "help",
            "should_escape": True,
            **url,
        },
        *({**_command(item), **url} for item in commands[: _MOST_COMMANDS - 1]),
    ]
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": TITLE, "description": "报障、响应时限、升级、值班表、运维命令"},
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": slack.name, "always_online": True},
            "slash_commands": slash,
        },
        "oauth_config": {"scopes": {"bot": sorted((*_ALWAYS, *(_HISTORY if hears_all else ())))}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted((*_EVENTS, *(_MESSAGES if hears_all else ()))), **request},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def _command(item: MenuItem) -> dict[str, Any]:
    hint = {"usage_hint": item.usage} if item.usage else {}
    return {"command": f"/{item.verb}", "description": f"值班 {item.alias}", "should_escape": True, **hint}
