"""How long a request waits: no longer than its time-out in all its tries, whatever the server says."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.s3 import pool
from ansible.module_utils.objectstore.s3.pool import (
    BACKOFF_MAX,
    Pool,
    RedirectedError,
    Remaining,
    Retries,
    http_pool,
)
from ansible.module_utils.objectstore.values.model import Connection
from urllib3 import HTTPResponse, PoolManager
from urllib3.exceptions import ProtocolError

CONNECTION = Connection("http://127.0.0.1:9", "a", "s" * 8, timeout=20.0, retries=100)


class Clock:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pool, "time", clock)
    return clock


def retries_of(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> tuple[Retries, Remaining]:
    """What a request is made with."""
    made: list[tuple[Retries, Remaining]] = []

    def urlopen(_self: PoolManager, _method: str, _url: str, _redirect: bool = True, **request: object) -> HTTPResponse:
        made.append((request["retries"], request["timeout"]))  # type: ignore[arg-type]
        return HTTPResponse()

    monkeypatch.setattr(PoolManager, "urlopen", urlopen)
    pool.request("GET", "http://127.0.0.1:9/")
    return made[0]


@pytest.mark.parametrize("asked", [None, "60", "1", "0"])
def test_all_tries_and_pauses_together_end_in_time(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    retries, _ = retries_of(http_pool(CONNECTION), monkeypatch)
    busy = HTTPResponse(status=503, headers={"Retry-After": asked} if asked else {})
    while retries.is_retry("GET", 503, has_retry_after=bool(asked)):
        retries = retries.increment("GET", "/", response=busy)
        retries.sleep(busy)
        clock.now += 0.5
    assert clock.now - 1000.0 <= 20.5
    assert max(clock.pauses) <= BACKOFF_MAX


def test_a_broken_connection_is_tried_again_while_there_is_time(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    retries, _ = retries_of(http_pool(CONNECTION), monkeypatch)
    assert retries.increment("GET", "/", error=ProtocolError("reset")).deadline == 1020.0
    clock.now += 20.0
    with pytest.raises(ProtocolError, match="reset"):
        retries.increment("GET", "/", error=ProtocolError("reset"))


def test_a_try_has_the_time_that_is_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    _, timeouts = retries_of(http_pool(CONNECTION), monkeypatch)
    assert (timeouts.clone().connect_timeout, timeouts.clone().read_timeout) == (10.0, 20.0)
    clock.now += 15.0
    assert (timeouts.clone().connect_timeout, timeouts.clone().read_timeout) == (5.0, 5.0)
    clock.now += 15.0
    assert timeouts.clone().read_timeout == pool.LEAST


def test_header_values_travel_in_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    def urlopen(_self: PoolManager, _method: str, _url: str, _redirect: bool = True, **request: object) -> HTTPResponse:
        seen.update(request["headers"])  # type: ignore[call-overload]
        return HTTPResponse()

    monkeypatch.setattr(PoolManager, "urlopen", urlopen)
    http_pool(CONNECTION).request("GET", "http://127.0.0.1:9/", headers={"Authorization": "Credential=ü-user/日本"})
    assert seen["Authorization"].encode("latin-1").decode("utf-8") == "Credential=ü-user/日本"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    retries, _ = retries_of(http_pool(CONNECTION), monkeypatch)
    answer = HTTPResponse(status=status, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(RedirectedError) as caught:
        retries.increment("GET", "http://127.0.0.1:9/", answer)
    assert caught.value.target == "https://elsewhere.example"
    assert clock.pauses == []
