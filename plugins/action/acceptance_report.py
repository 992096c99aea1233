"""Writes the report of the acceptance on the workstation: a page, and the same as JSON."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ansible.plugins
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version

# Ansible loads each plugin by its file: what they share is found here
ansible.plugins.__path__.append(str(Path(__file__).resolve().parents[1]))

from ..plugin_utils.engine import make_importable  # noqa: E402

make_importable()

from ansible.module_utils.objectstore.values.version import VERSION  # noqa: E402

from ..plugin_utils.acceptance.changes import changes_since, read_report  # noqa: E402
from ..plugin_utils.acceptance.document import Document, make_document  # noqa: E402
from ..plugin_utils.acceptance.page import render_page  # noqa: E402

ARGUMENTS = {
    "page": {"type": "path", "required": True},
    "json": {"type": "path"},
    "criteria": {"type": "list", "elements": "dict", "required": True},
    "seen": {"type": "dict", "required": True},
    "endpoint": {"type": "str", "required": True},
    "server": {"type": "str", "default": ""},
    "started": {"type": "float"},
    "legend": {"type": "list", "elements": "dict", "default": []},
}


class ActionModule(ActionBase):
    """All of it happens here: no process is started, and nothing is asked of the managed host."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write both files; a dry run writes none."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, params = self.validate_argument_spec(argument_spec=ARGUMENTS)
        if self._task.check_mode:
            return {**result, "changed": False, "skipped": True}
        try:
            document = self._document(params, task_vars or {})
            templates = str(Path(self._find_needle("templates", "report.html.j2")).parent)
            _write(params["page"], render_page(document, templates, legend=params["legend"]))
            if params["json"]:
                _write(params["json"], json.dumps(without_pictures(document), indent=1) + "\n")
        except OSError as error:
            raise AnsibleActionFail(
                f"Could not write the report {error.filename or params['page']}: {error.strerror}. "
                "Set acceptance_report to another place."
            ) from error
        # a report is a record of what was seen: writing it changes nothing of what the plays are about
        return {**result, "changed": False, "page": params["page"], "json": params["json"] or ""}

    def _document(self, params: dict[str, Any], variables: dict[str, Any]) -> Document:
        now = datetime.now(UTC)
        run = {
            "endpoint": params["endpoint"],
            "time": now.isoformat(timespec="seconds"),
            "seconds": round(now.timestamp() - params["started"], 1) if params["started"] else None,
            "user": user_name(),
            "inventory": inventory_name(variables),
            "hosts": list(variables.get("ansible_play_hosts") or ()),
            "versions": {
                "geocrop-storage": VERSION,
                "ansible-core": ansible_version,
                **({"Server": params["server"]} if params["server"] else {}),
            },
        }
        document = make_document(params["criteria"], params["seen"], run)
        former = read_report(params["json"]) if params["json"] else None
        return {**document, "changes": changes_since(former, document)}


def inventory_name(variables: Mapping[str, Any]) -> str:
    """The inventory's own name: its folder or file, or the list of hosts."""
    sources = variables.get("ansible_inventory_sources") or ()
    return ", ".join(Path(source).name or source for source in sources)


def user_name() -> str:
    """Who runs Ansible on the workstation; a number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def without_pictures(document: Document) -> Document:
    """The document less the PNGs, which only the page has."""
    looks = document["quicklooks"]
    tiles = [{name: value for name, value in tile.items() if name != "png"} for tile in looks["tiles"]]
    return {**document, "quicklooks": {**looks, "tiles": tiles}}


def _write(path: str, text: str) -> None:
    """Replace a file as a whole: whoever reads it meanwhile sees the former one."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    new.write_text(text, encoding="utf-8", errors="backslashreplace")
    new.chmod(0o644)
    new.replace(target)
