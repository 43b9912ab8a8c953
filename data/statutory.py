"""The public holidays that stand in the law, for years whose yearly notice is not out.

Regulation on Public Holidays for National Festivals and Memorial Days, as amended from 2025-01-01: thirteen days a year. Which
days around them are taken off or worked in exchange (调休) stands only in the notice, which usually comes in November.
"""

from datetime import date, timedelta

FROM = 2025  # the amendment's first year
# 春节 (初一), 清明, 端午 and 中秋 follow the moon or the sun. After the last year only the other days are known.
_MOVING = {
    2025: "01-29 04-04 05-31 10-06",
    2026: "02-17 04-05 06-19 09-25",
    2027: "02-06 04-05 06-09 09-15",
    2028: "01-26 04-04 05-28 10-03",
    2029: "02-13 04-04 06-16 09-22",
    2030: "02-03 04-05 06-05 09-12",
    2031: "01-23 04-05 06-24 10-01",
    2032: "02-11 04-04 06-12 09-19",
    2033: "01-31 04-04 06-01 09-08",
    2034: "02-19 04-05 06-20 09-27",
    2035: "02-08 04-05 06-10 09-16",
    2036: "01-28 04-04 05-30 10-04",
    2037: "02-15 04-04 06-18 09-24",
    2038: "02-04 04-05 06-07 09-13",
    2039: "01-24 04-05 05-27 10-02",
    2040: "02-12 04-04 06-14 09-20",
    2041: "02-01 04-04 06-03 09-10",
    2042: "01-22 04-04 06-22 09-28",
    2043: "02-10 04-05 06-11 09-17",
    2044: "01-30 04-04 05-31 10-05",
    2045: "02-17 04-04 06-19 09-25",
    2046: "02-06 04-04 06-08 09-15",
    2047: "01-26 04-05 05-29 10-04",
    2048: "02-14 04-04 06-15 09-22",
    2049: "02-02 04-04 06-04 09-11",
    2050: "01-23 04-04 06-23 09-30",
}


def festival(day: date) -> str:
    """The festival for which a date is off by law; empty for any other date."""
    if day.year < FROM:
        return ""
    if (day.month, day.day) == (1, 1):
        return "元旦"
    if day.month == 5 and day.day <= 2:
        return "劳动节"
    if day.month == 10 and day.day <= 3:
        return "国庆节"
    return _moving(day)


def _moving(day: date) -> str:
    if day.year not in _MOVING:
        return ""
    spring, *others = (date.fromisoformat(f"{day.year}-{text}") for text in _MOVING[day.year].split())
    if spring - timedelta(days=1) <= day <= spring + timedelta(days=2):  # from the eve to the third day
        return "春节"
    return dict(zip(others, ("清明", "端午", "中秋"), strict=True)).get(day, "")
