"""Chinese numerals in dates: 十二月三日 is 12月3日, 二〇二六年 is 2026年."""

import re

_DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONES = "".join(_DIGITS)
_NUMERAL = re.compile(rf"[{_ONES}十]+(?=[年月日号])|^(?:十[一二]?|[一二三四五六七八九])$")
_TENS = re.compile(rf"([{_ONES}]?)十([{_ONES}]?)")


def in_digits(text: str) -> str:
    """The text with the numerals before 年, 月, 日 and 号 as digits, and as one where it is nothing but a month's numeral."""
    return _NUMERAL.sub(lambda match: _number(match[0]), text)


def _number(numeral: str) -> str:
    """``二十三`` is 23, ``二〇二六`` 2026; what is no such number stays as it is."""
    tens = _TENS.fullmatch(numeral)
    if tens:
        return str(_DIGITS.get(tens[1], 1) * 10 + _DIGITS.get(tens[2], 0))
    return numeral if "十" in numeral else "".join(str(_DIGITS[sign]) for sign in numeral)
