"""The wings of the engine and which of them use which, read from the source: for the page and for the test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent / "module_utils" / "objectstore"

#: Between these lines of docs/architecture.md stands the drawing.
BEGIN, END = "<!-- drawn by make docs -->\n", "<!-- end of the drawing -->\n"


def sources() -> list[Path]:
    """Every file of the engine."""
    return sorted(ENGINE.rglob("*.py"))


def name_of(path: Path) -> str:
    """The file as ``s3/session.py``."""
    return path.relative_to(ENGINE).as_posix()


def wing_of(name: str) -> str:
    """The wing of a file; ``runner.py`` and ``store.py`` are each a part of their own."""
    return name.split("/", maxsplit=1)[0].removesuffix(".py")


@cache
def imports(path: Path) -> dict[str, int]:
    """What a file imports -> level: ``("os", 0)``, ``("sync", 1)``, imports inside functions included."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update({alias.name: 0 for alias in node.names})
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [module]
            if node.level and _base(path, node.level).joinpath(*module.split(".")).is_dir():
                names = [f"{module}.{alias.name}".lstrip(".") for alias in node.names]
            found.update(dict.fromkeys(names, node.level))
    return found


def _base(path: Path, level: int) -> Path:
    return path.parent if level == 1 else path.parents[level - 1]


def inner(path: Path) -> set[str]:
    """The files of the engine that a file imports, as ``sync/compare.py``."""
    found = set()
    for name, level in imports(path).items():
        if level:
            target = _base(path, level).joinpath(*name.split("."))
            file = target.with_suffix(".py")
            found.add(name_of(file if file.exists() else target / "__init__.py"))
    return found


@cache
def arrows() -> dict[str, set[str]]:
    """Wing -> the wings that it uses."""
    graph: dict[str, set[str]] = {}
    for path in sources():
        wing = wing_of(name_of(path))
        if wing != "__init__":
            graph.setdefault(wing, set()).update(wing_of(name) for name in inner(path))
    return {wing: targets - {wing} for wing, targets in graph.items()}


def _purpose(wing: str) -> str:
    path = ENGINE / wing / "__init__.py"
    text = ast.get_docstring(ast.parse((path if path.exists() else ENGINE / f"{wing}.py").read_text())) or ""
    return re.split(r"(?<=[.:;])\s", " ".join(text.split()), maxsplit=1)[0].rstrip(".:;")


def _needed(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows that no way round by others says already."""

    @cache
    def reached(wing: str) -> set[str]:
        return graph[wing].union(*(reached(target) for target in graph[wing]))

    return {
        wing: {target for target in targets if not any(target in reached(other) for other in targets - {target})}
        for wing, targets in graph.items()
    }


def drawing() -> str:
    """The wings as a mermaid graph, with the arrows that are not said by others."""
    graph = arrows()
    boxes = [f'  {wing}["<b>{wing}</b><br/>{_purpose(wing)}"]' for wing in sorted(graph)]
    lines = [f"  {wing} --> {target}" for wing, targets in sorted(_needed(graph).items()) for target in sorted(targets)]
    rows = [
        f"| `{wing}` | {', '.join(f'`{name}`' for name in sorted(graph[wing])) or 'nothing'} |"
        for wing in sorted(graph)
    ]
    table = ["| wing | uses |", "|---|---|", *rows]
    return "\n".join(["```mermaid", "flowchart TD", *boxes, *lines, "```", "", *table]) + "\n"


def page() -> str:
    """docs/architecture.md with the drawing of now."""
    text = (Path(__file__).parent / "architecture.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{drawing()}\n{END}{after}"
