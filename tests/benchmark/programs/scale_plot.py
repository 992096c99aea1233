"""Draw time and peak memory by the number of objects, a line for each contender.

``scale_plot.py FILE`` reads ``[{"label": …, "points": [[objects, seconds, megabytes], …]}, …]`` from standard input.
"""

from __future__ import annotations

import json
import sys

import matplotlib as mpl
from matplotlib import pyplot as plt

_OURS, _PEERS, _INK = "#1f6f8b", ("#8d99a6", "#b98b5e", "#7c6f9c"), "#2b2f33"


def main() -> int:
    lines = json.load(sys.stdin)
    # the same figures give the same file
    mpl.rcParams.update({"svg.hashsalt": "scale", "font.size": 8.5, "text.color": _INK, "svg.fonttype": "path"})
    figure, axes = plt.subplots(1, 2, figsize=(10.0, 3.6), layout="constrained")
    peers = iter(_PEERS)
    for line in lines:
        objects, seconds, memory = zip(*line["points"], strict=True)
        ours = line["label"].startswith("our")
        style = {"color": _OURS if ours else next(peers), "marker": "o", "linewidth": 2.2 if ours else 1.4}
        axes[0].plot(objects, seconds, label=line["label"], **style)
        axes[1].plot(objects, memory, label=line["label"], **style)
    for axis, title in zip(axes, ("Seconds with nothing to do", "Peak memory, MB"), strict=True):
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel("objects")
        axis.set_title(title, loc="left", fontsize=9, fontweight="bold")
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(color="#e6e9ec", linewidth=0.7)
        axis.set_axisbelow(True)
    axes[0].legend(frameon=False)
    figure.savefig(sys.argv[1], metadata={"Date": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
