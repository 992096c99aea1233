"""Make or complete a virtual environment: ``python -m tests.support.environment .venv requirements/demo.txt``.

Runs with the Python of the machine and nothing else. A copy of each set of requirements in the environment
says that it is there, so that a file which is only newer (a checkout, a pin that changed nothing) costs
nothing; a set that is added leaves what is there in place, so no environment in use is cleared.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from .command import run_command
from .errors import SupportError
from .patience import last_lines, run_patiently
from .space import need_space

#: Bytes that a set of requirements takes when installed, twice: packages are unpacked before they are moved.
SPACE = {
    "demo": 0.5e9,
    "seaweedfs": 0.4e9,
    "dev": 1.6e9,
    "bench": 2.5e9,
    "corpus": 1.0e9,
    "sbom": 0.2e9,
    "site": 0.2e9,
    "changelog": 0.2e9,
    "go": 0.5e9,
    "pin": 0.2e9,
    "collections": 0.3e9,
}

_UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|NameResolutionError|"
    r"Connection (?:refused|reset)"
)
#: The files name all packages that their packages need. Resolved anew, one that is needed with an extra, such as
#: ``coverage[toml]``, would be taken in its newest version, whatever is pinned, and refused for want of a hash
#: (pip#9644).
_PIP = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "--no-deps"]


def complete_environment(folder: Path, requirements: Path) -> None:
    """Install a set of requirements, with hashes, into ``folder``, which is made where it is missing."""
    name = requirements.stem
    stamp = folder / f".installed-{name}"
    wanted = requirements.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        stamp.touch()
        return
    need_space(folder, SPACE[name], purpose=f"setup: {folder} from {requirements}", advice="set up less")
    count = len(re.findall(r"^[A-Za-z0-9]", wanted, re.MULTILINE))
    print(f"setup: {folder} from {requirements}, {count} packages", flush=True)
    python = folder / "bin" / "python"
    made = run_patiently([sys.executable, "-m", "venv", folder], doing=f"setup: making {folder}")
    if made.returncode:
        raise SupportError(f"setup: {sys.executable} makes no virtual environment\n{last_lines(made.stdout)}")
    done = run_patiently([python, *_PIP, "-r", requirements], doing=f"setup: installing {requirements}")
    if done.returncode:
        raise SupportError(reason(done.stdout, requirements))
    stamp.write_text(wanted)


def reason(said: str, requirements: Path) -> str:
    """Why pip failed, in a line where it is the way to the registry, else in its own last lines."""
    lost = _UNREACHABLE.search(said)
    if lost:
        return (
            f"setup: no registry of Python packages answers ({lost[0]}); {requirements} needs one. "
            "Look at network and proxy, or name a registry in PIP_INDEX_URL"
        )
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    return f"setup: {requirements} could not be installed\n{last_lines(chr(10).join(errors) or said)}"


def main(arguments: list[str] | None = None) -> int:
    """Complete the environment by each of the sets."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.environment", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path, nargs="+")
    options = parser.parse_args(arguments)

    def work() -> int:
        for requirements in options.requirements:
            complete_environment(options.folder, requirements)
        return 0

    return run_command("setup", work)


if __name__ == "__main__":
    sys.exit(main())
