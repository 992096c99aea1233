"""What all tests share: the engine is importable by the name that modules use, and unit tests come in any order."""

from __future__ import annotations

import random
import signal

import ansible.module_utils
import pytest
from hypothesis import settings

from tests.support import ran
from tests.support.order import LONGEST
from tests.support.paths import MODULE_UTILS, REPO

UNIT = REPO / "tests" / "unit"


# Ansible puts module_utils/ of the project there when it packs a module
if str(MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(MODULE_UTILS))

# how long an example takes says more of what else the machine does than of the code
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# a shell starts what runs in the background deaf to Ctrl-C, and all that it starts; tests interrupt some of that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--order-seed",
        type=int,
        default=None,
        help="of the order in which unit tests run; 0 leaves them in theirs; where none is given, another each time",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("order_seed") is None:
        # workers of xdist must agree on the order, so they take that of who started them
        given = getattr(config, "workerinput", {}).get("order_seed")
        config.option.order_seed = random.randrange(1, 2**32) if given is None else given


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    node.workerinput["order_seed"] = node.config.getoption("order_seed")  # type: ignore[attr-defined]


def pytest_report_header(config: pytest.Config) -> str:
    return f"order of unit tests: --order-seed={config.getoption('order_seed')}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unit tests by the seed: files first, then the tests of each. Others share servers, and keep their order."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    seed = config.getoption("order_seed")
    if not seed:
        return
    ours = [index for index, item in enumerate(items) if item.path.is_relative_to(UNIT)]
    chosen = [items[index] for index in ours]
    order = random.Random(seed)
    files = {item.path: order.random() for item in chosen}
    tests = {item.nodeid: order.random() for item in chosen}
    chosen.sort(key=lambda item: (files[item.path], tests[item.nodeid]))
    for index, item in zip(ours, chosen, strict=True):
        items[index] = item


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Leave a note of how a whole suite ended; one that was run in part is none."""
    suite = {"tests/unit": "unit", "tests/integration": "integration"}.get(config.args[0] if config.args else "")
    if suite and not (config.getoption("keyword") or config.getoption("markexpr")):
        numbers = {name: len(terminalreporter.stats.get(name, ())) for name in ("passed", "failed", "error", "skipped")}
        twice = len(terminalreporter.stats.get("rerun", ()))
        numbers["passed only at a second try"] = max(twice - numbers["failed"] - numbers["error"], 0)
        ran.note(suite, ran.counts(numbers))
