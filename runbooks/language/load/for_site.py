"""The runbooks of the site that the settings name, for every capability that needs them."""

from bot.settings import Settings
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_commands


def site_catalogue(settings: Settings) -> Catalogue:
    """The shipped runbooks and the site's own; its problems stand in the catalogue, and nothing runs then (fault F83)."""
    return load_commands(settings.data_dir / "runbooks", settings.locale)
