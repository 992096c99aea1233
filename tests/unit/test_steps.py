"""A list in one process: what each item inherits, what is told of it, and when the rest is left."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.objectstore.values.change import Action, Plan, Report
from ansible.module_utils.objectstore.values.errors import ConflictError, ObjectStoreError, UnreachableError
from ansible.module_utils.objectstore.values.model import Connection
from ansible.module_utils.objectstore.values.steps import Job, Many, Step, Stores, attempt, each

MANY = Many("users", needs=("name",), label="name")
SINGLE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "secret": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "rules": {"type": "list", "elements": "dict", "options": {"id": {"type": "str", "required": True}}},
}


def test_an_item_has_the_options_and_no_defaults_of_its_own() -> None:
    spec = MANY.arguments(SINGLE, {})
    assert "required" not in spec["name"], "the list may stand in its place"
    assert spec["state"] == SINGLE["state"]
    item = spec["users"]["options"]
    assert item["name"] == SINGLE["name"]
    assert item["secret"]["no_log"] is True
    assert item["state"] == {"type": "str", "choices": ["present", "absent"]}
    assert item["rules"] == SINGLE["rules"], "what is inside an option is its own"


def test_an_item_may_have_its_own_credentials_but_not_another_store() -> None:
    connection = {
        "endpoint": {"type": "str", "fallback": ("env", ["E"])},
        "access_key": {"type": "str"},
        "secret_key": {"type": "str", "no_log": True, "fallback": ("env", ["S"])},
        "session_token": {"type": "str", "no_log": True},
    }
    own = Many("users", needs=("name",), label="name", own_credentials=True)
    item = own.arguments(SINGLE, connection)["users"]["options"]
    assert item["secret_key"] == {"type": "str", "no_log": True}, "the environment is the task's, not the item's"
    assert "endpoint" not in item


def test_what_an_item_leaves_out_stands_beside_the_list() -> None:
    params = {"name": None, "state": "absent", "users": [{"name": "a", "state": None}, {"name": "b", "state": ""}]}
    assert MANY.items(params) == [{"name": "a", "state": "absent"}, {"name": "b", "state": ""}]
    assert MANY.items({"name": "a", "users": None}) is None
    assert MANY.items({"users": []}) == []


def steps(*names: str, check_mode: bool = False) -> list[Job]:
    stores = Stores()
    return [Job(name, Step({"name": name}, check_mode=check_mode, stores=stores), change) for name in names]


def change(step: Step) -> Report:
    """Two actions, of which the second fails for the names that say so."""
    name = step.params["name"]
    plan = Plan(name, (Action("create", "first", None, 1), Action("create", "second", None, 2)))

    def apply(plan: Plan) -> Any:
        yield plan.actions[0]
        if name.startswith("breaks"):
            raise ConflictError(f"change {name}", "it is taken")
        if name.startswith("gone"):
            raise UnreachableError(f"change {name}", "nobody answers")
        yield plan.actions[1]

    return step.carried_out(plan, apply, name=name)


def test_a_failure_leaves_the_others_to_go_on_and_says_what_was_done() -> None:
    report = each(steps("a", "breaks", "c"))
    assert report.changed
    assert report.failure == "Could not change breaks: it is taken."
    results = report.returns["outcomes"]
    assert [(one["item"], one.get("failed", False), one["changed"]) for one in results] == [
        ("a", False, True),
        ("breaks", True, True),
        ("c", False, True),
    ]
    assert [one["subject"] for one in results[1]["applied"]] == ["first"]
    assert [diff["after_header"] for diff in report.diff] == ["a", "c"]


def test_each_failure_is_told() -> None:
    report = each(steps("breaks-1", "breaks-2"))
    assert report.failure == "Could not change breaks-1: it is taken. Could not change breaks-2: it is taken."


def test_a_store_that_cannot_be_reached_is_not_tried_for_each() -> None:
    report = each(steps("a", "gone", "c", "d"))
    assert report.failure == "Could not change gone: nobody answers. Not tried after that: c, d."
    assert [one["item"] for one in report.returns["outcomes"]] == ["a", "gone"]


def test_check_mode_foretells_and_does_nothing() -> None:
    real, dry = each(steps("a", "b")), each(steps("a", "breaks", check_mode=True))
    assert not dry.failure
    assert dry.diff[0] == real.diff[0]
    assert dry.returns["outcomes"][0] == real.returns["outcomes"][0]


def test_nothing_to_do_for_an_empty_list() -> None:
    assert each([]) == Report(changed=False, diff=[], returns={"outcomes": []})


def test_what_is_no_error_of_ours_is_not_hidden() -> None:
    def work(step: Step) -> Report:
        raise KeyError(step.params["name"])

    with pytest.raises(KeyError):
        attempt(steps("a")[0][1], work)


def test_one_store_is_opened_for_each_identity() -> None:
    opened: list[Connection] = []

    def kind(connection: Connection) -> Connection:
        opened.append(connection)
        return connection

    stores, ours = Stores(), Connection("http://h", "us", "secret")
    for connection in (ours, Connection("http://h", "us", "secret"), Connection("http://h", "them", "secret")):
        assert stores.get(kind, connection) == connection
    assert [connection.access_key for connection in opened] == ["us", "them"]


def test_an_error_says_what_was_attempted() -> None:
    def work(_: Step) -> Report:
        raise ObjectStoreError("look", "it is dark", "Switch on the light.")

    assert attempt(steps("a")[0][1], work).failure == "Could not look: it is dark. Switch on the light."
