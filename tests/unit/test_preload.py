"""The callback that prepares the process which those of tasks are forked from."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.paths import REPO

#: In a process of its own, since it changes how that one works.
SCRIPT = """
import gc, json, sys
from ansible.plugins.loader import callback_loader, filter_loader, init_plugin_loader
init_plugin_loader([])
callback_loader.add_directory(sys.argv[1] + "/callback")
filter_loader.add_directory(sys.argv[1] + "/filter")
plugin = callback_loader.get("geocrop_preload")
plugin.v2_playbook_on_start(None)
loaded = [name for name in sys.modules if name.startswith("ansible.plugins.filter")]
plugin.v2_playbook_on_play_start(None)
print(json.dumps([len(loaded), gc.get_freeze_count(), gc.get_threshold()[0], gc.isenabled()]))
"""


def test_filters_are_loaded_and_what_is_there_is_not_looked_through_again() -> None:
    command = [sys.executable, "-c", SCRIPT, str(REPO / "plugins")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    loaded, frozen, threshold, enabled = json.loads(said)
    assert loaded > len(list((REPO / "plugins" / "filter").glob("*.py")))
    assert frozen > 10_000
    assert threshold == 100_000
    assert enabled
