"""Nothing outside the prefix is ever written, and what travels with an object comes back as it was."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.limits import key_problem
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.engine import connection, sync
from tests.support.state import Server
from tests.support.syncing import plant

MIB = 1024 * 1024

#: Characters that something on the way may trim, fold, cut or take for a path.
TEXTS = st.text(st.sampled_from(list(" \t\u00a0.abü%+\\=?&'\"<")), min_size=1, max_size=4)
PREFIXES = st.lists(TEXTS, min_size=1, max_size=3).map("/".join)


def strangers(prefix: str) -> set[str]:
    """Prefixes that somebody could take this one for."""
    forms = {prefix.strip(), prefix.lstrip(), prefix.rstrip(), os.path.normpath(prefix), prefix.replace("\\", "/")}
    return {form.strip("/") for form in forms if form.strip("/.")} - {prefix, prefix.strip("/")}


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(prefix=PREFIXES, number=st.integers(1, 10**9))
def test_other_prefixes_are_as_they_were(minio: Server, bucket: str, tmp_path: Path, prefix: str, number: int) -> None:
    """Eight files are enough to travel as a bundle, which had its prefix in a header."""
    src = plant(tmp_path / "src", {f"f{name}.txt": b"ours" for name in range(8)})
    store = Store(connection(minio))
    theirs = {}
    for name in strangers(f"{number}-{prefix}") | strangers(f" {prefix}{number}"):
        for key in (f"{name}/f0.txt", f"{name}/bundle.tar"):
            if key_problem(key, of_server=store.abilities.key_problem) == "":
                theirs[key] = store.write_object(bucket, key, b"theirs", content_type="text/plain", metadata={})
    for wanted in (f"{number}-{prefix}", f" {prefix}{number}"):
        below = f"{wanted.strip('/')}/"
        usable = not key_problem(f"{below}f0", of_server=store.abilities.key_problem)
        before = {item.key: item.etag for item in store.list_objects(bucket)}
        with nullcontext() if usable else pytest.raises(InvalidInputError, match="use the prefix"):
            sync(store, src, bucket, prefix=wanted)
        after = {item.key: item.etag for item in store.list_objects(bucket)}
        ours = {f"{below}f{name}.txt" for name in range(8)} if usable else set()
        assert {key: etag for key, etag in after.items() if key not in ours} == {
            key: etag for key, etag in before.items() if key not in ours
        }
        assert ours <= set(after)
    assert {key: etag for key, etag in theirs.items() if after.get(key) != etag} == {}


@pytest.mark.parametrize("owner", ["Jürgen", "  not here".strip(), "=?UTF-8?q?J=C3=BCrgen?=", "東京 🌽", "a" * 1900])
def test_metadata_comes_back_as_it_was_for_every_size(minio: Server, bucket: str, tmp_path: Path, owner: str) -> None:
    src = plant(tmp_path / "src", {f"s{name}": b"1" for name in range(8)})
    plant(src, {"whole": os.urandom(MIB), "parts": os.urandom(11 * MIB)})
    options: dict[str, Any] = {"metadata": {"Owner": owner}, "part_size": "5MiB"}
    report = sync(minio, src, bucket, **options)
    assert report.failure == ""
    store = Store(connection(minio))
    seen = {item.key: store.stat_object(bucket, item.key) for item in store.list_objects(bucket, "p/")}
    assert len(seen) == 10
    assert {key: found.metadata for key, found in seen.items() if found} == {key: {"owner": owner} for key in seen}
    assert not sync(minio, src, bucket, **options).changed
