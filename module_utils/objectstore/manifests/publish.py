"""The documents that a manifest is kept as: the list, the index with its schema, the catalog and the mosaics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Mapping, Optional

from ..values.errors import InvalidInputError
from .catalog import GEOJSON, XML, collection_key, collection_text, item_key, item_text
from .document import Document, StoredAt
from .index import Leaf, StoredIndex, index_text, make_leaves
from .manifest import Manifest, count_and_name
from .mosaic import mosaic_key, mosaics_of, vrt_text, why_no_mosaic
from .record import Occasion, record_text, release_of
from .schema import schema_text
from .spec import ManifestSpec


@dataclass(frozen=True)
class Publication:
    """The documents in the order in which they are written: the index is the last, as it is what readers start from.

    ``refused`` is the name of a mosaic -> why there is none; ``release`` is the key of the record that the index names.
    """

    documents: tuple[Document, ...]
    refused: Mapping[str, str]
    release: Optional[str] = None

    @property
    def warnings(self) -> list[str]:
        """What is left out, in one sentence."""
        if not self.refused:
            return []
        first = next(iter(self.refused.values()))
        return [f"{count_and_name(list(self.refused), 'mosaic')} left out: {first}."]


def publish(manifest: Manifest, spec: ManifestSpec, stored: StoredIndex, occasion: Occasion) -> Publication:
    """The documents of a manifest; ``stored`` is the index as it was.

    A release that is new has its record before the index that names it.

    :raises InvalidInputError: when two keys have the same groups, or would have the same Item
    """
    keys = [Document(place, manifest.keys_text) for place in spec.keys_at]
    if not spec.has_index:
        return Publication(tuple(keys), {})
    leaves = make_leaves(manifest, spec, stored)
    tiles = mosaics_of(leaves, spec) if spec.vrt_prefix else {}
    refused = {place: why for place, members in tiles.items() if (why := why_no_mosaic(members))}
    mosaics = {place: mosaic_key(spec.vrt_prefix or "", place) for place in tiles if place not in refused}
    release = release_of(leaves, spec, stored, occasion)
    documents = [
        *(_vrt(spec, key, tiles[place]) for place, key in mosaics.items()),
        *_catalog(leaves, spec, mosaics),
        *keys,
        *([Document(StoredAt.of(spec.bucket, spec.schema_key), schema_text())] if spec.schema_key else []),
        *_record(release, leaves, spec, stored, occasion),
        *(Document(place, index_text(leaves, spec, mosaics, release=release)) for place in spec.index_at),
    ]
    return Publication(tuple(documents), {" ".join(place): why for place, why in refused.items()}, release)


def _record(
    release: Optional[str], leaves: tuple[Leaf, ...], spec: ManifestSpec, stored: StoredIndex, occasion: Occasion
) -> Iterator[Document]:
    if release is not None and release != stored.head.get("release"):
        yield Document(StoredAt.of(spec.bucket, release), record_text(release, leaves, spec, stored, occasion))


def _vrt(spec: ManifestSpec, key: str, tiles: tuple[Leaf, ...]) -> Document:
    return Document(StoredAt.of(spec.bucket, key, XML), vrt_text(tiles, spec), folder=spec.vrt_prefix or "")


def _catalog(
    leaves: tuple[Leaf, ...], spec: ManifestSpec, mosaics: Mapping[tuple[str, ...], str]
) -> Iterator[Document]:
    """The Items, and after them the Collection that names them."""
    stac = spec.stac
    if stac is None:
        return
    described: dict[str, Leaf] = {}
    for leaf in leaves:
        key = item_key(stac, leaf)
        if key in described:
            raise InvalidInputError(
                "make the catalog",
                f"{described[key].entry.key} and {leaf.entry.key} would both be the Item {key}",
                "Give files of one catalog different names.",
            )
        described[key] = leaf
        yield Document(StoredAt.of(spec.bucket, key, GEOJSON), item_text(leaf, spec, stac), folder=stac.prefix)
    place = StoredAt.of(spec.bucket, collection_key(stac))
    yield Document(place, collection_text(leaves, spec, stac, mosaics), folder=stac.prefix)


def is_disposable(key: str, spec: ManifestSpec) -> bool:
    """Whether an object has the name of a document of ours that a former run may have left."""
    if spec.stac is not None and key.startswith(f"{spec.stac.prefix}items/") and key.endswith(".json"):
        return True
    return spec.vrt_prefix is not None and key.startswith(spec.vrt_prefix) and key.endswith(".vrt")
