"""Make the sample data: ``python -m tests.support.sample_data --dest .demo/data``.

``<dest>/dw_cogs/`` gets 132 Cloud Optimized GeoTIFFs, ``<dest>/training/`` 23 CSV files, and with
``--partial`` ``<dest>/dw_baselines/`` 50 of the 132. The same seed, size and library give the same
bytes. Run again with the same options it does nothing, whatever has been changed in the folder since.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import rasterio

from .baselines import TILE_NAMES, Baseline, baselines, write_baseline
from .command import run_command
from .errors import SupportError
from .space import need_space
from .training import write_batches

STAMP = ".sample-data.json"
COGS, PARTIAL, TRAINING = "dw_cogs", "dw_baselines", "training"
PARTIAL_COUNT = 50
DEFAULT_SIZE = 64 * 1024
#: bytes of the CSV files, of what the playbooks make beside them, and of the store's own files, at most
_TRAINING_SIZE = 200_000_000
_UNITS = {"": 1, "B": 1, "KIB": 1024, "MIB": 1024**2, "KB": 1000, "MB": 1000**2}


@dataclass(frozen=True)
class SampleOptions:
    """What is made. ``cog_size`` is in bytes a file, met to about a tenth."""

    seed: int = 1
    cog_size: int = DEFAULT_SIZE
    partial: bool = False


def make_sample_data(dest: Path, options: SampleOptions = SampleOptions()) -> bool:
    """Fill ``dest``; False where it holds just this already.

    SupportError for a folder with content that was not made here: that is never touched.
    """
    wanted = {**asdict(options), "tiles": TILE_NAMES, "rasterio": rasterio.__version__, "complete": True}
    known = _stamp(dest)
    if known == wanted:
        return False
    if known is None and dest.exists() and any(dest.iterdir()):
        raise SupportError(f"{dest} holds files that were not made here; name another folder by --dest, or remove it")
    # each file is also an object of the store
    needed = 2 * options.cog_size * len(list(baselines())) + _TRAINING_SIZE
    need_space(dest, needed, purpose="sample data: making and storing it", advice="make smaller files (--cog-size)")
    dest.mkdir(parents=True, exist_ok=True)
    # a run that is killed leaves the mark that the folder is ours, and unfinished
    (dest / STAMP).write_text(json.dumps({**wanted, "complete": False}) + "\n")
    for name in (COGS, PARTIAL, TRAINING):
        shutil.rmtree(dest / name, ignore_errors=True)
    _write_cogs(dest, options)
    (dest / TRAINING).mkdir()
    write_batches(dest / TRAINING, seed=options.seed)
    (dest / STAMP).write_text(json.dumps(wanted) + "\n")
    return True


def _write_cogs(dest: Path, options: SampleOptions) -> None:
    folder = dest / COGS
    folder.mkdir()

    def write(baseline: Baseline) -> Path:
        return write_baseline(folder, baseline, seed=options.seed, size=options.cog_size)

    with ThreadPoolExecutor(max_workers=2) as pool:
        paths = list(pool.map(write, baselines()))
    if options.partial:
        (dest / PARTIAL).mkdir()
        for path in paths[:PARTIAL_COUNT]:
            shutil.copyfile(path, dest / PARTIAL / path.name)


def _stamp(dest: Path) -> dict[str, object] | None:
    try:
        known = json.loads((dest / STAMP).read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return known if isinstance(known, dict) else None


def parse_size(text: str) -> int:
    """Bytes in ``64KiB``, ``60MiB``, ``60MB`` or ``65536``."""
    match = re.fullmatch(r"(\d+)\s*([KkMm]?[Ii]?[Bb]?)", text.strip())
    unit = match[2].upper() if match else "?"
    if match is None or unit not in _UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 64KiB or 60MiB")
    return int(match[1]) * _UNITS[unit]


def main(arguments: list[str] | None = None) -> int:
    """Make the data and say how much and how long, or that it was there."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.sample_data", description=__doc__)
    parser.add_argument("--dest", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cog-size", type=parse_size, default=DEFAULT_SIZE, help="bytes a file, such as 60MiB")
    parser.add_argument("--partial", action="store_true", help=f"{PARTIAL}/ with {PARTIAL_COUNT} of the files, too")
    chosen = parser.parse_args(arguments)
    options = SampleOptions(seed=chosen.seed, cog_size=chosen.cog_size, partial=chosen.partial)

    def work() -> int:
        started = time.monotonic()
        made = make_sample_data(chosen.dest, options)
        _say(chosen.dest, made, time.monotonic() - started)
        return 0

    return run_command("sample data", work)


def _say(dest: Path, made: bool, seconds: float) -> None:
    files = [path for path in dest.rglob("*") if path.is_file() and path.name != STAMP]
    total = sum(path.stat().st_size for path in files) / 1e6
    how = f"made in {seconds:.1f} s" if made else "already there"
    print(f"sample data: {len(files)} files, {total:.1f} MB in {dest}, {how}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
