"""Small objects are copied several at a time, asked for before the first has come; others alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from ansible.module_utils.objectstore.trees import retrying, together, ways
from ansible.module_utils.objectstore.values.errors import BusyError
from ansible.module_utils.objectstore.values.model import ObjectToRead

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, copy


class Asked(MemoryStore):
    """Remembers what was asked for ahead, and may ``replace`` an object before it is copied."""

    def __init__(self) -> None:
        super().__init__({BUCKET: {}})
        self.ahead: list[list[str]] = []
        self.replace = ""

    def copy_ahead(self, _bucket: str, copies: Iterable[tuple[str, tuple[str, str], str]]) -> None:
        self.ahead.append([key for key, _, _ in copies])
        if self.replace:
            self.put(BUCKET, self.replace, b"another")
            self.replace = ""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(ways, "SMALL", 10)
    monkeypatch.setattr("ansible.module_utils.objectstore.trees.copying.SMALL", 10)


@pytest.fixture
def store() -> Asked:
    made = Asked()
    for number in range(40):
        made.put(BUCKET, f"p/s{number:02}", b"%d" % number)
    made.put(BUCKET, "p/large", bytes(11))
    made.put(BUCKET, "p/parts", b"1234", parts=[2, 2])
    return made


def copied(store: MemoryStore) -> dict[str, bytes]:
    return {key[2:]: content for key, content in store.contents(BUCKET).items() if key.startswith("q/")}


def kept(store: MemoryStore) -> dict[str, bytes]:
    return {key[2:]: content for key, content in store.contents(BUCKET).items() if key.startswith("p/")}


def test_small_ones_come_together_and_others_alone(store: Asked) -> None:
    assert copy((store, store), same_store=True).failure == ""
    assert copied(store) == kept(store)
    assert sorted(map(len, store.ahead)) == [8, 16, 16]
    assert {key for keys in store.ahead for key in keys} == {f"q/s{number:02}" for number in range(40)}


def test_one_that_is_replaced_meanwhile_is_copied_as_it_is_then(store: Asked) -> None:
    store.replace = "p/s03"
    report = copy((store, store), same_store=True)
    assert report.failure == ""
    assert report.returns["copied"] == 42
    assert copied(store) == kept(store)
    assert copied(store)["s03"] == b"another"


def test_a_busy_server_is_asked_again(store: Asked) -> None:
    left = [5]

    def before(verb: str, _key: str) -> None:
        if verb == "copy_object" and left[0]:
            left[0] -= 1
            raise BusyError("copy", "reduce your request rate (SlowDown)")

    store.before = before
    assert copy((store, store), same_store=True, workers=1, retries=5).failure == ""
    assert copied(store) == kept(store)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([], []), ([1], [[1]]), ([1, 9, 2], [[9], [1, 2]]), ([1] * 17, [[1] * 16, [1]])],
)
def test_batches(sizes: list[int], expected: list[list[int]]) -> None:
    items = [ObjectToRead("k", "k", size, "") for size in sizes]
    found = together.together(items, lambda item: item.size < 5)
    assert [[item.size for item in batch] for batch in found] == expected
