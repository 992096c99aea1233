"""The end of a module's run: what nobody foresaw, and what was given to it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.objectstore.values.errors import InvalidInputError

from tests.support.in_process import module, run_here

PARAMS: dict[str, Any] = {
    "endpoint": "http://127.0.0.1:9", "access_key": "abc", "secret_key": "topsecret-1", "retries": 0,
    "bucket": "abc", "key": "k", "content": "x",
}  # fmt: skip


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """``minio_object`` meets this error where it looks for the bucket."""

    def fail(*_args: Any, **_named: Any) -> None:
        raise error

    monkeypatch.setattr(module("minio_object"), "check_places", fail)


@pytest.mark.parametrize(
    "error", [KeyError("topsecret-1"), RecursionError(), ZeroDivisionError("topsecret-2"), ValueError("x")]
)
def test_what_nobody_foresaw_is_one_message(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    failing(monkeypatch, error)
    result = run_here("minio_object", PARAMS)
    assert result["failed"]
    assert type(error).__name__ in result["msg"]
    assert "test_runner.py, line" in result["msg"]
    assert "Please report it" in result["msg"]
    assert "topsecret" not in str(result)
    assert "traceback" not in result


def test_where_it_came_from_is_shown_to_who_asks_and_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyError("topsecret-2"))
    result = run_here("minio_object", PARAMS, verbosity=3)
    assert any("minio_object.py" in line for line in result["traceback"])
    assert result["traceback"][-1] == "KeyError"
    assert "topsecret" not in str(result)


def test_an_error_that_was_foreseen_keeps_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, InvalidInputError("try this", "it is wrong", "Do that."))
    assert run_here("minio_object", PARAMS)["msg"] == "Could not try this: it is wrong. Do that."


def test_who_interrupts_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run_here("minio_object", PARAMS)


@pytest.mark.parametrize(
    ("timeout", "retries"), [(0, 1), (-1, 1), (float("inf"), 1), (float("nan"), 1), (1e9, 1), (1, -1), (1, 10**9)]
)
def test_times_and_tries_have_bounds(timeout: float, retries: int) -> None:
    result = run_here("minio_object", {**PARAMS, "timeout": timeout, "retries": retries})
    assert "A timeout is above 0" in result["msg"]
