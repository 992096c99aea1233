"""What changed between two reports, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.objectstore.values.sizes import human_size

from .document import SCHEMA, Document, combinations
from .judge import some


def read_report(path: str) -> Document | None:
    """The document of the last report; ``None`` where there is none that can be compared with."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("schema") == SCHEMA else None


def changes_since(former: Document | None, now: Document) -> Document:
    """When the last report was made, and what is different since.

    A document that somebody edited is compared as far as it goes: ``former`` may lack anything.
    """
    if former is None or _at(former, "run", "endpoint") != now["run"]["endpoint"]:
        return {"since": "", "sentences": []}
    return {"since": str(_at(former, "run", "time") or ""), "sentences": list(_sentences(former, now))}


def _sentences(former: Document, now: Document) -> Iterator[str]:
    yield from _criteria(_rows(former, "criteria"), now["criteria"])
    yield from _matrix(former, now)
    yield from _amount("DW baselines", _at(former, "baselines"), now["baselines"])
    sets = {one.get("where"): one for one in _rows(former, "datasets")}
    for one in now["datasets"]:
        yield from _amount(one["where"], sets.get(one["where"]), one)
    before, after = _cells(_rows(former, "access")), _cells(now["access"])
    for cell in sorted(before.keys() & after.keys()):
        if before[cell] != after[cell]:
            yield f"{cell[0]}: to {cell[2]} in {cell[1]} was {before[cell]}, and is {after[cell]}."
    yield from _named("identity", {cell[0] for cell in before}, {cell[0] for cell in after})
    old, new = _at(former, "run", "versions") or {}, now["run"]["versions"]
    for name in new:
        if name in old and old[name] != new[name]:
            yield f"{name}: {old[name]} before, {new[name]} now."


def _criteria(former: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    before = {row.get("criterion"): row.get("status") for row in former}
    for row in now:
        was = before.get(row["criterion"])
        if was and was != row["status"]:
            yield f"“{row['criterion']}” was {was}, and is {row['status']}."


def _matrix(former: Document, now: Document) -> Iterator[str]:
    gone, back = [], []
    before = {_label(row) for row in _rows(former, "baselines", "missing")}
    after = {_label(row) for row in now["baselines"]["missing"]}
    if _at(former, "baselines", "expect") == now["baselines"]["expect"]:
        for row in combinations(now["baselines"]["expect"]):
            label = _label(row)
            gone += [label] if label in after - before else []
            back += [label] if label in before - after else []
    if gone:
        yield f"Missing since then: {some(gone)}."
    if back:
        yield f"There again, or for the first time: {some(back)}."


def _amount(name: str, former: Any, now: Mapping[str, Any]) -> Iterator[str]:
    was = tuple(_at(former, what) for what in ("objects", "bytes"))
    is_now = tuple(now[what] for what in ("objects", "bytes"))
    if was != is_now and all(isinstance(number, int) for number in was):
        yield f"{name}: {was[0]} objects of {human_size(was[1])} before, {is_now[0]} of {human_size(is_now[1])} now."


def _cells(access: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], str]:
    return {
        (str(who.get("name")), f"{place.get('bucket')}/{place.get('prefix')}", verb): found
        for who in access
        for place in who.get("places") or ()
        for verb, found in (place.get("found") or {}).items()
    }


def _named(kind: str, before: set[str], after: set[str]) -> Iterator[str]:
    if before and after - before:
        yield f"New {kind}: {some(sorted(after - before))}."
    if after and before - after:
        yield f"No longer tried, {kind}: {some(sorted(before - after))}."


def _label(row: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in row.values())


def _at(document: Any, *way: str) -> Any:
    for name in way:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def _rows(document: Document, *way: str) -> list[Mapping[str, Any]]:
    found = _at(document, *way)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
