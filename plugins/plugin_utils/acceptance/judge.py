# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The criteria of acceptance, judged from what the role's tasks saw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from ansible.module_utils.objectstore.values.sizes import human_size

from .findings import MET, NOT_YET, UNMET, Commands, Criterion, Finding, Remedy

Result = Mapping[str, Any]
Observed = Mapping[str, Any]

BUCKETS, PRIVATE, BASELINES, DATASETS = (
    "The buckets exist",
    "They are private",
    "The DW baselines are in place",
    "The training set is in place",
)
MANIFEST, WORKER, SIGNED, IDENTITIES = (
    "A baseline manifest exists",
    "The worker can read",
    "Downloads take a signed URL",
    "Identities have just their rights",
)

#: What a tried right turned out to be.
TRIED = ("allowed", "denied")


class Rule(NamedTuple):
    """A criterion: how it is judged, what puts it right, and which other criterion explains it where that fails.

    ``cause`` is asked only of one that is not met: what one fault brings with it is told once.
    """

    name: str
    judge: Callable[[Observed], Finding]
    cause: Callable[[Observed], str]
    remedy: Remedy


def acceptance_criteria(observed: Observed, *, commands: Commands, dry_run: bool = False) -> list[Criterion]:
    """The criteria with status (met, NOT MET, or in a dry run: not yet), evidence, cause, advice and command."""
    rules = [rule for rule in RULES if rule.name != IDENTITIES or observed["identities"]]
    return [_criterion(rule, observed, NOT_YET if dry_run else UNMET, commands) for rule in rules]


def _criterion(rule: Rule, observed: Observed, failed: str, commands: Commands) -> Criterion:
    finding = rule.judge(observed)
    empty = dict.fromkeys(("cause", "advice", "command", "detail"), "")
    if finding.met:
        return {"criterion": rule.name, "status": MET, "evidence": finding.evidence, **empty}
    remedy = finding.remedy or rule.remedy
    told = {"advice": remedy.advice, "command": commands.of(remedy)}
    cause = rule.cause(observed)
    if cause:
        told = {"cause": cause, "detail": finding.evidence}
    evidence = f"follows from: {cause}" if cause else finding.evidence
    return {"criterion": rule.name, "status": failed, "evidence": evidence, **empty, **told}


def _buckets(observed: Observed) -> Finding:
    results = observed["buckets"]
    broken = [result["msg"] for result in results if "actions" not in result]
    if broken:
        return Finding(False, str(broken[0]))
    missing = [result["item"] for result in results if result["planned"]]
    if missing:
        return Finding(False, f"missing: {', '.join(missing)}")
    return Finding(True, ", ".join(result["item"] for result in results))


def _private(observed: Observed) -> Finding:
    results = observed["anonymous"]
    broken = [result["msg"] for result in results if "anonymous" not in result]
    if broken:
        return Finding(False, str(broken[0]))
    verbs = tuple(results[0]["anonymous"]) if results else ()
    open_ones = [
        f"{result['item']}: {verb} {outcome}"
        for result in results
        for verb, outcome in result["anonymous"].items()
        # nothing was there to read, and the server says no more of what is missing
        if outcome != "denied" and (verb, outcome) != ("read", "untested")
    ]
    if open_ones:
        return Finding(False, f"without credentials, {'; '.join(open_ones)}")
    empty = [result["item"] for result in results if result["anonymous"]["read"] == "untested"]
    rest = f", but to read in {', '.join(empty)}, where there is no object to try it with" if empty else ""
    return Finding(True, f"requests without credentials to {', '.join(verbs)} were denied on all {len(results)}{rest}")


def _baselines(observed: Observed) -> Finding:
    seen = observed["baselines"]
    counted = seen["counted"]
    if "missing" not in counted:
        return Finding(False, str(counted["msg"]))
    lists = list((seen["expect"] or {}).values())
    expected = prod(len(values) for values in lists) if lists else len(counted["keys"])
    present = expected - len(counted["missing"])
    shape = f" ({' x '.join(f'{len(values)} {name}s' for name, values in seen['expect'].items())})" if lists else ""
    text = f"{present} of {expected}{shape} below {seen['where']}, {human_size(counted['bytes'])}"
    if counted["unexpected"]:
        text += f"; {len(counted['unexpected'])} more that are not expected"
    if counted["missing"]:
        return Finding(False, f"{text}; missing: {some([' '.join(row.values()) for row in counted['missing']])}")
    compared, evidence = _spot_checked(seen["spot_checked"])
    sets = _further_sets(seen)
    evidence = "; ".join([text, evidence, *(one.evidence for one in sets)])
    return Finding(bool(counted["keys"]) and compared and all(one.met for one in sets), evidence)


def _further_sets(seen: Result) -> list[Finding]:
    """Each further set of baselines, if there is one."""
    parts = (seen.get(part) or [] for part in ("sets", "sets_counted", "sets_spot_checked"))
    return [_further_set(*one) for one in zip(*parts, strict=True)]


def _further_set(wanted: Result, counted: Result, spot_checked: Result) -> Finding:
    if "keys" not in counted:
        return Finding(False, str(counted["msg"]))
    read, evidence = _spot_checked(spot_checked)
    count = len(counted["keys"])
    text = f"{count} files below {wanted['bucket']}/{wanted['prefix']}, {human_size(counted['bytes'])}; {evidence}"
    return Finding(bool(count) and read, text)


def _datasets(observed: Observed) -> Finding:
    seen = observed["datasets"]
    if not seen["sets"]:
        return Finding(False, "no training set is asked for")
    compared = seen["compared"].get("sets") or [seen["compared"]] * len(seen["sets"])
    found = [_dataset(*one) for one in zip(seen["sets"], seen["counted"], compared, seen["spot_checked"], strict=True)]
    return Finding(all(one.met for one in found), "; ".join(one.evidence for one in found))


def _dataset(wanted: Result, counted: Result, compared: Result, spot_checked: Result) -> Finding:
    if "keys" not in counted:
        return Finding(False, str(counted["msg"]))
    count = len(counted["keys"])
    batches = int(wanted.get("metadata", {}).get("batches") or count)
    text = f"{count} of {batches} batches below {wanted['bucket']}/{wanted['prefix']}, {human_size(counted['bytes'])}"
    if not count or count != batches:
        return Finding(False, text)
    if "described" not in compared:
        return Finding(False, f"{text}; {compared['msg']}")
    if compared["described"] is not None:
        name = compared["key"].rsplit("/", 1)[-1]
        text += f"; {name} {'says what it should' if compared['described'] else 'is missing or says something else'}"
    read, evidence = _spot_checked(spot_checked)
    return Finding(compared["described"] is not False and read, f"{text}; {evidence}")


def _spot_checked(result: Result) -> tuple[bool, str]:
    if result.get("skipped"):
        return True, "none was read back"
    if "objects" not in result:
        return False, str(result["msg"])
    return True, f"{len(result['objects'])} read back, each with the SHA-256 of its file"


def _manifest(observed: Observed) -> Finding:
    verified, places = observed["manifest"]["verified"], observed["manifest"]["places"]
    if "keys" not in verified:
        return Finding(False, str(verified["msg"]))
    if not places:
        return Finding(False, "no place is named for one", REMEDY_NO_PLACE)
    return Finding(
        bool(verified["keys"]), f"{', '.join(places)}: true to the {len(verified['keys'])} keys in the store"
    )


def _worker(observed: Observed) -> Finding:
    seen = observed["worker"]
    whose = "its own credentials" if seen["own_credentials"] else "the credentials of this run"
    if "objects" not in seen["read"]:
        return Finding(False, f"with {whose}: {seen['read']['msg']}")
    first = seen["read"]["objects"][0]
    return Finding(True, f"{first['key'].rsplit('/', 1)[-1]}, {human_size(first['size'])}, was read with {whose}")


def _signed(observed: Observed) -> Finding:
    result = observed["signed"]
    if "outcome" not in result:
        return Finding(False, str(result["msg"]))
    tried = [f"{way.replace('_', ' ')}: {outcome}" for way, outcome in result["outcome"].items()]
    return Finding(bool(result["met"]), f"a request that is {', '.join(tried)}")


def _identities(observed: Observed) -> Finding:
    results = observed["identities"]
    untried = [result for result in results if "matrix" not in result]
    broken = [result["msg"] for result in untried if "msg" in result and not _is_dead(result)]
    if broken:
        return Finding(False, str(broken[0]))
    if untried:
        return _without_secret(untried)
    differences = [text for result in results for text in result["differences"]]
    if differences:
        return Finding(False, "; ".join(differences))
    tries = sum(1 for result in results for row in result["matrix"] for value in row.values() if value in TRIED)
    names = ", ".join(result["item"]["name"] for result in results)
    told = all(result.get("beyond") == [] for result in results)
    rest = ", and the server says that their policies allow nothing else" if told else ""
    return Finding(
        True, f"{names}: {tries} requests with their own credentials were allowed and denied as they must be{rest}"
    )


def _is_dead(result: Result) -> bool:
    """Whether the server has another secret for the identity than the one that is kept."""
    return result.get("secret_accepted") is False


def _without_secret(untried: Sequence[Result]) -> Finding:
    names = [str(result["item"]["name"]) for result in untried]
    dead = [name for name, result in zip(names, untried, strict=True) if _is_dead(result)]
    gone = [name for name in names if name not in dead]
    evidence = [
        *([f"the server does not accept the secret of {', '.join(dead)} that is kept; others changed it"] * bool(dead)),
        *([f"{', '.join(gone)} could not be tried: there is no secret on this workstation"] * bool(gone)),
    ]
    rotate = json.dumps({"access_rotate": names})
    return Finding(False, "; ".join(evidence), REMEDY_NO_SECRET._replace(arguments=("-e", rotate)))


def _missing_buckets(observed: Observed) -> set[str]:
    return {result["item"] for result in observed["buckets"] if result.get("planned")}


def _no_cause(observed: Observed) -> str:  # noqa: ARG001  # as the others
    return ""


def _closed_what_is_there(observed: Observed) -> str:
    missing = _missing_buckets(observed)
    others = [result for result in observed["anonymous"] if result["item"] not in missing]
    rest = {**observed, "anonymous": others}
    return BUCKETS if missing and _private(rest).met else ""


def _baselines_bucket(observed: Observed) -> str:
    return BUCKETS if observed["baselines"]["where"].split("/")[0] in _missing_buckets(observed) else ""


def _datasets_bucket(observed: Observed) -> str:
    return BUCKETS if {one["bucket"] for one in observed["datasets"]["sets"]} & _missing_buckets(observed) else ""


def _nothing_there(observed: Observed) -> str:
    return _baselines_bucket(observed) or ("" if observed["baselines"]["counted"].get("keys") else BASELINES)


def _unread(observed: Observed) -> str:
    return _nothing_there(observed) or _dead(observed, observed["worker"].get("name"))


def _unsigned(observed: Observed) -> str:
    return _nothing_there(observed) or _dead(observed, observed.get("signer"))


def _dead(observed: Observed, name: object) -> str:
    dead = [result["item"]["name"] for result in observed["identities"] if _is_dead(result)]
    return IDENTITIES if name in dead else ""


def _incomplete(observed: Observed) -> str:
    return _nothing_there(observed) or (BASELINES if observed["baselines"]["counted"].get("missing") else "")


def _rights_elsewhere_are_met(observed: Observed) -> str:
    missing = _missing_buckets(observed)
    rows = [row for result in observed["identities"] for row in result.get("matrix", [{"met": False}])]
    wrong = [row for row in rows if not row.get("met", True)]
    return BUCKETS if wrong and all(row.get("bucket") in missing for row in wrong) else ""


def some(names: Sequence[str], *, shown: int = 5) -> str:
    """The first of a list, and how many there are besides."""
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


REMEDY_NO_PLACE = Remedy("Set baselines_manifest or baselines_manifest_object, and write it:", "baselines")
REMEDY_NO_SECRET = Remedy(
    "Copy the secret here from where it was made, or have a new one made, which programs then need:",
    "access",
)

RULES = (
    Rule(BUCKETS, _buckets, _no_cause, Remedy("Create them:", "buckets")),
    Rule(PRIVATE, _private, _closed_what_is_there, Remedy("Close them, unless buckets_list opens them:", "buckets")),
    Rule(BASELINES, _baselines, _baselines_bucket, Remedy("Upload what is missing or differs:", "baselines")),
    Rule(DATASETS, _datasets, _datasets_bucket, Remedy("Upload and describe it:", "datasets")),
    Rule(MANIFEST, _manifest, _incomplete, Remedy("Write it anew from what the store has:", "baselines")),
    Rule(WORKER, _worker, _unread, Remedy("Give it its rights and its secret:", "access")),
    Rule(SIGNED, _signed, _unsigned, Remedy("Give the signer its rights, and close the buckets:", "site")),
    Rule(IDENTITIES, _identities, _rights_elsewhere_are_met, Remedy("Set exactly these rights:", "access")),
)
