"""Who we are in Slack: workspace, organisation, bot user; asked by ``auth.test`` and needed to know what is for us."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from bot.adapters.common.ingress import BadRequest
from bot.adapters.slack.api import Api
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
AGAIN_SECONDS = 10.0  # after an auth.test that failed
LOOK_SECONDS = 3600.0  # between two looks at a token that is good


@dataclass(frozen=True, slots=True)
class Names:
    """What is known so far; empty where nothing is."""

    team: str = ""
    enterprise: str | None = None
    user: str = ""


class Tenant:
    """The workspace that the app serves: ``slack.team_id``, or the one that the token belongs to."""

    def __init__(self, api: Api, team_id: str) -> None:
        self._api = api
        self._pinned = team_id
        self.names = Names(team_id)
        self._asked = False

    async def run(self) -> None:
        """Ask until it answers, then look every hour whether the token still is good."""
        while True:
            pause = await self.ask()
            await asyncio.sleep(pause)

    async def ask(self) -> float:
        """Learn who we are; the seconds until it is to be asked again. What comes in meanwhile is taken in all the same."""
        try:
            answer = await self._api.call("auth.test")
        except (Temporary, Rejected) as error:
            log.error("slack: auth.test failed: %s", error.reason)
            return max(AGAIN_SECONDS, (error.retry_after if isinstance(error, Temporary) else None) or 0.0)
        team = str(answer.get("team_id", ""))
        if self._pinned not in {"", team}:
            log.error("slack: the token belongs to %s, but slack.team_id says %s", team, self._pinned)
        enterprise = answer.get("enterprise_id")
        self.names = Names(
            self._pinned or team, str(enterprise) if enterprise else None, str(answer.get("user_id", ""))
        )
        self._asked = True
        return LOOK_SECONDS

    def check(self, payload: dict[str, Any]) -> None:
        """Refuse what comes from another workspace or organisation (bad input S31). Raises ``BadRequest`` 403.

        A payload that names none is signed with our secret all the same (an app of a whole organisation, ``ssl_check``).
        In a channel that another organisation hosts (Slack Connect), an event is told in that one's name: there whom it was
        delivered for counts, and what is not for us is dropped with 200, since Slack gives up on who refuses most of an hour's.
        """
        shared = payload.get("is_ext_shared_channel") is True
        if shared and self._delivered_for_us(payload):
            return
        team, enterprise = _origin(payload)
        other_team = self.names.team and team not in {None, self.names.team}
        other_house = self._asked and enterprise and enterprise != self.names.enterprise
        if other_team or other_house:
            raise BadRequest(200 if shared else 403, "wrong_tenant")

    def account(self, payload: dict[str, Any], said: dict[str, Any], user: str) -> str:
        """The account that speaks; of another organisation's people its id before theirs, so that they are nobody of ours.

        Something that is no id of a workspace proves nothing, and so it is no proof that somebody is ours.
        """
        shared = payload.get("is_ext_shared_channel") is True
        profile = said.get("user_profile")
        told = [
            said.get("user_team"),
            said.get("source_team"),
            profile.get("team") if isinstance(profile, dict) else None,
        ]
        told += [said.get("team"), payload.get("team_id") if shared else None]
        team = next((one for one in told if one not in (None, "")), None)
        if self.names.enterprise and not shared:  # its workspaces share their people, whose ids are unique in all of it
            return user
        ours = [self.names.team] if self.names.team else _delivered_for(payload)
        if team is None or not (ours or shared):
            return user
        if isinstance(team, str) and team in {*ours, self.names.enterprise}:
            return user
        return f"{team if isinstance(team, str) else '?'}/{user}"

    def _delivered_for_us(self, payload: dict[str, Any]) -> bool:
        """Whether our workspace is among those for whom Slack delivered the event; before we know ours, any."""
        teams = _delivered_for(payload)
        return bool(teams) and (not self.names.team or self.names.team in teams)


def _delivered_for(payload: dict[str, Any]) -> list[str]:
    """The workspaces for whose installation of the app an event was delivered (Slack sheet 2)."""
    given = payload.get("authorizations")
    teams = [one.get("team_id") for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [team for team in teams if isinstance(team, str)]


def _origin(payload: dict[str, Any]) -> tuple[str | None, str | None]:
    """(team id, organisation id) of an event or a command, or of a button's payload."""
    team, user, enterprise = payload.get("team"), payload.get("user"), payload.get("enterprise")
    if isinstance(team, dict):
        found = team.get("id")
    elif isinstance(user, dict):
        found = user.get("team_id")
    else:
        found = payload.get("team_id")
    above = enterprise.get("id") if isinstance(enterprise, dict) else payload.get("enterprise_id")
    return _id(found), _id(above)


def _id(value: Any) -> str | None:
    """Something that is no id matches none of ours."""
    return value if isinstance(value, str) or value is None else "?"
