"""What holds for a copy of any bucket into any bucket, with any options: the dry run is the plan, and comes true."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.errors import ObjectStoreError
from ansible.module_utils.objectstore.values.naming import KeyNaming
from ansible.module_utils.objectstore.values.selection import Selection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import syncing
from tests.support.memory_store import MemoryStore, Stored
from tests.support.syncing import BUCKET
from tests.unit.test_sync_properties import NAMINGS, PATHS, Objects, stored

#: Below ``p/``, which is copied, beside it, and where copies go.
KEYS = st.one_of(PATHS.map("p/{}".format), PATHS.map("p/{}".format), PATHS.map("p2/{}".format), st.just("p/a/"))


@st.composite
def sources(draw: st.DrawFn) -> Objects:
    """Objects that anybody left; a key that ends in a slash marks a folder, and holds nothing."""
    objects = draw(st.dictionaries(KEYS, stored(), min_size=draw(st.sampled_from([4, 4, 0])), max_size=8))
    return {key: one for key, one in objects.items() if not (key.endswith("/") and one.content)}


@st.composite
def targets(draw: st.DrawFn, source: Mapping[str, Stored]) -> Objects:
    """Objects of others, and some under the keys of copies: with their content, in other parts, or another."""
    objects = draw(st.dictionaries(PATHS.map("q/{}".format), stored(), max_size=4))
    objects |= draw(st.dictionaries(PATHS.map("q2/{}".format), stored(), max_size=2))
    for key, one in source.items():
        if key.startswith("p/") and draw(st.integers(0, 3)):
            objects[f"q/{key[2:]}"] = draw(st.one_of(st.just(one), stored(st.sampled_from([one.content, b"x"]))))
    return objects


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """Those that decide what happens."""
    return {
        **draw(NAMINGS),
        "existing": draw(st.sampled_from(["replace", "replace", "keep", "fail"])),
        "compare": draw(st.sampled_from(["content", "content", "size"])),
        "delete": draw(st.sampled_from([True, True, False])),
        "delete_limit": draw(st.sampled_from(["1", "25%", "100%", "100%"])),
        "include": draw(st.sampled_from([None, None, ["a*"], ["a/", "*.tif"]])),
        "exclude": draw(st.sampled_from([None, None, ["*.tif"], ["a/"]])),
        "recurse": draw(st.sampled_from([True, True, True, False])),
    }


@dataclass
class World:
    """A store with the source and another one with the target, or one with both."""

    source: MemoryStore
    target: MemoryStore
    options: Mapping[str, Any]

    @classmethod
    def of(cls, objects: Objects, there: Objects, *, within: bool, kms: bool, chosen: Mapping[str, Any]) -> World:
        """Both ends in one bucket of one store, or each in its own."""
        if within:
            store = MemoryStore({BUCKET: {**objects, **there}}, kms=kms)
            return cls(store, store, chosen)
        return cls(MemoryStore({BUCKET: dict(objects)}), MemoryStore({BUCKET: dict(there)}, kms=kms), chosen)

    def run(self, *, check: bool = False) -> Report | str:
        """The report, or the refusal's text."""
        stores = (self.source, self.target)
        same = self.source is self.target
        try:
            return syncing.copy(stores, same_store=same, check=check, log_unchanged=True, **self.options)
        except ObjectStoreError as error:
            return str(error)

    def wanted(self) -> dict[str, bytes]:
        """Key of a copy -> content, by an own and simpler reading of the options."""
        get = self.options.get
        selection = Selection(tuple(get("include") or ()), tuple(get("exclude") or ()))
        naming, found = KeyNaming(get("key_pattern"), get("key_template")), {}
        for key, one in self.source.buckets[BUCKET].items():
            name, marker = key[2:], key.endswith("/") and not one.content
            flat = get("recurse") or "/" not in name
            if key.startswith("p/") and not marker and flat and selection.selects(name):
                made = naming.key_for(name) or (name if get("unmatched") == "keep" else None)
                if made is not None:
                    found[f"q/{made}"] = one.content
        return found


def told(report: Report | str) -> Any:
    """What a dry run and a real one must agree on."""
    if isinstance(report, str):
        return report
    shown = [{name: entry[name] for name in ("key", "action", "reason", "size")} for entry in report.returns["objects"]]
    counts = {name: value for name, value in report.returns.items() if name not in ("objects", "seconds")}
    return shown, counts, report.changed, report.diff, report.failure


def check_target(world: World, before: Objects, report: Report) -> None:
    """Each copy is its source, or was kept; what is not meant is as it was, and all else is below ``q/``."""
    after, wanted = world.target.buckets[BUCKET], world.wanted()
    shown = {entry["key"]: entry["action"] for entry in report.returns["objects"]}
    for key, content in wanted.items():
        if shown[key] in ("keep", "adopt"):
            assert after[key] == before[key]
        else:
            assert after[key].content == content
    assert {key for key in after if key not in before} <= wanted.keys()
    gone = {key for key in before if key not in after}
    assert gone == {key for key, action in shown.items() if action == "delete"}
    assert not gone or world.options["delete"]
    assert not gone & wanted.keys()
    assert all(key.startswith("q/") for key in gone)
    assert all(after[key] == before[key] for key in after if key in before and key not in wanted)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Objects, Objects, dict[str, Any]]:
    source = draw(sources())
    return source, draw(targets(source)), draw(options())


@given(situation=situations(), within=st.booleans(), kms=st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_a_dry_run_is_the_plan_the_real_run_carries_it_out_and_a_second_run_does_nothing(
    situation: tuple[Objects, Objects, dict[str, Any]], within: bool, kms: bool
) -> None:
    source, target, chosen = situation
    world = World.of(source, target, within=within, kms=kms, chosen=chosen)
    untouched = copy.deepcopy((world.source.buckets, world.target.buckets))
    dry = world.run(check=True)
    assert (world.source.buckets, world.target.buckets) == untouched
    assert world.target.writes == []
    real = world.run()
    assert told(real) == told(dry)
    if isinstance(real, str):
        assert (world.source.buckets, world.target.buckets) == untouched
        return
    assert real.failure == ""
    check_target(world, untouched[1][BUCKET], real)
    assert {key: one for key, one in world.source.buckets[BUCKET].items() if key.startswith("p")} == {
        key: one for key, one in untouched[0][BUCKET].items() if key.startswith("p")
    }
    again = world.run()
    assert isinstance(again, Report)
    assert not again.changed
