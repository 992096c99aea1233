"""Documents: written over what was seen and nothing else, many at a time, and named in a diff."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ansible.module_utils.objectstore.manifests.document import (
    Document,
    DocumentStore,
    Seen,
    StoredAt,
    apply_documents,
    plan_documents,
    read_document,
    read_folder,
)
from ansible.module_utils.objectstore.values.errors import ConflictError, ObjectStoreError, UnsupportedError

from tests.support.memory_store import MemoryStore

PLACE = StoredAt.of("b", "index.json")


class Older(MemoryStore):
    """A server that does not take a condition."""

    def write_object(self, bucket: str, key: str, content: bytes, **options: Any) -> str:
        if options.get("expected") is not None:
            raise UnsupportedError(f"write {bucket}/{key}", "a header implies something that is not implemented")
        return super().write_object(bucket, key, content, **options)


def store(**objects: bytes) -> MemoryStore:
    made = MemoryStore(buckets={"b": {}})
    for key, content in objects.items():
        made.put("b", f"{key}.json", content)
    return made


def write(to: MemoryStore, pairs: list[Seen]) -> list[str]:
    """What was done."""
    plan = plan_documents("documents", pairs)
    return [action.subject for action in apply_documents(cast("DocumentStore", to), plan, pairs)]


def seen(to: MemoryStore, content: bytes | None = b"ours") -> list[Seen]:
    document = Document(PLACE, content)
    return [(document, read_document(to, document))]


@pytest.mark.parametrize("before", [{}, {"index": b"old"}])
def test_what_somebody_else_wrote_since_is_not_overwritten(before: dict[str, bytes]) -> None:
    to = store(**before)
    pairs = seen(to)
    to.put("b", PLACE.key, b"theirs")
    with pytest.raises(ConflictError):
        write(to, pairs)
    assert to.contents("b") == {PLACE.key: b"theirs"}


def test_the_same_written_by_somebody_else_or_by_a_lost_try_is_no_conflict() -> None:
    to = store()
    pairs = seen(to)
    to.put("b", PLACE.key, b"ours")
    assert write(to, pairs) == ["b/index.json"]


def test_a_server_without_conditions_is_written_to_without_one() -> None:
    to = Older(buckets={"b": {}})
    assert write(to, seen(to)) == ["b/index.json"]
    assert to.contents("b") == {PLACE.key: b"ours"}


def folder(to: MemoryStore, contents: dict[str, bytes], *, disposable: bool = False) -> list[Seen]:
    wanted = [Document(StoredAt.of("b", f"f/{name}.json"), text, folder="f/") for name, text in contents.items()]
    return read_folder(to, "b", "f/", wanted, disposable=lambda key: disposable and key.endswith(".json"))


def test_of_many_only_those_that_differ_are_read_written_or_removed() -> None:
    to = store()
    for name, content in {"same": b"1", "changed": b"2", "left": b"3"}.items():
        to.put("b", f"f/{name}.json", content)
    to.put("b", "f/notes.txt", b"not ours")
    pairs = folder(to, {"same": b"1", "changed": b"new", "new": b"4"}, disposable=True)
    plan = plan_documents("documents", pairs)
    assert [(action.verb, action.subject) for action in plan.actions] == [
        ("update", "b/f/changed.json"),
        ("create", "b/f/new.json"),
        ("remove", "b/f/left.json"),
    ]
    assert plan.diff() == [
        {
            "before_header": "f/",
            "after_header": "f/",
            "before": "b/f/changed.json\nb/f/left.json\n",
            "after": "b/f/changed.json  (changed)\nb/f/new.json\n",
        }
    ]
    assert write(to, pairs) == [action.subject for action in plan.actions]
    assert to.contents("b") == {
        "f/same.json": b"1",
        "f/changed.json": b"new",
        "f/new.json": b"4",
        "f/notes.txt": b"not ours",
    }
    assert write(to, folder(to, {"same": b"1"})) == [], "nothing is removed unless that is asked for"


def test_those_of_folders_are_written_before_others_and_a_failure_keeps_the_others_from_being_written() -> None:
    to = store()
    pairs = [*folder(to, {"a": b"1", "b": b"2"}), *seen(to)]
    assert write(to, pairs)[-1] == "b/index.json"

    def refuse(verb: str, key: str) -> None:
        if key == "f/bad.json":
            raise ObjectStoreError(f"write b/{key}", "the disk is full")

    to = store()
    to.before = refuse
    done: list[str] = []
    pairs = [*folder(to, {"good": b"1", "bad": b"2"}), *seen(to)]
    plan = plan_documents("documents", pairs)
    with pytest.raises(ObjectStoreError, match="the disk is full"):
        done.extend(action.subject for action in apply_documents(cast("DocumentStore", to), plan, pairs))
    assert done == ["b/f/good.json"]
    assert PLACE.key not in to.contents("b")
