# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine, for plugins: Ansible ships it to hosts by its configuration, and does not make it importable itself."""

from __future__ import annotations

from pathlib import Path

from ansible import module_utils

ENGINE = str(Path(__file__).resolve().parents[2] / "module_utils")


def make_importable() -> None:
    """Let ``ansible.module_utils.objectstore`` be found."""
    if ENGINE not in module_utils.__path__:
        module_utils.__path__.append(ENGINE)
