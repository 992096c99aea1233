"""Keys that S3 takes and a MinIO does not keep, or not under their name."""

from __future__ import annotations

import re

from ...values.limits import component_problem

#: How MinIO names the folder of an object whose key ends in ``/`` (cmd/globals.go): listings show it as that object.
FOLDER_MARK = "__XLDIR__"


def key_problem(key: str) -> str:
    """Why this key cannot be kept; ``""`` where it can."""
    components = key.split("/")
    if any(component.endswith(FOLDER_MARK) for component in components):
        return f"a component ends in {FOLDER_MARK}, by which MinIO names folders of its own: listings show another key"
    # cmd/generic-handlers.go, hasBadPathComponent: paths of Windows, and blanks around, count
    if any(part.strip() in (".", "..") for part in re.split(r"[/\\]", key)):
        return "it has a component that MinIO takes for '.' or '..'"
    return component_problem(key, "MinIO")
