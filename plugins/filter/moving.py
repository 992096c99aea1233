# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``minio_bucket_info`` says of buckets, as the modules take it that make the same on another store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]
Options = dict[str, Any]


def as_moved_buckets(infos: Iterable[Item], left_out: Sequence[str] = ()) -> list[Options]:
    """Each bucket with its settings as ``minio_bucket`` takes them; what is not set is left alone.

    :param left_out: settings that are not taken over
    """
    return [
        {
            "name": info["name"],
            **({"object_lock": True} if info["object_lock"] else {}),
            **{
                option: value
                for setting, read in _SETTINGS.items()
                if setting not in left_out and info.get(setting) is not None
                for option, value in read(info[setting]).items()
            },
        }
        for info in infos
    ]


def _versioning(value: Item) -> Options:
    found: Options = {"versioning": value["status"]}
    if "exclude_prefixes" in value:
        found["versioning_exclude_prefixes"] = value["exclude_prefixes"]
    return {**found, "versioning_exclude_folders": True} if value.get("exclude_folders") else found


def _encryption(value: Item) -> Options:
    return {"encryption": value["algorithm"], **({"kms_key": value["kms_key"]} if "kms_key" in value else {})}


def _rules(option: str) -> Callable[[Item], Options]:
    """Rules by their id, as a list; what says nothing of them is left out."""
    return lambda value: {
        option: [
            {"id": name, **{key: given for key, given in rule.items() if given not in (None, "")}}
            for name, rule in value.items()
        ]
    }


_SETTINGS: Mapping[str, Callable[[Any], Options]] = {
    "versioning": _versioning,
    "quota": lambda value: {"quota": str(value)},
    "tags": lambda value: {"tags": value},
    "encryption": _encryption,
    "retention": lambda value: {"retention": value},
    "lifecycle": _rules("lifecycle"),
    "notifications": _rules("notifications"),
}


def as_moved_policies(infos: Iterable[Item], planned: Sequence[str] = ()) -> list[Options]:
    """Who may reach each bucket without credentials, as ``minio_policy`` takes it.

    :param planned: names of buckets that only a real run would create
    """
    return [
        {
            "bucket": info["name"],
            "assume_bucket": info["name"] in planned,
            **({"policy": info["policy"]} if info["policy"] else {"access": "private"}),
        }
        for info in infos
    ]


def unread_settings(infos: Iterable[Item], left_out: Sequence[str] = ()) -> list[str]:
    """What cannot be taken over since it cannot be read, in sentences."""
    return [
        f"{info['name']}, {setting}: {why}"
        for info in infos
        for setting, why in info["unread"].items()
        if setting not in left_out
    ]


def as_copies(names: Iterable[str], indexes: Iterable[Item]) -> list[Options]:
    """Each bucket, without the indexes that each store has of its own: ``bucket`` and ``exclude`` of ``minio_copy``."""
    places = list(indexes)
    return [
        {"bucket": name, "exclude": [f"/{one['index_object']}" for one in places if one["bucket"] == name]}
        for name in names
    ]


class FilterModule:
    """What Ansible finds here."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "as_copies": as_copies,
            "as_moved_buckets": as_moved_buckets,
            "as_moved_policies": as_moved_policies,
            "unread_settings": unread_settings,
        }
