"""What is kept against what there is: the documents against the store, and index, store and files three ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional

from ..values.errors import VerificationError
from ..values.model import LocalFile
from .document import Document, DocumentState, Seen
from .index import Sight, StoredIndex
from .keylist import keys_of
from .manifest import Manifest, count_and_name
from .spec import ManifestSpec

#: Whether a file has the content that a size and an ETag stand for, under this key.
SameContent = Callable[[LocalFile, str, Sight], bool]

#: What each of the three is, as the odd one out, and what puts it right.
REMEDIES = {
    "index": "write the index anew with minio_manifest",
    "store": "synchronise again, which brings the files' content back",
    "file": "synchronise and write the index anew if the file is right, else restore it",
    "all": "find out which of the three is right, synchronise and write the index anew",
}

_ODD = {
    "index": "the index is the odd one out for",
    "store": "the store is the odd one out for",
    "file": "the file is the odd one out for",
    "all": "index, store and file all differ for",
}


@dataclass(frozen=True)
class Difference:
    """A key on which index, store and files do not agree. ``odd`` is ``index``, ``store``, ``file`` or ``all``.

    Each side is what is seen there, ``None`` where the key is missing.
    """

    key: str
    odd: str
    index: Optional[Sight]
    store: Optional[Sight]
    file: Optional[int]

    def as_dict(self) -> dict[str, Any]:
        """The form of a module's result."""
        return {
            "key": self.key,
            "odd": self.odd,
            "index": self.index._asdict() if self.index else None,
            "store": self.store._asdict() if self.store else None,
            "file": {"size": self.file} if self.file is not None else None,
            "remedy": REMEDIES[self.odd],
        }


def three_ways(
    index: Mapping[str, Sight],
    store: Mapping[str, Sight],
    files: Optional[Mapping[str, LocalFile]],
    same: SameContent,
) -> list[Difference]:
    """The keys on which they differ. Without files the store is right, as the index follows it."""

    def agree(file: Optional[LocalFile], key: str, sight: Optional[Sight]) -> bool:
        return same(file, key, sight) if file is not None and sight is not None else file is None and sight is None

    found = []
    for key in sorted({*index, *store, *(files or ())}, key=str.encode):
        pinned, there = index.get(key), store.get(key)
        file = files.get(key) if files is not None else None
        if files is None:
            odd = "" if pinned == there else "index"
        elif pinned == there:
            odd = "" if agree(file, key, there) else "file"
        elif agree(file, key, there):
            odd = "index"
        else:
            odd = "store" if agree(file, key, pinned) else "all"
        if odd:
            found.append(Difference(key, odd, pinned, there, file.size if file is not None else None))
    return found


@dataclass(frozen=True)
class Verdict:
    """What was found wrong, and the differences that were told by their keys."""

    problems: tuple[str, ...]
    differences: tuple[Difference, ...] = ()

    def failure(self, spec: ManifestSpec) -> Optional[VerificationError]:
        """The error that names each difference and what to do about it; ``None`` where nothing is wrong."""
        if not self.problems:
            return None
        odd = dict.fromkeys(difference.odd for difference in self.differences)
        hints = [REMEDIES[name] for name in REMEDIES if name in odd] or [REMEDIES["index"]]
        hint = "; ".join(hints)
        return VerificationError(
            f"verify the manifest of {spec.where}", "; ".join(self.problems), f"{hint[:1].upper()}{hint[1:]}."
        )


def judge(
    pairs: Iterable[Seen],
    manifest: Manifest,
    spec: ManifestSpec,
    *,
    files: Optional[Mapping[str, LocalFile]],
    same: SameContent,
) -> Verdict:
    """Compare all documents with the store, and the index with store and files."""
    problems: list[str] = []
    differences: dict[str, Difference] = {}
    outdated: dict[str, list[str]] = {}
    for document, state in pairs:
        if document.place in spec.index_at:
            told, found = _index_problems(document, state, manifest, files=files, same=same)
            problems += told
            differences.update({difference.key: difference for difference in found})
        elif state.content == document.content:
            continue
        elif document.folder:
            outdated.setdefault(document.folder, []).append(document.place.name)
        else:
            problems += _list_problems(document, state, is_list=document.place in spec.keys_at)
    problems += [
        f"{spec.bucket}/{folder} has {count_and_name(names, 'document')} missing or not as the index is"
        for folder, names in outdated.items()
    ]
    return Verdict(tuple(problems), tuple(differences.values()))


def _index_problems(
    document: Document,
    state: DocumentState,
    manifest: Manifest,
    *,
    files: Optional[Mapping[str, LocalFile]],
    same: SameContent,
) -> tuple[list[str], list[Difference]]:
    name = document.place.name
    if state.content is None:
        return [f"there is no {name}"], []
    stored, wanted = StoredIndex.parse(state.content), StoredIndex.parse(document.content)
    if stored.problem:
        return [f"{name} is not readable ({stored.problem})"], []
    store = {entry.key: Sight(entry.size, entry.etag) for entry, _ in manifest.matched}
    found = three_ways(stored.sights(), store, files, same)
    problems = list(_told(name, found))
    if not problems and state.content != document.content:
        heads = sorted(key for key in {*stored.head, *wanted.head} if stored.head.get(key) != wanted.head.get(key))
        misplaced = sorted(key for key, leaf in wanted.objects.items() if stored.objects.get(key) != leaf)
        what = ", ".join(heads) or (
            f"the facts or the place of {count_and_name(misplaced, 'key')}" if misplaced else ""
        )
        problems = [f"{name} says otherwise: {what or 'its form'}"]
    return problems, found


def _told(name: str, found: Iterable[Difference]) -> Iterator[str]:
    by_odd: dict[str, list[str]] = {}
    for difference in found:
        by_odd.setdefault(difference.odd, []).append(f"{difference.key}: {_sides(difference)}")
    for odd, keys in by_odd.items():
        yield f"compared with {name}, {_ODD[odd]} {count_and_name(keys, 'key')}"


def _sides(difference: Difference) -> str:
    """What is missing where, else that the content differs."""
    sides = {"index": difference.index, "store": difference.store, "file": difference.file}
    missing = [side for side, seen in sides.items() if seen is None and side in ("index", "store")]
    if difference.file is None and difference.odd == "file":
        missing.append("file")
    return f"not in {' and '.join(missing)}" if missing else "other content"


def _list_problems(document: Document, state: DocumentState, *, is_list: bool) -> list[str]:
    name = document.place.name
    if state.content is None:
        return [f"there is no {name}"]
    if not is_list:
        return [f"{name} is another than this version writes"]
    try:
        stored, actual = (set(keys_of(text)) for text in (state.content, document.content or b""))
    except ValueError as error:
        return [f"{name} is not readable ({error})"]
    problems = [
        _named(sorted(stored - actual), f"{name} names", "that the store does not have"),
        _named(sorted(actual - stored), f"{name} lacks", "that the store has"),
    ]
    return [problem for problem in problems if problem] or [f"{name} is not written as a manifest is (order, form)"]


def _named(keys: list[str], before: str, after: str) -> str:
    return f"{before} {count_and_name(keys, 'key')} {after}" if keys else ""
