"""How many requests are under way: as many as were asked for, fewer where the server says so, and then more again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.trees import fetching, retrying
from ansible.module_utils.objectstore.trees.allowance import Allowance
from ansible.module_utils.objectstore.trees.gate import Gate
from ansible.module_utils.objectstore.values.errors import BusyError
from hypothesis import given
from hypothesis import strategies as st

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, copy, fetch, plant, sync, tree


def test_a_crowd_is_halved_once_and_each_further_crowd_again() -> None:
    allowance = Allowance(16)
    crowd = allowance.crowd
    for _ in range(16):  # each of them is told the same
        allowance.slowed(crowd)
    assert allowance.room == 8
    for room in (4, 2, 1, 1, 1):
        allowance.slowed(allowance.crowd)
        assert allowance.room == room


def test_a_crowd_of_answers_makes_room_for_one_more() -> None:
    allowance = Allowance(6)
    allowance.slowed(allowance.crowd)
    rooms = [allowance.room]
    while allowance.room < 6:
        allowance.answered()
        rooms.append(allowance.room)
    assert [rooms.count(room) for room in (3, 4, 5)] == [4, 4, 6]
    allowance.answered()
    assert allowance.room == 6


@given(most=st.integers(1, 64), told=st.lists(st.sampled_from(["slowed", "late", "answered"]), max_size=200))
def test_there_is_always_room_for_one_and_never_for_more_than_was_asked_for(most: int, told: list[str]) -> None:
    allowance = Allowance(most)
    for what in told:
        if what == "answered":
            allowance.answered()
        else:
            allowance.slowed(allowance.crowd - (what == "late"))
        assert 1 <= allowance.room <= most


class Busy:
    """A hook of the store: more requests than ``takes`` at a time are too many. ``refused`` counts those."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.inside = self.refused = 0
        self._lock = threading.Lock()

    def __call__(self, verb: str, _key: str) -> None:
        if verb not in ("send_file", "send_part", "fetch_object"):
            return
        with self._lock:
            self.inside += 1
            refused = self.inside > self.takes
            self.refused += refused
        time.sleep(0.002)
        with self._lock:
            self.inside -= 1
        if refused:
            raise BusyError("ask", "reduce your request rate (SlowDown)")


def test_who_steps_aside_leaves_room_and_comes_back_to_less() -> None:
    gate, inside, seen = Gate(4), [0], []
    lock = threading.Lock()

    def work(slowed: bool) -> None:
        with gate:
            if slowed:
                gate.step_aside(0.001, slowed=True)
            with lock:
                inside[0] += 1
                seen.append(inside[0])
            time.sleep(0.001)
            with lock:
                inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [True] * 4 + [False] * 12))
    assert len(seen) == 16
    assert max(seen) <= 4


def test_who_does_not_wait_goes_in_where_there_is_room() -> None:
    gate = Gate(1)
    with gate.if_room() as first, gate.if_room() as second:
        assert (first, second) == (True, False)
    with gate.if_room() as third:
        assert third


_FILES = {f"f{number:02}": bytes([number]) * 8 for number in range(60)}


class BusyStore(MemoryStore):
    """A store whose reading requests are counted and refused, too."""

    busy: Callable[[str, str], object] = staticmethod(lambda *_: None)

    def fetch_object(self, bucket: str, key: str, **named: object) -> None:  # type: ignore[override]
        self.busy("fetch_object", key)
        super().fetch_object(bucket, key, **named)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.004)


@pytest.mark.parametrize("part_size", [64, 4])
def test_uploads_wait_for_a_busy_server(tmp_path: Path, part_size: int) -> None:
    busy = Busy(takes=3)
    store = MemoryStore({BUCKET: {}}, before=busy)
    assert sync(store, plant(tmp_path, _FILES), part_size=part_size, workers=16, retries=8).failure == ""
    assert store.contents(BUCKET) == {f"p/{name}": content for name, content in _FILES.items()}


def test_fetches_wait_for_a_busy_server(tmp_path: Path) -> None:
    store = BusyStore({BUCKET: {}})
    for name, content in _FILES.items():
        store.put(BUCKET, f"p/{name}", content)
    store.busy = Busy(takes=1)
    assert fetch(store, tmp_path, workers=4, retries=8).failure == ""
    assert tree(tmp_path) == _FILES


def test_helpers_of_a_large_object_do_not_wait_for_who_waits_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "STRETCH", 40)
    monkeypatch.setattr(fetching, "RESUMED_FROM", 1)
    store, content = BusyStore({BUCKET: {}}), bytes(range(240))
    for name in "abc":
        store.put(BUCKET, f"p/{name}", content, parts=[20] * 12)
    store.busy = Busy(takes=1)
    assert fetch(store, tmp_path, workers=6, retries=12).failure == ""
    assert tree(tmp_path) == dict.fromkeys("abc", content)


def test_copies_wait_for_a_busy_server() -> None:
    there, here = BusyStore({BUCKET: {}}), MemoryStore({"other": {}}, before=Busy(takes=3))
    for name, content in _FILES.items():
        there.put(BUCKET, f"p/{name}", content)
    assert copy((there, here), same_store=False, dest_bucket="other", workers=16, retries=8).failure == ""
    assert len(here.contents("other")) == len(_FILES)


def test_a_server_that_takes_few_is_asked_less_with_a_gate_than_with_patience_alone(tmp_path: Path) -> None:
    """The gate learns: far fewer requests are refused than there are waits without it."""
    busy = Busy(takes=2)
    store = MemoryStore({BUCKET: {}}, before=busy)
    assert sync(store, plant(tmp_path, _FILES), workers=16, retries=8).failure == ""
    assert busy.refused < len(_FILES)
