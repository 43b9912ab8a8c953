"""Nothing that comes in ends in a 500, and well-signed nonsense does not get past the door."""

from collections import Counter
from itertools import islice

from tests.soak.fuzz.feishu import requests
from tests.unit.bot.adapters.feishu.bench import Bench

COUNT = 1500


async def test_no_request_whatever_ends_in_a_500(bench: Bench) -> None:
    statuses: Counter[int] = Counter()
    for _, path, headers, body in islice(requests(3), COUNT):
        status, _ = await bench.fake.post(body, headers, path=path)
        statuses[status] += 1
    assert not [status for status in statuses if status >= 500], statuses
    assert statuses[200] > COUNT / 8
    assert statuses[400] > COUNT / 8
    assert statuses[401] > COUNT / 8
