"""A callback plugin: Ansible's own output, which names the items of modules that take a list as those of a loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.callback.default import CallbackModule as Default

DOCUMENTATION = """
name: geocrop
type: stdout
short_description: Ansible's default output, with a line for each item of a list
description:
  - As P(ansible.builtin.default#callback), and where a module was given a list, with a line for each of its items, as
    for those of a loop. Another callback shows one line for all of them.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
"""


class CallbackModule(Default):
    """What the default callback shows, and the items."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "geocrop"

    def v2_runner_on_ok(self, result: Any) -> None:
        """Ok or changed: the items, where there are some."""
        items = self._items(result)
        if not items:
            super().v2_runner_on_ok(result)
            return
        self._handle_warnings_and_exception(result)
        for item in items:
            self.v2_runner_item_on_ok(item)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """The items where there are some, of which one at least failed."""
        items = self._items(result)
        if not items:
            super().v2_runner_on_failed(result, ignore_errors)
            return
        self._handle_warnings_and_exception(result)
        for item in items:
            (self.v2_runner_item_on_failed if item.result.get("failed") else self.v2_runner_item_on_ok)(item)

    def _items(self, result: Any) -> list[Any]:
        """A result for each item of a list."""
        return [type(result)(result.host, result.task, item, result.task_fields) for item in items_of(result.result)]


def items_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The outcomes of a module that was given a list."""
    found = result.get("outcomes")
    named = isinstance(found, list) and all(isinstance(one, Mapping) and "item" in one for one in found)
    return found if named and found else []
