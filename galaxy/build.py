"""Builds the collection: ``python -m galaxy.build`` writes a tarball below ``.cache/collection``.

The project is run from its work tree, where modules, filters and roles have plain names and the engine is
``ansible.module_utils.objectstore``. In a collection all of them have the collection's name in front. This is
the one place that knows how the one becomes the other; nothing of the tree is kept twice.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from tests.support.errors import SupportError
from tests.support.paths import CACHE, LIBRARY, MODULE_UTILS, REPO

HERE = Path(__file__).parent
NAME = "geocrop.storage"
PACKAGE = f"ansible_collections.{NAME}.plugins"

#: As ``min_ansible_version`` of the roles.
REQUIRES_ANSIBLE = ">=2.19.0"

#: Where the build leaves the collection and its tarball.
OUTPUT = CACHE / "collection"

#: Copied as they are: the papers, the pages, and what managed hosts install (a role reads it).
_PAPERS = ("README.md", "LICENSE", "CHANGELOG.md")
_REQUIREMENTS = ("runtime.txt", "raster.txt", "isal.txt", "rclone.txt")

#: How a plugin of the project reaches the engine and the other plugins. A collection is a package anyway.
_BOOTSTRAP = re.compile(
    r"^import ansible\.plugins\n|^# Ansible loads each plugin by its file.*\n|^ansible\.plugins\.__path__\.append.*\n"
    r"|^from \.+(?:plugin_utils\.)?engine import make_importable.*\n|^make_importable\(\)\n",
    re.MULTILINE,
)


def make_collection(root: Path, modules: Iterable[Path] = ()) -> Path:
    """A collection below ``root`` with ``modules`` (default: all of ``library/``); returns its folder."""
    collection = root / "ansible_collections" / NAME.replace(".", "/")
    plugins = collection / "plugins"
    _copy(MODULE_UTILS, plugins / "module_utils", lambda _, text: text)
    _copy(REPO / "plugins", plugins, plugin_text)
    (plugins / "plugin_utils" / "engine.py").unlink()
    (plugins / "modules").mkdir()
    for module in modules or sorted(LIBRARY.glob("*.py")):
        (plugins / "modules" / module.name).write_text(module_text(module.read_text()))
    for folder in ("roles", "playbooks"):
        _copy(REPO / folder, collection / folder, task_text)
    for role in sorted((collection / "roles").iterdir()):
        _describe(role)
    for name in _PAPERS:
        shutil.copy(REPO / name, collection / name)
    shutil.copytree(REPO / "docs", collection / "docs", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (collection / "requirements").mkdir()
    for name in _REQUIREMENTS:
        shutil.copy(REPO / "requirements" / name, collection / "requirements" / name)
    (collection / "changelogs").mkdir()
    for name in ("config.yaml", "changelog.yaml"):
        shutil.copy(REPO / "changelogs" / name, collection / "changelogs" / name)
    (collection / "meta").mkdir()
    shutil.copy(HERE / "metadata.yml", collection / "galaxy.yml")
    (collection / "meta" / "runtime.yml").write_text(yaml.safe_dump(runtime(), explicit_start=True, sort_keys=False))
    return collection


def _describe(role: Path) -> None:
    """A page for a role that has none of its own, as Galaxy wants it."""
    page = role / "README.md"
    if not page.exists():
        said = yaml.safe_load((role / "meta" / "main.yml").read_text())["galaxy_info"]["description"]
        page.write_text(f"# {NAME}.{role.name}\n\n{said}.\n\nIts variables: docs/roles.md of the collection.\n")


def build(output: Path) -> Path:
    """The tarball, newly built; ``output`` is emptied first."""
    shutil.rmtree(output, ignore_errors=True)
    collection = make_collection(output)
    command: list[str | Path] = [Path(sys.executable).parent / "ansible-galaxy", "collection", "build"]
    done = subprocess.run(
        [*command, collection, "--output-path", output], capture_output=True, text=True, check=False, cwd=output
    )
    if done.returncode:
        raise SupportError(f"collection: ansible-galaxy could not build it\n{done.stdout}{done.stderr}")
    version = yaml.safe_load((HERE / "metadata.yml").read_text())["version"]
    return output / f"{NAME.replace('.', '-')}-{version}.tar.gz"


def runtime() -> dict[str, object]:
    """``meta/runtime.yml``. The group gives all modules their connection at once: ``group/geocrop.storage.all``."""
    return {"requires_ansible": REQUIRES_ANSIBLE, "action_groups": {"all": sorted(module_names())}}


def module_text(text: str) -> str:
    """A module as the collection has it: imports, fragments, references and examples with full names."""
    text = engine_text(text)
    text = re.sub(r"^(  - )(minio(?:\.\w+)?)$", rf"\1{NAME}.\2", text, flags=re.MULTILINE)
    text = re.sub(r"^(  - module: )(\w+)$", rf"\1{NAME}.\2", text, flags=re.MULTILINE)
    text = re.sub(r"\b(M\(|[OR]V?\((?=\w+#))(\w+)", rf"\1{NAME}.\2", text)
    return _named(text, module_names(), r"^(  )({names})(?=:)")


def plugin_text(path: Path, text: str) -> str:
    """A plugin: what makes the project's folders importable is gone, imports and examples have full names."""
    text = re.sub(r"\n{4,}", "\n\n\n", engine_text(_BOOTSTRAP.sub("", text)))
    return lookup_text(task_text(path, text) if path.suffix == ".yml" else text)


def engine_text(text: str) -> str:
    """Imports of the engine by the name that it has in a collection."""
    return text.replace("ansible.module_utils.objectstore", f"{PACKAGE}.module_utils.objectstore")


def task_text(path: Path, text: str) -> str:
    """Roles and playbooks: modules, filters, lookups and roles with full names."""
    if "tasks" in path.parts or path.name == "README.md":
        # elsewhere, and with another value, it is a variable: minio_access_key is both
        text = _named(text, module_names(), r"^( +(?:- )?)({names})(?=:$|: \"\{\{ \w*connection|: [&*]connection)")
    text = _named(text, filter_names(), r"(\| *)({names})\b")
    text = lookup_text(text)
    roles = [path.name for path in (REPO / "roles").iterdir()]
    return _named(text, roles, r"^( +- role: | +name: )({names})(?=$)")


def lookup_text(text: str) -> str:
    """Lookups by their full names."""
    return _named(text, [path.stem for path in (REPO / "plugins" / "lookup").glob("*.py")], r"(lookup\(')({names})\b")


def module_names() -> list[str]:
    """What a task of the project can be: its modules, and actions that have none."""
    return sorted({path.stem for folder in (LIBRARY, REPO / "plugins" / "action") for path in folder.glob("*.py")})


def filter_names() -> list[str]:
    """The filters that the project's plugins have."""
    sources = [path.read_text().rpartition("def filters(")[2] for path in (REPO / "plugins" / "filter").glob("*.py")]
    return [name for text in sources for name in re.findall(r'^ {12}"(\w+)": ', text, re.MULTILINE)]


def _named(text: str, names: Iterable[str], pattern: str) -> str:
    """Put the collection's name before what the second group of ``pattern`` finds."""
    wanted = pattern.replace("{names}", "|".join(sorted(names, key=len, reverse=True)))
    return re.sub(wanted, rf"\1{NAME}.\2", text, flags=re.MULTILINE)


def _copy(source: Path, target: Path, change: Callable[[Path, str], str]) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            there = target / path.relative_to(source)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(change(path, path.read_text()))


def main() -> int:
    """Build it and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m galaxy.build", description=__doc__)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    try:
        tarball = build(parser.parse_args().output.absolute())
    except SupportError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"collection: {tarball}; to install it: ansible-galaxy collection install {tarball}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
