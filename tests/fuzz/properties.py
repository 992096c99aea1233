"""What holds for any task: it ends with a result, a fault is never the module's own, and a dry run tells the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.support.in_process import run_here

#: How many tasks were tried, by module.
TRIED: Counter[str] = Counter()

#: What both runs must say alike.
TOLD = ("changed", "actions", "failed", "msg")


def run(module: str, params: Mapping[str, Any], *, check: bool) -> dict[str, Any]:
    """The result of a task, which is one."""
    TRIED[module] += 1
    result = run_here(module, params, check=check)
    said = {key: value for key, value in result.items() if key != "invocation"}
    assert "This is a fault" not in str(result.get("msg")), said
    assert "Traceback" not in str(said), said
    for secret in ("secret_key", "user_secret", "key_secret"):
        value = params.get(secret)
        if isinstance(value, str) and len(value) >= 8:
            assert value not in str(said), f"{secret} is shown"
    return result


def run_twice(module: str, params: Mapping[str, Any]) -> None:
    """A dry run, and the run: the second does what the first promised, or fails as it did."""
    foretold = run(module, params, check=True)
    happened = run(module, params, check=False)
    both = [{name: result.get(name) for name in TOLD} for result in (foretold, happened)]
    if foretold["failed"] != happened["failed"] or not foretold["failed"]:
        assert both[0] == both[1], f"foretold: {both[0]}\nhappened: {both[1]}"
    if not happened["failed"]:
        again = run(module, params, check=False)
        assert not again["failed"], again.get("msg")
        assert not again["changed"], f"a second run changes {again.get('actions')}"
