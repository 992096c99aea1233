"""What was tried to break a run in each direction, at many instants; ``make failures`` writes what came of it."""

from __future__ import annotations

import ansible.module_utils

from tests.support.paths import MODULE_UTILS

# for the process that runs what is killed; elsewhere who starts it has done so
if str(MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(MODULE_UTILS))
