"""The report as a page: one file that loads nothing, made of the document alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from ansible.module_utils.objectstore.access.rights import VERBS
from ansible.module_utils.objectstore.values.sizes import human_size
from ansible.module_utils.objectstore.values.visible import visible
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from .document import Document, parse_time
from .findings import MET
from .pictures import bars, maps, matrix_picture, numbered, tile_places

#: Where a long name may go on in the next line.
_BREAKS = re.compile(r"(?<=[/_,;:-])(?=[\w.])")

#: The groups that the pictures are made of, by their places in what is expected.
_TYPE, _TILE = 1, 2


def render_page(document: Document, templates: str, *, legend: list[dict[str, Any]] | None = None) -> str:
    """The page. Whatever comes from the document is escaped.

    :param templates: the folder of ``report.html.j2``
    """
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "breakable": breakable,
        "cells": cells,
        "count": lambda number: f"{number:,}",
        "duration": duration,
        "name": lambda key: key.rsplit("/", 1)[-1],
        "rate": rate,
        "size": human_size,
        "time": time_text,
    }
    return environment.get_template("report.html.j2").render(**_parts(document, legend or []))


def _parts(document: Document, legend: list[dict[str, Any]]) -> dict[str, Any]:
    tiles = document["quicklooks"]["tiles"]
    groups = [*document["baselines"]["expect"], "", "", ""]
    return {
        **document,
        "verbs": [*VERBS, "more"],
        "unmet": [row for row in document["criteria"] if row["status"] != MET],
        "met": [row for row in document["criteria"] if row["status"] == MET],
        "matrix": matrix_picture(document["baselines"], tile_places(tiles, groups[_TILE])),
        "maps": maps(tiles, groups[_TYPE]),
        "legend": _shares(tiles, legend),
        "datasets": [_dataset(one) for one in document["datasets"]],
    }


def _dataset(one: Document) -> dict[str, Any]:
    rows = {file["name"]: file["rows"] for file in one["files"]}
    common, names = numbered(list(rows))
    return {
        **one,
        "common": common,
        "rows_a_batch": bars({short: rows[name] for name, short in names.items()}),
        "class_bars": bars(one["classes"]),
    }


def _shares(tiles: list[Document], legend: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The legend with the share of each class, in per cent of the pixels that the maps of classes show."""
    counts: dict[str, int] = {}
    for tile in tiles:
        for value, number in tile["classes"].items():
            counts[value] = counts.get(value, 0) + number
    total = sum(counts.values())
    return [{**entry, "share": 100 * counts.get(str(entry["value"]), 0) / total} for entry in legend] if total else []


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def breakable(text: str) -> Markup:
    """The text, which may be broken behind the separators of names, and nowhere else."""
    return Markup("<wbr>").join(escape(visible(part)) for part in _BREAKS.split(text))


class Cell(NamedTuple):
    """What an identity can do in a place: ``can`` is ``None`` where it was not tried."""

    can: bool | None
    wrong: bool
    title: str


def cells(place: Mapping[str, Any]) -> list[Cell]:
    """The cells of a place: one for each right, and one for all else that was tried there."""
    found, wrong = place["found"], place["wrong"]
    return [_cell([right] if right in found else [], found, wrong) for right in VERBS] + [
        _cell([verb for verb in found if verb not in VERBS], found, wrong)
    ]


def _cell(verbs: Sequence[str], found: Mapping[str, str], wrong: Sequence[str]) -> Cell:
    can = any(found[verb] == "allowed" for verb in verbs) if verbs else None
    return Cell(can, any(verb in wrong for verb in verbs), "; ".join(f"{verb}: {found[verb]}" for verb in verbs))


def duration(seconds: float | None) -> str:
    """``0.8 s``, ``42 s`` or ``3 min 05 s``."""
    if seconds is None:
        return "not known"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def time_text(text: str) -> str:
    """A time of the document in UTC, to the minute; what is none, as it is."""
    found = parse_time(text)
    return f"{found.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if found else text


def rate(sync: Mapping[str, Any]) -> str:
    """Bytes a second of a sync, where it sent something."""
    sent, seconds = sync.get("bytes_uploaded"), sync.get("seconds")
    return f"{human_size(sent / seconds)}/s" if sent and seconds else ""
