"""Find ``minio`` and ``mc``, or build them once.

``python -m tests.support.binaries minio mc`` prints where each one is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from .command import run_command
from .errors import SupportError
from .golang import discard_go_work, find_go, run_go
from .locks import file_lock
from .paths import CACHE, TOOL_BIN
from .versions import MC, MINIO, TOOLS, GoTool


def say(text: str) -> None:
    """Print a progress line at once; a build is silent for minutes otherwise."""
    print(text, flush=True)


def minio_binary() -> Path:
    """The MinIO server, built if need be."""
    return tool_binary(MINIO)


def mc_binary() -> Path:
    """MinIO's own client, built if need be."""
    return tool_binary(MC)


def tool_binary(tool: GoTool) -> Path:
    """The first of: the tool's variable, PATH, ``.cache/bin``, a build from source.

    Safe to call from several processes: one builds, the others wait.
    """
    found = find_tool(tool)
    if found is not None:
        return found
    with file_lock(CACHE / f"{tool.name}.lock", waiting=f"{tool.name}: waiting for another process that builds it"):
        return find_tool(tool) or build(tool)


def find_tool(tool: GoTool) -> Path | None:
    """A ready binary, or None. A variable that names no program is an error, not a reason to look further."""
    named = os.environ.get(tool.variable)
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise SupportError(f"{tool.variable}={named} is not a program; correct it or unset it")
        return Path(named).resolve()
    on_path = shutil.which(tool.name)
    # Midnight Commander is called mc, too
    if on_path and _is_minios(Path(on_path)):
        return Path(on_path).resolve()
    cached = TOOL_BIN / tool.name
    return cached if os.access(cached, os.X_OK) else None


def _is_minios(program: Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "minio" in (done.stdout + done.stderr).lower()


def build(tool: GoTool) -> Path:
    """``go install`` the tool into ``.cache/bin``; the binary appears there when it is whole."""
    go = find_go()
    say(f"{tool.name}: building {tool.version} from source, once: {tool.minutes} on 2 cores")
    started = time.monotonic()
    staging = CACHE / "build" / tool.name
    staging.mkdir(parents=True, exist_ok=True)
    source = f"{tool.module}@{tool.version}"
    arguments = ["install", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", source]
    run_go(go, arguments, name=tool.name, variable=tool.variable, bin_dir=staging)
    TOOL_BIN.mkdir(parents=True, exist_ok=True)
    (staging / tool.name).replace(TOOL_BIN / tool.name)
    say(f"{tool.name}: built in {time.monotonic() - started:.0f} s")
    return TOOL_BIN / tool.name


def main(arguments: list[str] | None = None) -> int:
    """Print the path of each tool that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.binaries", description=__doc__)
    parser.add_argument(
        "--where-possible",
        action="store_true",
        help="what cannot be had is said, and no failure: the tests that need it say so again",
    )
    parser.add_argument("tools", nargs="+", choices=sorted(TOOLS))
    options = parser.parse_args(arguments)

    def work() -> int:
        for name in options.tools:
            try:
                say(f"{name}: {tool_binary(TOOLS[name])}")
            except SupportError as error:
                if not options.where_possible:
                    raise
                say(f"!!! {error}\n!!! What needs {name} will NOT be tested.")
        discard_go_work()
        return 0

    return run_command("tools", work)


if __name__ == "__main__":
    sys.exit(main())
