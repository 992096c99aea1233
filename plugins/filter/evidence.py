"""What was seen, in words: sizes, the criteria of acceptance with their evidence, and these as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from textwrap import wrap
from typing import Any

Result = Mapping[str, Any]
Criterion = dict[str, str]

#: What a tried right turned out to be.
TRIED = ("allowed", "denied")

#: Columns that a table's evidence takes before it goes on in the next line.
EVIDENCE_WIDTH = 84


def acceptance_criteria(observed: Mapping[str, Any], *, dry_run: bool = False) -> list[Criterion]:
    """The criteria, each as ``criterion``, ``status`` (met, NOT MET, or in a dry run: not yet) and ``evidence``."""
    judged = [
        ("The buckets exist", *_buckets(observed["buckets"])),
        ("They are private", *_private(observed["anonymous"])),
        ("The DW baselines are in place", *_baselines(observed["baselines"])),
        ("The training set is in place", *_datasets(observed["datasets"])),
        ("A baseline manifest exists", *_manifest(observed["manifest"])),
        ("The worker can read", *_worker(observed["worker"])),
        ("Downloads take a signed URL", *_signed(observed["signed"])),
    ]
    if observed["identities"]:
        judged.append(("Identities have just their rights", *_identities(observed["identities"])))
    unmet = "not yet" if dry_run else "NOT MET"
    return [{"criterion": name, "status": "met" if met else unmet, "evidence": text} for name, met, text in judged]


def acceptance_table(criteria: Sequence[Criterion]) -> str:
    """The criteria as aligned lines."""
    widths = [max(len(row[column]) for row in criteria) for column in ("criterion", "status")]
    lines = []
    for row in criteria:
        first, *rest = wrap(row["evidence"], EVIDENCE_WIDTH) or [""]
        lines.append(f"{row['criterion']:{widths[0]}}  {row['status']:{widths[1]}}  {first}")
        lines += [f"{'':{sum(widths) + 4}}{line}" for line in rest]
    return "\n".join(line.rstrip() for line in lines)


def acceptance_failure(criteria: Sequence[Criterion]) -> str:
    """What is not met, in one message."""
    unmet = [f"{row['criterion']}: {row['evidence']}" for row in criteria if row["status"] == "NOT MET"]
    named = "; ".join(text.rstrip(".") for text in unmet)
    return f"The store is not accepted, {len(unmet)} of {len(criteria)} criteria are not met. {named}."


def human_size(count: float) -> str:
    """Bytes in binary units, as ``7.367 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} TiB"


Verdict = tuple[bool, str]


def _buckets(results: Sequence[Result]) -> Verdict:
    broken = [result["msg"] for result in results if "actions" not in result]
    if broken:
        return False, str(broken[0])
    missing = [result["item"] for result in results if result["planned"]]
    if missing:
        return False, f"missing: {', '.join(missing)}"
    return True, ", ".join(result["item"] for result in results)


def _private(results: Sequence[Result]) -> Verdict:
    broken = [result["msg"] for result in results if "anonymous" not in result]
    if broken:
        return False, str(broken[0])
    verbs = tuple(results[0]["anonymous"]) if results else ()
    open_ones = [
        f"{result['item']}: {verb} {outcome}"
        for result in results
        for verb, outcome in result["anonymous"].items()
        if outcome != "denied"
    ]
    if open_ones:
        return False, f"without credentials, {'; '.join(open_ones)}"
    return True, f"requests without credentials to {', '.join(verbs)} were denied on all {len(results)}"


def _baselines(seen: Mapping[str, Any]) -> Verdict:
    counted = seen["counted"]
    if "missing" not in counted:
        return False, str(counted["msg"])
    lists = list((seen["expect"] or {}).values())
    expected = prod(len(values) for values in lists) if lists else len(counted["keys"])
    present = expected - len(counted["missing"])
    shape = f" ({' x '.join(f'{len(values)} {name}s' for name, values in seen['expect'].items())})" if lists else ""
    text = f"{present} of {expected}{shape} below {seen['where']}, {human_size(counted['bytes'])}"
    if counted["unexpected"]:
        text += f"; {len(counted['unexpected'])} more that are not expected"
    if counted["missing"]:
        return False, f"{text}; missing: {_some([' '.join(row.values()) for row in counted['missing']])}"
    compared, evidence = _spot_checked(seen["spot_checked"])
    return bool(counted["keys"]) and compared, f"{text}; {evidence}"


def _datasets(seen: Mapping[str, Any]) -> Verdict:
    counted, metadata, batches = seen["counted"], seen["metadata"], int(seen["batches"])
    if "keys" not in counted:
        return False, str(counted["msg"])
    count = len(counted["keys"])
    text = f"{count} of {batches or count} batches below {seen['where']}, {human_size(counted['bytes'])}"
    if not count or (batches and count != batches):
        return False, text
    if "actions" in metadata:
        stored = not metadata["actions"]
        text += f"; metadata.json {'says what it should' if stored else 'is missing or says something else'}"
        if not stored:
            return False, text
    elif not metadata.get("skipped"):
        return False, f"{text}; {metadata['msg']}"
    compared, evidence = _spot_checked(seen["spot_checked"])
    return compared, f"{text}; {evidence}"


def _spot_checked(result: Result) -> Verdict:
    if result.get("skipped"):
        return True, "none was read back"
    if "objects" not in result:
        return False, str(result["msg"])
    return True, f"{len(result['objects'])} read back, each with the SHA-256 of its file"


def _manifest(seen: Mapping[str, Any]) -> Verdict:
    verified, places = seen["verified"], seen["places"]
    if "keys" not in verified:
        return False, str(verified["msg"])
    if not places:
        return False, "no place is named for one"
    return bool(verified["keys"]), f"{', '.join(places)}: true to the {len(verified['keys'])} keys in the store"


def _worker(seen: Mapping[str, Any]) -> Verdict:
    whose = "its own credentials" if seen["own_credentials"] else "the credentials of this run"
    if "objects" not in seen["read"]:
        return False, f"with {whose}: {seen['read']['msg']}"
    first = seen["read"]["objects"][0]
    return True, f"{first['key'].rsplit('/', 1)[-1]}, {human_size(first['size'])}, was read with {whose}"


def _signed(result: Result) -> Verdict:
    if "outcome" not in result:
        return False, str(result["msg"])
    tried = [f"{way.replace('_', ' ')}: {outcome}" for way, outcome in result["outcome"].items()]
    return bool(result["met"]), f"a request that is {', '.join(tried)}"


def _identities(results: Sequence[Result]) -> Verdict:
    untried = [result for result in results if "matrix" not in result]
    if untried:
        name = untried[0]["item"]["name"]
        return False, str(untried[0].get("msg") or f"{name} could not be tried: its secret is not on this workstation")
    differences = [text for result in results for text in result["differences"]]
    if differences:
        return False, "; ".join(differences)
    tries = sum(1 for result in results for row in result["matrix"] for value in row.values() if value in TRIED)
    names = ", ".join(result["item"]["name"] for result in results)
    return True, f"{names}: {tries} requests with their own credentials were allowed and denied as they must be"


def _some(names: Sequence[str], *, shown: int = 5) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


class FilterModule:
    """What Ansible finds here."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "acceptance_criteria": acceptance_criteria,
            "acceptance_failure": acceptance_failure,
            "acceptance_table": acceptance_table,
            "human_size": human_size,
        }
