"""Objects that hide others from listings."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.sync.decisions import pair
from ansible.module_utils.objectstore.sync.shadows import Shadows
from ansible.module_utils.objectstore.values.model import LocalFile, RemoteObject


@pytest.mark.parametrize(
    ("local", "listed", "hidden"),
    [
        (["a/b"], ["a"], {"a/b": "a"}),
        (["a/b"], ["a", "a-b", "a.b"], {"a/b": "a"}),
        (["a/b/c", "a/d"], ["a"], {"a/b/c": "a", "a/d": "a"}),
        (["a/b/c"], ["a/b", "a.b"], {"a/b/c": "a/b"}),
        (["ab/c", "a0/b"], ["a"], {}),
        (["a/b"], ["a/a", "a/b"], {}),
        (["a/b"], [], {}),
        (["x/a/b", "x/b/c"], ["x/a", "x/a!", "x/b/c"], {"x/a/b": "x/a"}),
    ],
)
def test_what_lies_below_an_object_is_looked_at(local: list[str], listed: list[str], hidden: dict[str, str]) -> None:
    looked: list[str] = []

    def look(key: str) -> RemoteObject | None:
        looked.append(key)
        return RemoteObject(key, 1, "etag") if key.endswith("b") else None

    files = (LocalFile(key, f"/{key}", 1, 0, 0, 0, 0) for key in sorted(local))
    shadows = Shadows(look)
    seen = {
        item.key: item.target
        for item in shadows.revealed(pair(files, [RemoteObject(key, 1, "") for key in sorted(listed)]))
    }
    assert shadows.hidden == hidden
    assert looked == list(hidden)
    assert all((seen[key] is not None) == key.endswith("b") for key in hidden)
    assert list(seen) == sorted({*local, *listed})
