"""What the role acceptance sees of a good store, small: for tests of its judgement and its report."""

from __future__ import annotations

import base64
from typing import Any

from ansible.module_utils.objectstore.data.quicklook import indexed_png

from .paths import REPO

TEMPLATES = REPO / "roles" / "acceptance" / "templates"

#: Names that somebody may give an object, a file or an identity.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></svg><b>",
    "a\nb\r\tc",
    "\x1b[31m\x1b]0;title\x07",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\ud800",
)

LEGEND = [
    {"value": 0, "name": "water", "color": "#419bdf"},
    {"value": 1, "name": "trees", "color": "#397d49"},
]

RUN: dict[str, Any] = {
    "endpoint": "http://127.0.0.1:9000",
    "time": "2026-03-01T06:00:00+00:00",
    "seconds": 42.0,
    "user": "ops",
    "inventory": "production",
    "hosts": ["control-plane"],
    "versions": {"geocrop-storage": "1", "ansible-core": "2"},
}

_DENIED = {"list": "denied", "read": "denied", "write": "denied", "delete": "denied"}
_READ = {"objects": [{"key": "dw/a.tif", "size": 2048, "sha256": "ab" * 32, "same": True}]}


def observed() -> dict[str, Any]:
    """``acceptance_observed`` where everything is met; each call makes it anew, so that a test may change it."""
    return {
        "buckets": [{"item": name, "actions": [], "planned": False} for name in ("models", "maps")],
        "anonymous": [{"item": name, "anonymous": dict(_DENIED)} for name in ("models", "maps")],
        "baselines": {
            "where": "maps/dw/",
            "counted": {"keys": [*"abcdefgh"], "missing": [], "unexpected": [], "bytes": 4096},
            "expect": {"season": ["2015", "2016"], "type": ["Conf", "Mode"], "tile": ["0-0", "0-1"]},
            "spot_checked": _READ,
        },
        "datasets": {
            "sets": [{"bucket": "sets", "prefix": "v1/", "metadata": {"version": "v1", "batches": 2}}],
            "counted": [{"keys": ["1", "2"], "bytes": 100}],
            "compared": {
                "sets": [
                    {
                        "described": True,
                        "key": "v1/metadata.json",
                        "rows": 30,
                        "classes": {"crop": 20, "water": 10},
                        "tables": [{"name": f"Batch_{n}.csv", "rows": 10 * n, "bytes": 50} for n in (1, 2)],
                    }
                ]
            },
            "spot_checked": [_READ],
        },
        "manifest": {"verified": {"keys": ["a", "b"]}, "places": ["keys.txt"]},
        "worker": {"read": _READ, "own_credentials": True, "name": "worker"},
        "signed": {"outcome": {"signed": "allowed", "unsigned": "denied"}, "met": True},
        "identities": [_identity()],
        "quicklooks": {"newest": "2016", "low": None, "high": None, "problems": [], "reason": "", "tiles": _tiles()},
        "syncs": {"logs": [{"path": "/logs/a.jsonl", "reason": "", "last": _sync(0), "change": _sync(3)}]},
    }


def _identity() -> dict[str, Any]:
    read = {"list": "allowed", "read": "allowed", "write": "denied", "delete": "denied", "configure": "denied"}
    none = {**dict.fromkeys(read, "denied")}
    return {
        "item": {"name": "worker", "purpose": "reads", "rights": [{"bucket": "maps", "can": ["list", "read"]}]},
        "differences": [],
        "matrix": [
            {"identity": "worker", "bucket": "maps", "prefix": "", "met": True, **read},
            {"identity": "worker", "bucket": "results", "prefix": "", "met": True, **none},
        ],
    }


def _tiles() -> list[dict[str, Any]]:
    png = base64.b64encode(indexed_png(bytes([0, 1, 1, 255]), 2, 2, [(0, 0, 255)] * 255)).decode()
    return [
        {
            "name": f"Mode_2016-{tile}.tif",
            "groups": {"season": "2016", "type": "Mode", "tile": tile},
            "bounds": [west, -20.0, west + 10.0, -10.0],
            "crs": "EPSG:4326",
            "geographic": True,
            "classes": {"0": 1, "1": 2},
            "png": png,
        }
        for tile, west in (("0-0", 20.0), ("0-1", 30.0))
    ]


def _sync(uploaded: int) -> dict[str, Any]:
    return {
        "time": "2026-03-01T05:59:00+00:00",
        "uploaded": uploaded,
        "unchanged": 8 - uploaded,
        "adopted": 0,
        "deleted": 0,
        "bytes_uploaded": uploaded * 1024,
        "failures": [],
        "seconds": 0.5,
    }
