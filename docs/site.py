"""A hook of mkdocs: the papers beside ``docs/`` and the examples are pages and files of the site, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent

PAPERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md")

_LINK = re.compile(r"\]\((?:docs/|\.\./)?([^)\s:#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Add what lies outside of ``docs/``."""
    for name in PAPERS:
        text = site_links((ROOT / name).read_text(encoding="utf-8"))
        files.append(File.generated(config, "index.md" if name == "README.md" else name, content=text))
    for path in (ROOT / "LICENSE", *sorted((ROOT / "examples").glob("*.py"))):
        files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_others: Any) -> str:
    """The links of a page, as the site has them."""
    return site_links(markdown)


def site_links(markdown: str) -> str:
    """Links as they are in the repository, where ``docs/`` is a folder; in the site it is the root."""
    return _LINK.sub(lambda found: f"]({_place(found[1])}{found[2] or ''})", markdown)


def _place(target: str) -> str:
    return "index.md" if target == "README.md" else target
