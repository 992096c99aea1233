# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a criterion of acceptance came to: met or not, by which evidence, and what puts it right."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MET, UNMET, NOT_YET = "met", "NOT MET", "not yet"

#: A criterion as Ansible's variables, the report and its JSON have it.
Criterion = dict[str, str]


class Remedy(NamedTuple):
    """What puts something right: a sentence, and the playbook that does it with its further arguments."""

    advice: str
    playbook: str
    arguments: tuple[str, ...] = ()


class Finding(NamedTuple):
    """One criterion as judged. ``remedy`` replaces the criterion's own where something else helps better."""

    met: bool
    evidence: str
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Commands:
    """How the commands of remedies are written for the inventory of this run.

    :param inventory: its sources, as Ansible names them
    :param root: the folder that playbooks are run from; what lies in it is named by its path from there
    """

    inventory: tuple[str, ...] = ()
    root: str = "."

    def of(self, remedy: Remedy) -> str:
        """The command line, quoted for a shell."""
        chosen = [word for source in self.inventory for word in ("-i", self._short(source))]
        return shlex.join(["ansible-playbook", *chosen, f"playbooks/{remedy.playbook}.yml", *remedy.arguments])

    def _short(self, path: str) -> str:
        # a list of hosts ("a,b") is a source, too
        inside = Path(path).is_absolute() and Path(path).is_relative_to(self.root)
        return os.path.relpath(path, self.root) if inside else path


def unmet(criteria: Sequence[Criterion]) -> list[Criterion]:
    """Those that are not met."""
    return [row for row in criteria if row["status"] == UNMET]


def verdict_of(criteria: Sequence[Criterion]) -> str:
    """The verdict in a sentence that names what is not met."""
    failed = unmet(criteria)
    if not failed:
        return f"Accepted: all {len(criteria)} criteria are met."
    names = "; ".join(row["criterion"] for row in failed)
    return f"Not accepted: {len(failed)} of {len(criteria)} criteria are not met ({names})."


def commands_of(criteria: Sequence[Criterion]) -> list[str]:
    """The commands that put right what is not met, each once, in the order of the criteria."""
    return list(dict.fromkeys(row["command"] for row in unmet(criteria) if row["command"]))
