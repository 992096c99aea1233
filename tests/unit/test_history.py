"""What former syncs did, from the end of their log."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.sync import history
from ansible.module_utils.objectstore.sync.history import lines_backwards, read_history


def line(event: str, number: int = 0, **fields: Any) -> str:
    return json.dumps({"time": f"t{number}", "event": event, **fields}) + "\n"


def summary(number: int, uploaded: int = 0, **fields: Any) -> str:
    return line("summary", number, uploaded=uploaded, deleted=0, bytes_uploaded=uploaded, totals={}, **fields)


def test_the_last_sync_and_the_last_that_changed_something(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text(
        summary(1, 9) + line("object") + summary(2, 3) + summary(3) + summary(4, 7, check=True) + line("object")
    )
    found = read_history(str(log))
    assert found.path == str(log)
    assert found.last == {"time": "t3", "uploaded": 0, "deleted": 0, "bytes_uploaded": 0}
    assert found.change is not None
    assert (found.change["time"], found.change["uploaded"]) == ("t2", 3)


@pytest.mark.parametrize("tail", ["", '{"event": "summary", "upl', '["summary"]\n', '"summary"\n', "\x00\xff\n"])
def test_a_line_that_was_cut_short_is_passed_over(tmp_path: Path, tail: str) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text(summary(1, 9) + tail)
    last = read_history(str(log)).last
    assert last is not None
    assert last["time"] == "t1"


def test_a_refused_sync_says_why(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text(line("refused", 1, error="The source is empty."))
    assert read_history(str(log)).last == {"time": "t1", "error": "The source is empty."}
    assert read_history(str(log)).change is None


def test_what_cannot_be_read_has_its_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "No such file" in read_history(str(tmp_path / "none")).reason
    assert "it is no file" in read_history(str(tmp_path / "pipe")).reason
    assert "it is no file" in read_history(str(tmp_path)).reason
    (tmp_path / "empty").touch()
    assert read_history(str(tmp_path / "empty"))[1:] == (None, None, "")


@pytest.mark.parametrize("block", [1, 2, 7, 1000])
@pytest.mark.parametrize("text", ["", "a", "a\n", "\n", "a\nbcd\n\nefghij\nk"])
def test_lines_come_from_the_end_whatever_the_size_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, text: str
) -> None:
    monkeypatch.setattr(history, "_BLOCK", block)
    log = tmp_path / "a.jsonl"
    log.write_text(text)
    assert list(lines_backwards(str(log))) == text.encode().split(b"\n")[::-1]


def test_a_long_log_is_read_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_LOOKBACK", 300)
    log = tmp_path / "a.jsonl"
    log.write_text(summary(1, 9) + line("object") * 50 + summary(2))
    found = read_history(str(log))
    assert found.last is not None
    assert found.change is None
