"""What the modules' documentation says of itself: attributes, samples, and examples with options that there are."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml

from docs.generate import module_documents
from tests.support.paths import LIBRARY

MODULES = sorted(path.stem for path in LIBRARY.glob("*.py"))

TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "dict": dict,
    "float": (float, int),
    "int": int,
    "list": list,
    "str": str,
}

#: Words beside the module's name in a task of an example.
KEYWORDS = {"name", "register", "no_log", "failed_when", "delegate_to"}


@cache
def documents() -> dict[str, Any]:
    """All modules, by one call of ansible-doc."""
    return module_documents(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_attributes_say_what_dry_runs_and_second_runs_do(module: str) -> None:
    attributes = documents()[module]["doc"]["attributes"]
    assert {"check_mode", "diff_mode", "idempotent"} <= set(attributes)
    partial = [name for name, value in attributes.items() if value["support"] == "partial"]
    assert [name for name in partial if not attributes[name].get("details")] == []


@pytest.mark.parametrize("module", MODULES)
def test_returned_values_have_samples_of_their_type(module: str) -> None:
    returns = documents()[module]["return"]
    assert [name for name, value in returns.items() if "sample" not in value] == []
    assert [name for name, value in returns.items() if not isinstance(value["sample"], TYPES[value["type"]])] == []


@pytest.mark.parametrize("module", MODULES)
def test_what_a_list_returns_is_in_its_outcomes(module: str) -> None:
    """``values.steps`` returns nothing else beside a list, and what was done before a failure."""
    returns = {name: value["returned"] for name, value in documents()[module]["return"].items()}
    takes_a_list = "many" in documents()[module]["doc"]["attributes"]
    alone = {name for name, when in returns.items() if when.endswith("without a list")}
    assert alone == (set(returns) - {"outcomes", "applied"} if takes_a_list else set())
    assert (returns.get("outcomes") == "with a list") is takes_a_list


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_options_that_there_are(module: str) -> None:
    options = documents()[module]["doc"]["options"]
    required = {name for name, option in options.items() if option.get("required")}
    tasks: list[dict[str, Any]] = yaml.safe_load(documents()[module]["examples"])
    assert tasks
    for task in tasks:
        assert task["name"]
        assert set(task) - KEYWORDS == {module}
        assert required <= set(task[module] or {}) <= set(options)
