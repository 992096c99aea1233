"""The report as a document: what was seen, in a form for programs. The page is made of it, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from .findings import MET, Criterion, commands_of, unmet, verdict_of

#: Of the form of the document; grows when a reader of an older one would go wrong.
SCHEMA = 1

Document = dict[str, Any]
Seen = Mapping[str, Any]


def make_document(criteria: Sequence[Criterion], seen: Seen, run: Seen) -> Document:
    """The document.

    :param seen: ``acceptance_observed`` of the role, with ``quicklooks``, ``tables`` and ``syncs``
    :param run: who ran it, when, with what and against which store
    """
    return {
        "schema": SCHEMA,
        "verdict": {
            "accepted": not unmet(criteria),
            "text": verdict_of(criteria),
            "unmet": [row["criterion"] for row in unmet(criteria)],
            "commands": commands_of(criteria),
            "met": sum(row["status"] == MET for row in criteria),
            "of": len(criteria),
        },
        "run": dict(run),
        "criteria": list(criteria),
        "access": [_identity(result) for result in seen["identities"] if "matrix" in result],
        "baselines": _baselines(seen["baselines"]),
        "quicklooks": _quicklooks(seen.get("quicklooks") or {}),
        "datasets": list(_datasets(seen["datasets"])),
        "syncs": [_sync(found) for found in (seen.get("syncs") or {}).get("logs", [])],
        "read_back": list(_read_back(seen)),
    }


def _identity(result: Seen) -> Document:
    item = result["item"]
    places = [_place(row, result["differences"]) for row in result["matrix"]]
    # what is about the server itself, and about no bucket, comes last
    return {
        "name": item["name"],
        "purpose": item.get("purpose", ""),
        "places": sorted(places, key=lambda place: not place["bucket"]),
    }


def _place(row: Seen, differences: Sequence[str]) -> Document:
    bucket, prefix = row["bucket"], row["prefix"]
    found = {verb: outcome for verb, outcome in row.items() if verb not in ("identity", "bucket", "prefix", "met")}
    where = f"in {bucket}/{prefix}" if bucket else "on the server"
    wrong = [verb for verb in found if any(text.startswith(f"{verb} {where} is ") for text in differences)]
    return {"bucket": bucket, "prefix": prefix, "found": found, "wrong": wrong}


def _baselines(seen: Seen) -> Document:
    counted, expect = seen["counted"], dict(seen["expect"] or {})
    known = "missing" in counted
    return {
        "where": seen["where"],
        "known": known,
        "objects": len(counted.get("keys", ())),
        "bytes": counted.get("bytes", 0),
        "expect": {name: [str(value) for value in values] for name, values in expect.items()},
        "missing": [dict(row) for row in counted.get("missing", ())],
        "unexpected": list(counted.get("unexpected", ())),
    }


def combinations(expect: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Every file of the matrix, as its named groups."""
    for values in product(*expect.values()):
        yield dict(zip(expect, values, strict=True))


def _quicklooks(found: Seen) -> Document:
    return {
        "season": found.get("newest", ""),
        "reason": found.get("reason") or ("" if "tiles" in found else found.get("msg") or "they were not made"),
        "low": found.get("low"),
        "high": found.get("high"),
        "tiles": [dict(tile) for tile in found.get("tiles", ())],
        "problems": [dict(problem) for problem in found.get("problems", ())],
    }


def _datasets(seen: Seen) -> Iterator[Document]:
    compared = seen["compared"].get("sets") or [{}] * len(seen["sets"])
    for wanted, counted, tables in zip(seen["sets"], seen["counted"], compared, strict=True):
        metadata = wanted.get("metadata") or {}
        yield {
            "where": f"{wanted['bucket']}/{wanted['prefix']}",
            "version": str(metadata.get("version", "")),
            "objects": len(counted.get("keys", ())),
            "bytes": counted.get("bytes", 0),
            "batches": int(metadata.get("batches") or 0),
            "rows": tables.get("rows"),
            "classes": dict(tables.get("classes") or {}),
            "files": [{name: table[name] for name in ("name", "rows", "bytes")} for table in tables.get("tables", ())],
        }


def _sync(found: Seen) -> Document:
    return {"log": found["path"], "reason": found.get("reason", ""), "last": found["last"], "change": found["change"]}


def _read_back(seen: Seen) -> Iterator[Document]:
    baselines, datasets, worker = (seen[part] for part in ("baselines", "datasets", "worker"))
    bucket = baselines["where"].split("/")[0]
    read = [(bucket, "", baselines["spot_checked"])]
    sets = zip(baselines.get("sets") or [], baselines.get("sets_spot_checked") or [], strict=True)
    read += [(wanted["bucket"], "", one) for wanted, one in sets]
    read += [
        (wanted["bucket"], "", one) for wanted, one in zip(datasets["sets"], datasets["spot_checked"], strict=True)
    ]
    for where, who, result in [*read, (bucket, worker["name"], worker["read"])]:
        for item in result.get("objects", ()):
            yield {"bucket": where, "by": who, **_checked(item)}


def _checked(item: Seen) -> Document:
    return {name: item[name] for name in ("key", "size", "sha256", "same")}


def parse_time(text: str) -> datetime | None:
    """A time as the document has it; ``None`` for anything else."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
