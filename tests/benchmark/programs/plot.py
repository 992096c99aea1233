"""Draw the medians: a panel for each scenario, a bar for each contender, a line from its fastest to its slowest run.

``plot.py FILE`` reads ``[{"title": …, "bars": [[label, median, fastest, slowest], …]}, …]`` from standard input.
"""

from __future__ import annotations

import json
import sys

import matplotlib as mpl
from matplotlib import pyplot as plt

_OURS, _PEERS, _FLOOR, _INK = "#1f6f8b", "#c3c9cf", "#8d99a6", "#2b2f33"


def main() -> int:
    panels = json.load(sys.stdin)
    # the same figures give the same file
    mpl.rcParams.update({"svg.hashsalt": "benchmarks", "font.size": 8.5, "text.color": _INK, "svg.fonttype": "path"})
    columns = [panels[0::2], panels[1::2]] if len(panels) > 1 else [panels]
    tallest = max(sum(len(panel["bars"]) + 1.6 for panel in column) for column in columns)
    figure = plt.figure(figsize=(10.0, 0.26 * tallest + 0.4), layout="constrained")
    for subfigure, column in zip(figure.subfigures(1, len(columns), squeeze=False)[0], columns, strict=True):
        ratios = [len(panel["bars"]) + 1.6 for panel in column]
        axes = subfigure.subplots(len(column), 1, squeeze=False, height_ratios=ratios)[:, 0]
        for axis, panel in zip(axes, column, strict=True):
            _draw(axis, panel["title"], panel["bars"])
    figure.savefig(sys.argv[1], metadata={"Date": None})
    return 0


def _draw(axis: plt.Axes, title: str, bars: list[tuple[str, float, float, float]]) -> None:
    labels = [bar[0] for bar in bars]
    medians = [bar[1] for bar in bars]
    errors = [[bar[1] - bar[2] for bar in bars], [bar[3] - bar[1] for bar in bars]]
    axis.barh(
        range(len(bars)),
        medians,
        color=[_colour(label) for label in labels],
        height=0.72,
        xerr=errors,
        error_kw={"elinewidth": 0.8, "ecolor": _INK, "alpha": 0.55},
    )
    axis.set_yticks(range(len(bars)), labels)
    for label in axis.get_yticklabels():
        label.set_fontweight("bold" if _colour(label.get_text()) == _OURS else "normal")
    axis.invert_yaxis()
    axis.set_title(title, loc="left", x=-0.72, fontsize=9, fontweight="bold")
    reach = max(bar[3] for bar in bars)
    axis.set_xlim(0, reach * 1.16)
    for row, (_, median, _, slowest) in enumerate(bars):
        axis.text(slowest + reach * 0.012, row, f"{median:.2f} s", va="center", fontsize=7.5)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(length=0)
    axis.set_xlabel("")
    axis.xaxis.set_major_locator(plt.MaxNLocator(5))
    axis.grid(axis="x", color="#e6e9ec", linewidth=0.7)
    axis.set_axisbelow(True)


def _colour(label: str) -> str:
    if label.startswith(("our", "minio_sync")):
        return _OURS
    return _FLOOR if label.startswith("no-cost") else _PEERS


if __name__ == "__main__":
    sys.exit(main())
