"""What all tests share: the engine is importable by the name that modules use."""

from __future__ import annotations

import ansible.module_utils
from hypothesis import settings

from tests.support.paths import MODULE_UTILS

# Ansible puts module_utils/ of the project there when it packs a module
if str(MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(MODULE_UTILS))

# how long an example takes says more of what else the machine does than of the code
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
