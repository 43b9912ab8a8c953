"""What is peculiar to an account on a host, as hosts.yaml says it; a word that is none is told with its line."""

import shutil
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from data.load.site import load_site
from data.model import PLAIN, AccountTraits
from runbooks.planning.plan import target_of
from tests.support.paths import EXAMPLE

OA3 = "  oa3: {"


def written(folder: Path, traits: str) -> Path:
    shutil.copytree(EXAMPLE, folder / "data")
    path = folder / "data" / "hosts.yaml"
    text = path.read_text("utf-8")
    assert OA3 in text
    path.write_text(text.replace(OA3, f"{OA3}{traits}, "), "utf-8")
    return folder / "data"


def test_8_20_traits_reach_the_target(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, "login: [csh, profile], environment: [JAVA_HOME], encoding: gbk"))
    wanted = AccountTraits(("csh", "profile"), ("JAVA_HOME",), "gbk")
    assert target_of(site.hosts["oa3"]).account == wanted
    assert target_of(site.hosts["oa4"]).account == PLAIN


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ("login: [tcsh]", "login: tcsh is none of noisy, csh, profile"),
        ("environment: ['JAVA HOME']", "environment: JAVA HOME is no name of a variable"),
        ("encoding: gkb", "encoding: gkb is not known; write gbk"),
        ("encoding: base64", "encoding: base64 is not known; write gbk"),
        ("web: 19.160.4.22:6888", "web: 19.160.4.22:6888 is neither an IP address nor a host name"),
    ],
)
def test_8_20_a_word_that_is_none_is_told(tmp_path: Path, traits: str, words: str) -> None:
    with pytest.raises(ConfigError, match=r"hosts\.yaml") as caught:
        load_site(written(tmp_path, traits), locale="en")
    assert words in str(caught.value)
