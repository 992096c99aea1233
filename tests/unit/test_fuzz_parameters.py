"""Tasks that nobody would write, judged without a store."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.parameters import parameters_of
from tests.fuzz.properties import run
from tests.support.paths import LIBRARY

#: A store that is not there.
NOWHERE = {"endpoint": "http://127.0.0.1:9", "access_key": "abc", "secret_key": "top-secret-1"}

#: Those that run on a host; a module that is an action has its documentation there alone.
MODULES = sorted(path.stem for path in LIBRARY.glob("*.py") if "def main(" in path.read_text())


@pytest.mark.parametrize("module", MODULES)
def test_any_task_ends_with_a_result(module: str) -> None:
    @settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def any_task(data: st.DataObject) -> None:
        run(module, data.draw(parameters_of(module, NOWHERE)), check=True)

    any_task()
