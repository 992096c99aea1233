# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the acceptance: what was seen, judged and as a table; and sizes in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ansible.plugins

# Ansible loads each plugin by its file: what they share is found here
ansible.plugins.__path__.append(str(Path(__file__).resolve().parents[1]))

from ..plugin_utils.engine import make_importable  # noqa: E402

make_importable()

from ansible.module_utils.objectstore.values.sizes import human_size  # noqa: E402

from ..plugin_utils.acceptance import judge, table  # noqa: E402
from ..plugin_utils.acceptance.findings import Commands, Criterion  # noqa: E402


def acceptance_criteria(
    observed: Mapping[str, Any], *, dry_run: bool = False, inventory: Sequence[str] = (), root: str = "."
) -> list[Criterion]:
    """The criteria as judged, with commands for this inventory that are run from the folder ``root``."""
    return judge.acceptance_criteria(observed, dry_run=dry_run, commands=Commands(tuple(inventory), root))


class FilterModule:
    """What Ansible finds here."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "acceptance_criteria": acceptance_criteria,
            "acceptance_failure": table.acceptance_failure,
            "acceptance_table": table.acceptance_table,
            "human_size": human_size,
        }
