"""Where things are in the work tree."""

from __future__ import annotations

from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
CACHE = REPO / ".cache"
TOOL_BIN = CACHE / "bin"
LIBRARY = REPO / "library"
MODULE_UTILS = REPO / "module_utils"
