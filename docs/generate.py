"""Writes the pages of modules and roles from what these say, the drawing of the architecture, and the index's schema.

``python -m docs.generate`` writes them; with ``--check`` it says which are not in step, and exits 1.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import ansible.module_utils
import yaml

from docs import wings

ROOT = Path(__file__).resolve().parent.parent

_MARKUP = re.compile(r"\b(?:O|V|RV|E|M|C)\(((?:[^()\\]|\\.|\([^)]*\))*)\)")


def main() -> int:
    """Write, or check, all pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not in step")
    check = parser.parse_args().check
    pages = {
        "modules.md": modules_page(),
        "roles.md": roles_page(),
        "architecture.md": wings.page(),
        "index.schema.json": index_schema(),
    }
    stale = [name for name, text in pages.items() if _read(ROOT / "docs" / name) != text]
    for name in stale:
        if check:
            print(f"docs/{name} is not in step with the code: run make docs")
        else:
            (ROOT / "docs" / name).write_text(pages[name], encoding="utf-8")
            print(f"wrote docs/{name}")
    return int(check and bool(stale))


def modules_page() -> str:
    """The modules, with options, return values and examples."""
    names = sorted(path.stem for path in (ROOT / "library").glob("*.py"))
    documents = module_documents(names)
    lines = [
        "# Modules",
        "",
        "Written by `make docs` from the modules; `ansible-doc -t module NAME` shows the same.",
        "",
    ]
    lines += [f"- [{name}](#{name}): {_plain(documents[name]['doc']['short_description'])}" for name in names]
    shared = _shared_options()
    lines += ["", "## Connection", "", "Every module that talks to the store takes these options.", ""]
    lines += _options({name: documents["minio_bucket"]["doc"]["options"][name] for name in shared})
    for name in names:
        lines += _module(name, documents[name], shared)
    return "\n".join(lines) + "\n"


def _module(name: str, document: dict[str, Any], shared: list[str]) -> Iterator[str]:
    doc = document["doc"]
    connects = set(shared) <= set(doc["options"])
    own = {option: spec for option, spec in doc["options"].items() if not (connects and option in shared)}
    yield from ("", f"## {name}", "")
    yield from (_plain(text) for text in _list(doc["description"]))
    if connects:
        yield from ("", "Besides the [connection](#connection):")
    yield ""
    yield from _options(own)
    yield from ("", "Returns:", "", "| value | type | when | meaning |", "|---|---|---|---|")
    for value, spec in (document["return"] or {}).items():
        yield f"| `{value}` | {spec.get('type', '')} | {spec.get('returned', '')} | {_cell(spec['description'])} |"
    yield from ("", "```yaml", document["examples"].strip(), "```")


def roles_page() -> str:
    """The roles with their variables."""
    lines = [
        "# Roles",
        "",
        "Written by `make docs` from the roles' argument specs; `ansible-doc -t role NAME` shows the same.",
    ]
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
        role = path.parent.parent.name
        lines += ["", f"## {role}", "", _plain(spec["short_description"]).rstrip(".") + ".", ""]
        lines += [_plain(text) for text in _list(spec.get("description", []))]
        lines += ["", *_options(spec.get("options", {}))]
    return "\n".join(lines) + "\n"


def index_schema() -> str:
    """The JSON Schema of the index, as it is written to the store."""
    ansible.module_utils.__path__.append(str(ROOT / "module_utils"))
    schema = importlib.import_module("ansible.module_utils.objectstore.manifests.schema")
    return str(schema.schema_text().decode("utf-8"))


def _options(options: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield from ("| option | type | default | meaning |", "|---|---|---|---|")
    for name, spec in sorted(options.items(), key=lambda item: (not item[1].get("required"), item[0])):
        kind = spec.get("type", "str") + (f" of {spec['elements']}" if spec.get("elements") else "")
        default = "**required**" if spec.get("required") else _default(spec.get("default"))
        choices = f" One of {', '.join(f'`{choice}`' for choice in spec['choices'])}." if spec.get("choices") else ""
        yield f"| `{name}` | {kind} | {default} | {_cell(spec['description'])}{choices} |"


def _default(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value) if not isinstance(value, str) else value or '""'
    return f"`{text}`" if len(text) <= 60 else "see `defaults/main.yml`"


def _cell(text: Any) -> str:
    return " ".join(_plain(line) for line in _list(text)).replace("|", "\\|")


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda match: f"`{match.group(1)}`", " ".join(text.split()))


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def module_documents(names: list[str]) -> dict[str, Any]:
    """What ``ansible-doc`` says of modules, fragments included: name -> ``doc``, ``examples``, ``return``."""
    command = [str(Path(sys.executable).parent / "ansible-doc"), "--json", "-t", "module", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    documents: dict[str, Any] = json.loads(done.stdout)
    return documents


def _shared_options() -> list[str]:
    fragment = (ROOT / "plugins" / "doc_fragments" / "minio.py").read_text(encoding="utf-8")
    documentation = fragment.split('DOCUMENTATION = r"""', 1)[1].split('"""', 1)[0]
    return list(yaml.safe_load(documentation)["options"])


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
