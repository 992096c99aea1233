# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The criteria on a terminal: aligned, and with names of objects in one piece, so that they can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from ansible.module_utils.objectstore.values.visible import visible

from .findings import Criterion, commands_of, verdict_of

#: Columns that a table's evidence takes before it goes on in the next line; a longer word goes beyond them.
EVIDENCE_WIDTH = 84


def acceptance_table(criteria: Sequence[Criterion]) -> str:
    """The criteria as aligned lines; below what is not met, the command that puts it right."""
    widths = [max(len(row[column]) for row in criteria) for column in ("criterion", "status")]
    lines = []
    for row in criteria:
        first, *rest = _folded(row["evidence"]) or [""]
        lines.append(f"{row['criterion']:{widths[0]}}  {row['status']:{widths[1]}}  {first}")
        told = [*_folded(row["advice"]), f"  {row['command']}"] if row["command"] else []
        lines += [f"{'':{sum(widths) + 4}}{line}" for line in [*rest, *told]]
    return "\n".join(line.rstrip() for line in lines)


def acceptance_failure(criteria: Sequence[Criterion]) -> str:
    """What is not met by name, and what to do; the table has the evidence."""
    commands = "".join(f"\n  {command}" for command in commands_of(criteria))
    return f"{verdict_of(criteria)}\nThe evidence of each is above. To put it right:{commands}\n"


def _folded(text: str) -> list[str]:
    return wrap(visible(text), EVIDENCE_WIDTH, break_long_words=False, break_on_hyphens=False)
