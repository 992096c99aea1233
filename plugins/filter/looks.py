# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The looks of the acceptance, as ``minio_look`` takes them, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]
Look = dict[str, Any]

#: What looks at several things are called, each followed by the name of one.
STRANGERS, RIGHTS, BATCHES, READ_BACK = "strangers in", "rights of", "batches of", "read back of"
FILES = "files of"
DESCRIPTIONS = "descriptions of the training sets"


def stranger_looks(buckets: Iterable[str]) -> list[Look]:
    """Requests without credentials to each bucket; one that is missing is seen by the same look."""
    return [
        {
            "name": f"{STRANGERS} {bucket}",
            "module": "minio_policy",
            "options": {"bucket": bucket, "verify": True, "assume_bucket": True},
        }
        for bucket in buckets
    ]


def right_looks(identities: Iterable[Item], keys: Mapping[str, Item], others: Sequence[str]) -> list[Look]:
    """The rights of each identity that has a secret, tried with it."""
    return [
        {
            "name": f"{RIGHTS} {identity['name']}",
            "module": "minio_access_check",
            "identity": identity["name"],
            "options": {"rights": identity["rights"], "others": others, "fails": False},
        }
        for identity in identities
        if identity["name"] in keys
    ]


def dataset_looks(sets: Sequence[Item], *, identity: str = "", sample: int = 0) -> list[Look]:
    """The batches of each training set, counted and some read back, and all descriptions.

    :param identity: whose credentials are used; those of the run where empty
    :param sample: how many files of each set are read back
    """
    looks: list[Look] = []
    for one in sets:
        place = f"{one['bucket']}/{one['prefix']}"
        where = {name: one[name] for name in ("bucket", "prefix", "include") if name in one}
        looks.append({"name": f"{BATCHES} {place}", "module": "minio_manifest", "options": where})
        if sample:
            options = {**where, "src": one["source"], "sample": sample}
            looks.append({"name": f"{READ_BACK} {place}", "module": "minio_spot_check", "options": options})
    lenient = [{**one, "on_false_claim": "ignore", "on_problem": "ignore"} for one in sets]
    looks.append({"name": DESCRIPTIONS, "module": "minio_dataset_check", "options": {"sets": lenient}})
    return [{**look, "identity": identity} for look in looks] if identity else looks


def baseline_set_looks(
    sets: Sequence[Item], *, key_pattern: str, templates: Mapping[str, str], identity: str = "", sample: int = 0
) -> list[Look]:
    """The files of each further set of baselines, counted and some read back; see ``dataset_looks``."""
    looks: list[Look] = []
    for one in sets:
        place = f"{one['bucket']}/{one['prefix']}"
        where = {"bucket": one["bucket"], "prefix": one["prefix"], "include": one["include"]}
        looks.append({"name": f"{FILES} {place}", "module": "minio_manifest", "options": where})
        if sample:
            naming = {"key_pattern": key_pattern, "key_template": templates[one["layout"]]}
            options = {**where, **naming, "src": one["source"], "sample": sample}
            looks.append({"name": f"{READ_BACK} {place}", "module": "minio_spot_check", "options": options})
    return [{**look, "identity": identity} for look in looks] if identity else looks


def with_names(keys: Mapping[str, Item]) -> list[Item]:
    """Name -> credentials, as the option ``identities``."""
    return [{**credentials, "name": name} for name, credentials in keys.items()]


def looked_at(seen: Item, name: str) -> Item:
    """What became of a look; where it was not done, why."""
    for outcome in seen.get("outcomes", []):
        if outcome["item"] == name:
            found: Item = outcome
            return found
    return {"msg": str(seen.get("msg") or f"{name}: not looked at")}


def looked_at_each(seen: Item, subjects: Iterable[str], called: str) -> list[Item]:
    """What became of the look at each, which is its ``item``."""
    return [{**looked_at(seen, f"{called} {subject}"), "item": subject} for subject in subjects]


class FilterModule:
    """What Ansible finds here."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "baseline_set_looks": baseline_set_looks,
            "dataset_looks": dataset_looks,
            "looked_at": looked_at,
            "looked_at_each": looked_at_each,
            "right_looks": right_looks,
            "stranger_looks": stranger_looks,
            "with_names": with_names,
        }
