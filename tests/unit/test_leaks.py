"""The search for secrets finds them: else the tests that use it could not fail."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from tests.support.leaks import leaks_in_files, leaks_in_text, watched_processes

CANARY = "canary-5f0c1d"


def test_a_command_line_is_seen() -> None:
    with watched_processes([CANARY]) as found:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(1)", CANARY], check=True)
    assert [CANARY in line for line in found] == [True]


def test_files_and_lines_are_found(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "plain").write_text(f"x{CANARY}x")
    (tmp_path / "encoded").write_bytes(base64.b64encode(CANARY.encode()))
    (tmp_path / "allowed.env").write_text(CANARY)
    (tmp_path / "clean").write_text("nothing")
    found = leaks_in_files([CANARY], [tmp_path], allowed=["/allowed.env"])
    assert sorted(Path(path).name for path in found) == ["encoded", "plain"]
    assert leaks_in_text([CANARY], f"one\ntwo {CANARY}\n") == [f"two {CANARY}"]
