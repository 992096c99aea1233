"""Keys that S3 takes and a MinIO does not keep, or not under their name."""

from __future__ import annotations

import re

from ...values.limits import bytes_of

#: Bytes of a component: it is a folder's name on MinIO's disks (NAME_MAX of Linux; cmd/xl-storage.go).
LONGEST_COMPONENT = 255

#: How MinIO names the folder of an object whose key ends in ``/`` (cmd/globals.go): listings show it as that object.
FOLDER_MARK = "__XLDIR__"


def key_problem(key: str) -> str:
    """Why this key cannot be kept; ``""`` where it can."""
    components = key.split("/")
    longest = max(bytes_of(component) or 0 for component in components)
    if longest > LONGEST_COMPONENT:
        return f"it has a component of {longest} bytes, and between two '/' MinIO takes at most {LONGEST_COMPONENT}"
    if any(component.endswith(FOLDER_MARK) for component in components):
        return f"a component ends in {FOLDER_MARK}, by which MinIO names folders of its own: listings show another key"
    # cmd/generic-handlers.go, hasBadPathComponent: paths of Windows, and blanks around, count
    if any(part.strip() in (".", "..") for part in re.split(r"[/\\]", key)):
        return "it has a component that MinIO takes for '.' or '..'"
    return ""
