"""The training set as the mission describes it: 23 batches, 25,000 samples in all."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from .baselines import ZIMBABWE

BATCHES = 23
TOTAL_SAMPLES = 25_000
FEATURES = ("ndvi_peak", "evi_peak", "savi_peak")
#: class -> typical peak NDVI, and its spread
CLASSES = {
    "cropland": (0.62, 0.10),
    "grass": (0.48, 0.09),
    "shrubland": (0.55, 0.08),
    "forest": (0.78, 0.06),
    "water": (-0.05, 0.06),
    "builtup": (0.22, 0.07),
    "bare": (0.14, 0.05),
}
COLUMNS = ("sample_id", "longitude", "latitude", *FEATURES, "rainfall_mm", "elevation_m", "class")


def batch_name(number: int) -> str:
    """File name of a batch, counted from 1."""
    return f"Zimbabwe_Full_Augmented_Batch_{number}.csv"


def write_batches(folder: Path, *, seed: int) -> list[Path]:
    """Write all batches; the rows of all files together are ``TOTAL_SAMPLES``."""
    random = np.random.default_rng([seed, BATCHES])
    smaller, larger = divmod(TOTAL_SAMPLES, BATCHES)
    first, paths = 1, []
    for number in range(1, BATCHES + 1):
        rows = smaller + (number <= larger)
        path = folder / batch_name(number)
        _write_batch(path, random, range(first, first + rows))
        paths.append(path)
        first += rows
    return paths


def _write_batch(path: Path, random: np.random.Generator, samples: range) -> None:
    west, south, east, north = ZIMBABWE
    count = len(samples)
    names = list(CLASSES)
    chosen = random.integers(len(names), size=count)
    typical = np.array([CLASSES[name] for name in names])[chosen]
    ndvi = np.clip(random.normal(typical[:, 0], typical[:, 1]), -0.2, 0.95)
    columns = (
        random.uniform(west, east, count).round(5),
        random.uniform(south, north, count).round(5),
        ndvi.round(4),
        (ndvi * 0.72 + random.normal(0, 0.02, count)).round(4),
        (ndvi * 0.66 + random.normal(0, 0.02, count)).round(4),
        random.gamma(9, 75, count).round(1),
        random.uniform(200, 1900, count).round(0),
    )
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        labels = [names[index] for index in chosen]
        writer.writerows(zip(samples, *(column.tolist() for column in columns), labels, strict=True))
