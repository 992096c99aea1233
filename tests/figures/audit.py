"""``make audit ADVISORIES=folder``: known weaknesses of what is pinned, by advisories in OSV's format.

The folder holds them as files, YAML or JSON, at any depth: a clone of https://github.com/pypa/advisory-database, or
https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip, unpacked. Nothing is asked of the network.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.support.paths import REPO

REQUIREMENTS = REPO / "requirements"

#: What is known and does not concern this project, and why.
ACCEPTED = {
    "PYSEC-2020-220": "the connection plugin aws_ssm, which nothing here uses; mended in community.aws 1.2.1",
}

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


class Weakness(NamedTuple):
    """An advisory that a pinned version falls under."""

    package: str
    version: str
    advisory: str
    aliases: Sequence[str]

    def __str__(self) -> str:
        known_as = f" ({', '.join(self.aliases)})" if self.aliases else ""
        return f"{self.package} {self.version}: {self.advisory}{known_as}"


def pins(files: Iterable[Path]) -> dict[str, set[str]]:
    """Package, its name normalized -> the versions that any of the files pins."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for name, version in _PIN.findall(file.read_text(encoding="utf-8")):
            found[canonicalize_name(name)].add(version)
    return found


def advisories(folder: Path, packages: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    """The advisories below a folder that name any of the packages and were not taken back."""
    names = re.compile("|".join(rf"\b{name.replace('-', '[-_.]')}\b" for name in packages), re.IGNORECASE)
    for file in sorted(folder.rglob("*")):
        if file.suffix not in (".json", ".yaml") or not names.search(text := file.read_text(encoding="utf-8")):
            continue
        advisory = json.loads(text) if file.suffix == ".json" else yaml.load(text, yaml.CSafeLoader)
        if isinstance(advisory, dict) and "affected" in advisory and not advisory.get("withdrawn"):
            yield advisory


def weaknesses(pinned: Mapping[str, set[str]], known: Iterable[Mapping[str, Any]]) -> list[Weakness]:
    """Each pinned version that an advisory is about."""
    found = set()
    for advisory in known:
        for affected in advisory["affected"]:
            package = affected.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            if package.get("ecosystem") != "PyPI":
                continue
            for version in pinned.get(name, ()):
                if is_affected(version, affected):
                    found.add(Weakness(name, version, advisory["id"], tuple(advisory.get("aliases", ()))))
    return sorted(found)


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether a version is listed, or lies in a range (the evaluation of the OSV schema, 1.7)."""
    if version in map(str, affected.get("versions", ())):
        return True
    ranges = (one["events"] for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM")
    return any(_in_range(Version(version), events) for events in ranges)


def _in_range(version: Version, events: Sequence[Mapping[str, Any]]) -> bool:
    inside = False
    for told, what in sorted(_events(events), key=lambda event: event[0]):
        if what == "introduced" and version >= told:
            inside = True
        if (what == "fixed" and version >= told) or (what == "last_affected" and version > told):
            inside = False
    return inside


def _events(events: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Version, str]]:
    for event in events:
        for what, told in event.items():
            try:
                yield Version("0.dev0" if str(told) == "0" else str(told)), what
            except InvalidVersion:  # versions of before PEP 440, which nothing is pinned to
                continue


def main() -> int:
    """Print each weakness; 1 where there is any, 2 where there is nothing to compare with."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("folder", type=Path, help="advisories in OSV's format")
    folder = parser.parse_args().folder
    pinned = pins(sorted(REQUIREMENTS.glob("*.txt")))
    known = list(advisories(folder, pinned))
    if not known:
        print(f"make audit: {folder} has no advisory about any package that is pinned: give a folder of OSV files")
        return 2
    newest = max(str(one.get("modified", "")) for one in known)[:10]
    found = weaknesses(pinned, known)
    open_ones = [one for one in found if one.advisory not in ACCEPTED]
    for one in found:
        print(f"{one}{f' - accepted: {ACCEPTED[one.advisory]}' if one.advisory in ACCEPTED else ''}")
    print(
        f"make audit: {len(pinned)} packages, {len(known)} advisories that name them, the newest of {newest}: "
        f"{len(open_ones)} found, {len(found) - len(open_ones)} accepted"
    )
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
