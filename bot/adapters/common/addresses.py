"""Where a web address in a plain text ends: not with the sentence's stop, nor with the bracket in which it stands."""

import re

_INSIDE = r"A-Za-z0-9\-_~/#@$*+=%"
_STOPS = r".:?!',;"  # at the end they are the sentence's


def pattern(ampersand: str = "&") -> re.Pattern[str]:
    """One group, the address; ``ampersand``: how the sign is written in the text. A bracket belongs to it with its opening one."""
    sign = rf"(?:[{_INSIDE}{_STOPS}]|{ampersand})"
    pair = rf"\({sign}*\)"
    return re.compile(rf"(https?://(?:{sign}|{pair})*(?:[{_INSIDE}]|{pair}))")
