# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback plugin: does once, before the first task, what the process of each task would do again."""

from __future__ import annotations

import gc
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader

DOCUMENTATION = """
name: geocrop_preload
type: notification
short_description: Prepares the process that those of tasks are forked from
description:
  - Ansible forks a process for each task, and the first template in it loads the files of all filters and tests. Loaded
    here, in the process that they are forked from, they are there in each.
  - Such a process parses each file that a module imports, and Python looks for garbage after every 700 objects of that,
    among all that Ansible has loaded before. From the start of a play on, what is there is left out, and garbage
    is looked for after every 100,000 objects.
  - It shows nothing and changes nothing; without it, a run takes longer.
"""

#: New objects between two looks for garbage.
_NEW_OBJECTS = 100_000


class CallbackModule(CallbackBase):
    """Prepares, and then has nothing to say."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "geocrop_preload"

    def v2_playbook_on_start(self, playbook: Any) -> None:  # noqa: ARG002  # Ansible calls it so
        """Before the first play."""
        gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
        for loader in (filter_loader, test_loader):
            for _ in loader.all():
                pass

    def v2_playbook_on_play_start(self, play: Any) -> None:  # noqa: ARG002  # Ansible calls it so
        """Before the first task of a play."""
        gc.freeze()
