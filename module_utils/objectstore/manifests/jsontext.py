"""JSON for people and for diffs: what holds no further object stands on one line."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> bytes:
    """The document, the same for the same value: one line for each innermost object, in the order of the value.

    :raises ValueError: for NaN and the infinities, which JSON does not have
    """
    return (_text(value, "") + "\n").encode("utf-8")


def _text(value: Any, pad: str) -> str:
    if not any(isinstance(child, dict) or _nests(child) for child in _children(value)):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    deeper = pad + " "
    if isinstance(value, dict):
        rows = [f"{json.dumps(name, ensure_ascii=False)}: {_text(child, deeper)}" for name, child in value.items()]
        return "{\n" + ",\n".join(deeper + row for row in rows) + f"\n{pad}}}"
    return "[\n" + ",\n".join(deeper + _text(child, deeper) for child in value) + f"\n{pad}]"


def _nests(value: Any) -> bool:
    return any(isinstance(child, dict) or _nests(child) for child in _children(value))


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
