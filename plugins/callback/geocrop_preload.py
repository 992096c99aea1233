# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback plugin: loads once, before the first task, what the process of each task would load again."""

from __future__ import annotations

from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader

DOCUMENTATION = """
name: geocrop_preload
type: notification
short_description: Loads filters and tests before tasks are forked
description:
  - Ansible forks a process for each task, and the first template in it loads the files of all filters and tests. Loaded
    here, in the process that they are forked from, they are there in each.
  - It shows nothing and changes nothing; without it, a run takes longer.
"""


class CallbackModule(CallbackBase):
    """Loads, and then has nothing to say."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "geocrop_preload"

    def v2_playbook_on_start(self, playbook: Any) -> None:  # noqa: ARG002  # Ansible calls it so
        """Before the first task."""
        for loader in (filter_loader, test_loader):
            for _ in loader.all():
                pass
