"""The cycle that each module passes: a dry run that writes nothing and foretells the run, the run, both once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.plugins.callback import CallbackBase

from tests.integration.conftest import RunModule
from tests.support.counters import write_counts
from tests.support.proxy import Proxy

#: What both runs must say alike.
TOLD = ("changed", "actions", "diff", "failed", "msg")


def run_step(
    run_module: RunModule, proxy: Proxy, *, module: str, params: Mapping[str, Any], observe: Callable[[], Any]
) -> dict[str, Any]:
    """Run the module in check mode, for real, and both again; return what the real run said.

    ``observe`` gives the state as another client sees it. Check mode goes through the proxy, which sees that it asks
    for nothing but reads, of the admin API too; the server's own counters and ``observe`` say the same. The second
    pair of runs must change nothing.
    """
    before, counted = observe(), write_counts(proxy.server)
    predicted = run_module(module, params, check=True, diff=True, server=proxy.server)
    assert observe() == before, "check mode changed the server"
    assert proxy.writes == []
    assert write_counts(proxy.server) == counted
    real = run_module(module, params, diff=True)
    assert told(predicted) == told(real), f"foretold: {told(predicted)}\nhappened: {told(real)}"
    assert not real["failed"], real["msg"]
    after = observe()
    for check in (True, False):
        again = run_module(module, params, check=check, diff=True)
        assert (again["failed"], again["changed"], again["actions"]) == (False, False, []), again
    assert observe() == after
    return real


def told(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a run said of its plan."""
    return {name: result.get(name) for name in TOLD}


def shown(result: Mapping[str, Any]) -> str:
    """What ``ansible-playbook --diff`` prints of a result: its - and + lines in one, without brackets and quotes."""
    lines = CallbackBase()._get_diff(result["diff"]).splitlines()[3:]
    words = ((line[:1], line[1:].replace('"', "").strip(" {}[],")) for line in lines)
    return " ".join(f"{sign} {text}" for sign, text in words if sign in ("-", "+") and text)
