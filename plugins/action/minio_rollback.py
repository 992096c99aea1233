# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module minio_rollback, and on a terminal shows how far it is."""

from __future__ import annotations

from pathlib import Path

import ansible.plugins

# Ansible loads each plugin by its file: what they share is found here
ansible.plugins.__path__.append(str(Path(__file__).resolve().parents[1]))

from ..plugin_utils.watched import WatchedAction  # noqa: E402


class ActionModule(WatchedAction):
    """The module, watched or not."""
