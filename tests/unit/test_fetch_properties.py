"""What holds for any bucket, folder and options of a fetch: the dry run is the plan, the second run does nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
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

from tests.support.memory_store import MemoryStore, Stored
from tests.support.syncing import BUCKET, fetch, plant
from tests.unit.test_sync_properties import PATHS, PATTERN, stored, trees

#: Names that no file below a folder can have, and such as are only odd.
EVIL = [
    "../x",
    "a/../../x",
    "/x",
    "/etc/x",
    "a//b",
    "./a",
    "a/.",
    "..",
    "nul\0",
    "L" * 256,
    "link/x",
    "link",
    "a\\..\\x",
]
NAMES = st.one_of(PATHS, PATHS, PATHS, st.sampled_from(EVIL))
FLAT = "{filename}"

Objects = dict[str, Stored]


def tree(folder: Path) -> dict[str, bytes]:
    """Path -> content of every regular file, without following links."""
    found = {}
    for above, _, names in os.walk(folder):
        for name in names:
            path = Path(above) / name
            if not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


@st.composite
def buckets(draw: st.DrawFn) -> Objects:
    objects = draw(st.dictionaries(NAMES.map("p/{}".format), stored(), min_size=draw(st.sampled_from([0, 2, 4]))))
    return {**objects, **draw(st.dictionaries(PATHS, stored(), max_size=1)), "p/m/": Stored(b"")}


@st.composite
def folders(draw: st.DrawFn, objects: Mapping[str, Stored]) -> dict[str, bytes]:
    """Files that anybody left, and some in the place of objects, with their content or another."""
    files = draw(trees())
    for key, one in objects.items():
        name = key.removeprefix("p/")
        if name not in EVIL and key.startswith("p/") and not name.endswith("/") and draw(st.booleans()):
            content = draw(st.sampled_from([one.content, one.content, one.content[::-1], one.content + b"x"]))
            files[draw(st.sampled_from([name, name, name.rpartition("/")[2]]))] = content
    return {path: content for path, content in files.items() if not any(x.startswith(f"{path}/") for x in files)}


NAMINGS = st.sampled_from(
    [{}] * 4
    + [{"key_template": FLAT}]
    + [{"key_pattern": PATTERN, "unmatched": unmatched} for unmatched in ("skip", "keep", "fail")]
)


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    return {
        **draw(NAMINGS),
        "existing": draw(st.sampled_from(["replace", "replace", "replace", "keep", "fail"])),
        "compare": draw(st.sampled_from(["content", "content", "size"])),
        "delete": draw(st.sampled_from([True, True, False])),
        "delete_limit": draw(st.sampled_from(["1", "50%", "100%", "100%"])),
        "include": draw(st.sampled_from([None, None, ["a*"], ["a/", "*.tif"]])),
        "exclude": draw(st.sampled_from([None, None, ["*.tif"], ["a/"]])),
        "recurse": draw(st.sampled_from([True, True, True, False])),
    }


@dataclass
class World:
    """A bucket, and a folder that has a link to what lies outside of it."""

    home: Path
    store: MemoryStore
    options: Mapping[str, Any]

    @property
    def dest(self) -> Path:
        return self.home / "dest"

    def run(self, *, check: bool = False, **more: Any) -> Report | str:
        """The report, or the refusal's text."""
        try:
            return fetch(self.store, self.dest, check=check, log_unchanged=True, **self.options, **more)
        except ObjectStoreError as error:
            return str(error)

    def wanted(self) -> dict[str, bytes]:
        """Name -> content of the objects that are meant, by an own and simpler reading of the options."""
        get = self.options.get
        selection = Selection(tuple(get("include") or ()), tuple(get("exclude") or ()))
        naming = KeyNaming(get("key_pattern"), get("key_template"))
        found = {}
        for key, one in self.store.buckets[BUCKET].items():
            name = key.removeprefix("p/")
            marker = key.endswith("/") and not one.content
            if (
                not key.startswith("p/")
                or marker
                or not selection.selects(name)
                or (not get("recurse") and "/" in name)
            ):
                continue
            made = naming.key_for(name) or (name if get("unmatched") == "keep" else None)
            if made is not None:
                found[made] = one.content
        return found

    def removable(self, name: str) -> bool:
        get = self.options.get
        selection = Selection(tuple(get("include") or ()), tuple(get("exclude") or ()))
        naming = KeyNaming(get("key_pattern"), get("key_template"))
        return bool(
            self.options["delete"]
            and selection.selects(name)
            and (not get("key_pattern") or naming.groups(name) is not None)
            and (get("recurse") or "/" not in name or get("key_template"))
        )


def told(report: Report | str) -> Any:
    """What a dry run and a real one must agree on."""
    if isinstance(report, str):
        return report
    shown = [{name: entry[name] for name in ("key", "action", "reason", "size")} for entry in report.returns["objects"]]
    counts = {name: value for name, value in report.returns.items() if name not in ("objects", "seconds")}
    return shown, counts, report.changed, report.diff, report.failure


def check_folder(world: World, before: Mapping[str, bytes], report: Report) -> None:
    """Each object is its file, or was named; what is not meant is as it was."""
    after, wanted = tree(world.dest), world.wanted()
    stuck = {entry["key"] for entry in report.returns["objects"] if entry["reason"] == "cannot be fetched"}
    kept = {entry["key"] for entry in report.returns["objects"] if entry["action"] == "keep"} - stuck
    assert len(stuck) == len(report.returns["failures"])
    for name, content in wanted.items():
        if name in stuck:
            assert after.get(name) == before.get(name)
        elif name not in kept:
            assert after[name] == content
    gone = {name for name in before if name not in after}
    assert gone == ({name for name in before if world.removable(name) and name not in wanted} if not stuck else set())
    assert {name for name in after if name not in before} <= wanted.keys() - stuck
    assert all(after[name] == before[name] for name in before if name in after and name not in wanted)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Objects, dict[str, bytes], dict[str, Any]]:
    objects = draw(buckets())
    return objects, draw(folders(objects)), draw(options())


@given(situation=situations(), linked=st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_a_dry_run_is_the_plan_the_real_run_carries_it_out_and_a_second_run_does_nothing(
    situation: tuple[Objects, dict[str, bytes], dict[str, Any]], linked: bool
) -> None:
    objects, files, chosen = situation
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(digests, "RACY_NS", 0):
        home, cache = Path(folder), f"{folder}/cache"
        world = World(home, MemoryStore({BUCKET: objects}), chosen)
        outside = plant(home / "outside", {"x": b"outside"})
        if linked or files:
            plant(world.dest, files)
        if linked:
            (world.dest / "link").symlink_to(outside)

        dry = world.run(check=True)
        assert tree(home) == {"outside/x": b"outside", **{f"dest/{name}": content for name, content in files.items()}}
        real = world.run(digest_cache=cache)
        assert told(real) == told(dry)
        after = tree(home)
        assert {name: content for name, content in after.items() if not name.startswith("dest/")} == {
            "outside/x": b"outside",
            **{name: content for name, content in after.items() if name.startswith("cache")},
        }
        if isinstance(real, str):
            assert tree(world.dest) == files
            return
        check_folder(world, files, real)
        for options_of_run in ({"digest_cache": cache}, {}):
            again = world.run(**options_of_run)
            assert isinstance(again, Report)
            assert not again.changed
            assert again.returns["failures"] == real.returns["failures"]
