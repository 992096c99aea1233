"""What holds for any tree, any bucket and any options: the dry run is the plan, the second run does nothing."""

from __future__ import annotations

import copy
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

from ansible.module_utils.objectstore.files import digests
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.errors import ObjectStoreError
from ansible.module_utils.objectstore.values.naming import KeyNaming
from ansible.module_utils.objectstore.values.selection import Selection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.memory_store import KMS, MemoryStore, Stored
from tests.support.syncing import BUCKET, plant, sync

#: Few and short, so that files and objects meet; with what sorts around ``/``, and two forms of one letter.
COMPONENTS = st.sampled_from(
    ["a", "a.b", "a-", "a0", "b", "b.tif", "B", "%41", "a+b", "\u00e9", "e\u0301", "\U0001f33d"]
)
PATHS = st.lists(COMPONENTS, min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from([b"", b"1", b"2", b"aaaa", b"bbbb", b"0123456789", b"9876543210"])

PATTERN, TEMPLATE = r"(?P<stem>[ab][^/]*)", "{stem:upper}/{path}"

Objects = dict[str, Stored]


@st.composite
def stored(draw: st.DrawFn, contents: st.SearchStrategy[bytes] = CONTENTS) -> Stored:
    """An object as some tool may have left it: whole, in parts of any size, or encrypted."""
    content = draw(contents)
    form = draw(st.sampled_from(["whole", "whole", "parts", "parts", "encrypted", "ours"]))
    serial = draw(st.integers(0, 9))
    if form == "parts":
        cuts = draw(st.sets(st.integers(1, 9), max_size=3))
        edges = [0, *(cut for cut in sorted(cuts) if cut < len(content)), len(content)]
        return Stored(content, tuple(end - start for start, end in pairwise(edges)))
    if form == "ours":
        return Stored(content, (), {"sha256": hashlib.sha256(content).hexdigest()}, encryption=KMS, serial=serial)
    return Stored(content, encryption=KMS if form == "encrypted" else None, serial=serial)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """Paths of which none is a folder of another."""
    least = draw(st.sampled_from([4, 4, 4, 0]))  # what it draws by itself is mostly tiny
    files = draw(st.dictionaries(PATHS, CONTENTS, min_size=least, max_size=9))
    return {path: content for path, content in files.items() if not any(x.startswith(f"{path}/") for x in files)}


KEYS = st.one_of(PATHS.map("p/{}".format), PATHS.map("p2/{}".format), PATHS, st.just("p/a/"))


@st.composite
def buckets(draw: st.DrawFn, files: Mapping[str, bytes]) -> Objects:
    """Objects that anybody left, and some under the keys of files, with their content or another."""
    objects = draw(st.dictionaries(KEYS, stored(), min_size=draw(st.integers(0, 4)), max_size=6))
    for path, content in files.items():
        key = draw(st.sampled_from([path, path, f"{path.rsplit('/', 1)[-1].upper()}/{path}"]))
        if draw(st.integers(0, 3)):
            objects[f"p/{key}"] = draw(stored(st.sampled_from([content, content, content[::-1], content + b"x"])))
    return objects


NAMINGS = st.sampled_from(
    [{}] * 4
    + [
        {"key_pattern": PATTERN, "key_template": template, "unmatched": unmatched}
        for template in (None, TEMPLATE)
        for unmatched in ("skip", "keep", "fail")
    ]
)


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """The module's options, those that decide what happens."""
    return {
        **draw(NAMINGS),
        "existing": draw(st.sampled_from(["replace", "replace", "replace", "keep", "fail"])),
        "compare": draw(st.sampled_from(["content", "content", "size"])),
        "delete": draw(st.sampled_from([True, True, False])),
        "delete_limit": draw(st.sampled_from(["1", "25%", "50%", "100%", "100%", "100%"])),
        "include": draw(st.sampled_from([None, None, ["a*"], ["a/", "*.tif"]])),
        "exclude": draw(st.sampled_from([None, None, ["*.tif"], ["a/"]])),
        "recurse": draw(st.sampled_from([True, True, True, False])),
        "part_size": draw(st.sampled_from([3, 64])),
    }


@dataclass
class World:
    """A source folder and a store, of which runs get copies."""

    src: Path
    store: MemoryStore
    options: Mapping[str, Any]

    def run(self, *, check: bool = False, **more: Any) -> Report | str:
        """The report, or the refusal's text."""
        try:
            return sync(self.store, self.src, check=check, log_unchanged=True, **self.options, **more)
        except ObjectStoreError as error:
            return str(error)

    def copy(self) -> World:
        objects = copy.deepcopy(self.store.buckets)
        return World(self.src, MemoryStore(objects, kms=self.store.kms, bundles=self.store.bundles), self.options)


def told(report: Report | str) -> Any:
    """What a dry run and a real one must agree on."""
    if isinstance(report, str):
        return report
    shown = [{name: entry[name] for name in ("key", "action", "reason", "size")} for entry in report.returns["objects"]]
    counts = {name: value for name, value in report.returns.items() if name not in ("objects", "seconds")}
    return shown, counts, report.changed, report.diff, report.failure


@dataclass
class Reading:
    """The options read in an own and simpler way: what each file becomes, and which objects may go."""

    world: World

    @cached_property
    def selection(self) -> Selection:
        get = self.world.options.get
        return Selection(tuple(get("include") or ()), tuple(get("exclude") or ()))

    @cached_property
    def naming(self) -> KeyNaming:
        get = self.world.options.get
        return KeyNaming(get("key_pattern"), get("key_template"))

    def files(self, *, meant: bool) -> dict[str, bytes]:
        """Key -> content of the files that are meant, or of those that include and exclude leave out."""
        found = {}
        for path in self.world.src.rglob("*"):
            name = path.relative_to(self.world.src).as_posix()
            flat = self.world.options["recurse"] or "/" not in name
            if path.is_file() and flat and self.selection.selects(name) is meant:
                keep = self.world.options.get("unmatched") == "keep"
                key = self.naming.key_for(name) or (name if keep else None)
                if key is not None:
                    found[f"p/{key}"] = path.read_bytes()
        return found

    def removable(self, key: str) -> bool:
        if not key.startswith("p/") or key.endswith("/") or not self.world.options["delete"]:
            return False
        below, hidden = key[2:], self.world.options.get("key_template") is not None
        return (
            key not in self.files(meant=True)
            and self.selection.selects(below)
            and (not self.world.options.get("key_pattern") or self.naming.groups(below) is not None)
            and (hidden or self.world.options["recurse"] or "/" not in below)
            and not (hidden and key in self.files(meant=False))
        )


def check_bucket(world: World, before: Objects, report: Report) -> None:
    """The bucket is what the source says where the options allow it, and else what it was."""
    after, reading = world.store.buckets[BUCKET], Reading(world)
    meant = reading.files(meant=True)
    kept = {entry["key"] for entry in report.returns["objects"] if entry["action"] in ("keep", "adopt")}
    certain = world.options["compare"] == "content" and world.options["existing"] == "replace"
    for key, content in meant.items():
        if key in kept:
            assert after[key] == before[key]
            unknown = before[key].encryption and not before[key].metadata
            assert after[key].content == content or unknown or not certain, f"{key} was taken as unchanged"
        else:
            assert after[key].content == content
    assert {key for key in before if key not in after} == {key for key in before if reading.removable(key)}
    assert {key for key in after if key not in before} <= meant.keys()
    assert all(after[key] == before[key] for key in after if key in before and key not in meant)


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, bytes], Objects, dict[str, Any]]:
    files = draw(trees())
    return files, draw(buckets(files)), draw(options())


@given(situation=situations(), kms=st.booleans(), bundles=st.booleans(), shards=st.integers(2, 4))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_a_dry_run_is_the_plan_the_real_run_carries_it_out_and_a_second_run_does_nothing(
    situation: tuple[dict[str, bytes], Objects, dict[str, Any]], kms: bool, bundles: bool, shards: int
) -> None:
    files, objects, chosen = situation
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(digests, "RACY_NS", 0):
        src, cache = plant(Path(folder) / "src", files), f"{folder}/cache"
        world = World(src, MemoryStore({BUCKET: dict(objects)}, kms=kms, bundles=bundles), chosen)
        parallel = world.copy()

        dry = world.run(check=True)
        assert world.store.writes == []
        assert world.store.buckets[BUCKET] == objects
        real = world.run(digest_cache=cache)
        assert told(real) == told(dry)

        shared = [parallel.run(shard={"index": index, "count": shards}) for index in range(shards)]
        if isinstance(real, str):
            assert world.store.writes == []
            assert world.store.buckets[BUCKET] == objects
            assert any(isinstance(report, str) for report in shared)
            return
        assert not any(isinstance(report, str) for report in shared)
        assert parallel.store.contents(BUCKET) == world.store.contents(BUCKET)
        together = sorted(str(entry) for report in shared for entry in told(report)[0])
        assert together == sorted(map(str, told(real)[0]))

        assert real.failure == ""
        check_bucket(world, objects, real)
        world.store.writes.clear()
        for options_of_run in ({"digest_cache": cache}, {}):
            again = world.run(**options_of_run)
            assert isinstance(again, Report)
            assert not again.changed
            assert (again.returns["uploaded"], again.returns["deleted"], world.store.writes) == (0, 0, [])
