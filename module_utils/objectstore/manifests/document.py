"""Documents: small texts in a bucket or on the host, written only where their content differs."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Protocol, Sequence, Union

from ..files.textfile import check_writable, parse_mode, read_text_file, write_text_file
from ..store import Able, BucketFinder, ObjectReader, ObjectWriter
from ..values.bucket_names import check_bucket_name
from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, InvalidInputError, NotFoundError, ObjectStoreError, UnsupportedError
from ..values.headers import checked_content_type
from ..values.limits import check_key, refuse, shortened

TEXT = "text/plain; charset=UTF-8"
JSON = "application/json"

#: How many documents of a folder are read or written at a time.
AT_A_TIME = 8


class DocumentStore(BucketFinder, Able, ObjectReader, ObjectWriter, Protocol):
    """What documents take."""


@dataclass(frozen=True)
class StoredAt:
    """The place of a document in the store."""

    bucket: str
    key: str
    content_type: str = TEXT

    @classmethod
    def of(cls, bucket: str, key: str, content_type: Optional[str] = None) -> StoredAt:
        """The place; the content type is that of JSON for keys that end so, unless another is given.

        :raises InvalidInputError: for a key that can name no object, and a content type that is none
        """
        given = None if content_type is None else checked_content_type(content_type)
        return cls(bucket, check_key(key), given or (JSON if key.endswith(".json") else TEXT))

    @property
    def name(self) -> str:
        """``bucket/key``."""
        return f"{self.bucket}/{self.key}"


@dataclass(frozen=True)
class FileAt:
    """The place of a document on the host. ``mode`` is left alone where it is ``None``."""

    path: str
    mode: Optional[int] = None

    @classmethod
    def of(cls, path: str, mode: Any) -> FileAt:
        """The place, with the mode as users write it."""
        return cls(path, parse_mode(mode))

    @property
    def name(self) -> str:
        """The path."""
        return self.path


Place = Union[StoredAt, FileAt]


@dataclass(frozen=True)
class Document:
    """A document as wanted; ``content`` is ``None`` where it should not be there.

    ``folder`` is set for one of the many below a prefix: those are compared by one listing and written at a time, and
    a diff names them where it shows others.
    """

    place: Place
    content: Optional[bytes]
    folder: str = ""

    @classmethod
    def from_param(cls, place: Place, content: Any) -> Document:
        """The document of a module's ``content``: a text as it is, anything with structure as JSON.

        :raises InvalidInputError: for content that is neither
        """
        try:
            if isinstance(content, str):
                return cls(place, content.encode("utf-8"))
            if isinstance(content, (dict, list)):
                return cls(place, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))
        except UnicodeEncodeError:
            raise InvalidInputError(f"write {place.name}", "its content is not valid UTF-8") from None
        raise InvalidInputError(
            f"write {place.name}", f"its content is a {type(content).__name__}", "Give a text, a dictionary or a list."
        )


@dataclass(frozen=True)
class DocumentState:
    """A document as seen. ``mode`` is that of a file, ``etag`` that of an object."""

    content: Optional[bytes] = None
    mode: Optional[int] = None
    etag: str = ""


Seen = tuple[Document, DocumentState]


@dataclass(frozen=True)
class DocumentPlan(Plan):
    """A plan whose difference is shown as texts, line by line."""

    texts: tuple[Mapping[str, Any], ...] = ()

    def diff(self) -> Any:
        """One pair of texts for each document that changes."""
        return list(self.texts)


def check_places(store: DocumentStore, places: Iterable[Place]) -> None:
    """Refuse a key that this server cannot keep.

    :raises InvalidInputError: naming the key
    """
    for place in places:
        if isinstance(place, StoredAt):
            problem = store.abilities.key_problem(place.key)
            refuse(f"use the object key {shortened(place.key)}", [problem], "Shorten the names in it.")


def check_bucket(store: BucketFinder, bucket: str, prefix: str, *, assume: bool) -> bool:
    """Whether the bucket is there. Where it is not, ``assume`` takes it as one that will be.

    :param prefix: of the keys that we have to do with

    :raises NotFoundError: when it is missing and not assumed
    """
    if store.bucket_exists(check_bucket_name(bucket), prefix):
        return True
    if not assume:
        raise NotFoundError(f"use bucket {bucket}", "there is no such bucket", "Create it first with minio_bucket.")
    return False


def read_document(store: Optional[ObjectReader], wanted: Document) -> DocumentState:
    """The document as it is; ``store`` is ``None`` where its bucket is not there yet.

    An ETag that is the MD5 of the wanted content spares reading the object; any other ETag proves nothing
    (parts, encryption), so the content is read.
    """
    place = wanted.place
    if isinstance(place, FileAt):
        seen = read_text_file(place.path)
        return DocumentState(seen.content, seen.mode)
    stat = store.stat_object(place.bucket, place.key) if store is not None else None
    if store is None or stat is None:
        return DocumentState()
    if wanted.content is not None and stat.etag == _md5(wanted.content):
        return DocumentState(wanted.content, etag=stat.etag)
    return DocumentState(store.read_object(place.bucket, place.key), etag=stat.etag)


def read_folder(
    store: Optional[ObjectReader],
    bucket: str,
    folder: str,
    wanted: Sequence[Document],
    *,
    disposable: Callable[[str], bool],
) -> list[Seen]:
    """The documents below a prefix as they are, by one listing; only those that differ are read.

    What is there besides and ``disposable`` by its key is added as a document that should not be there. ``store`` is
    ``None`` where the bucket is not there yet.
    """
    listed = {item.key: item.etag for item in store.list_objects(bucket, folder)} if store is not None else {}
    kept = {document.place.name for document in wanted}
    left = [StoredAt.of(bucket, key) for key in listed if disposable(key)]
    wanted = [*wanted, *(Document(place, None, folder) for place in left if place.name not in kept)]

    def look(document: Document) -> Seen:
        key = document.place.key if isinstance(document.place, StoredAt) else ""
        etag, content = listed.get(key, ""), document.content
        if store is None or not etag:
            return document, DocumentState()
        if content is None or etag != _md5(content):
            content = store.read_object(bucket, key)
        return document, DocumentState(content, etag=etag)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(look, wanted))


def plan_documents(target: str, pairs: Sequence[Seen]) -> DocumentPlan:
    """The actions that make each document as wanted, in the order of the documents.

    :raises SourceError: for a file that could not be written
    """
    actions: tuple[Action, ...] = ()
    texts: tuple[Mapping[str, Any], ...] = ()
    named: dict[str, list[tuple[str, DocumentState, DocumentState]]] = {}
    for wanted, state in pairs:
        after = DocumentState(wanted.content, _wanted_mode(wanted, state))
        change = update(wanted.place.name, _summary(state), _summary(after))
        if change and isinstance(wanted.place, FileAt):
            check_writable(wanted.place.path)
        actions += change
        if change and wanted.folder:
            named.setdefault(wanted.folder, []).append((wanted.place.name, state, after))
        elif change:
            texts += (_texts(wanted.place.name, state, after),)
    return DocumentPlan(target, actions, (*(_names(folder, changes) for folder, changes in named.items()), *texts))


def apply_documents(store: DocumentStore, plan: Plan, pairs: Sequence[Seen]) -> Iterator[Action]:
    """Carry the plan out; yields each action that is done. Those of folders come first, some at a time.

    :raises ConflictError: when an object is not what was seen any more, as the store says of a conditional write
    :raises ObjectStoreError: when a document cannot be written or removed
    """
    by_name = {seen[0].place.name: seen for seen in pairs}
    many = [action for action in plan.actions if by_name[action.subject][0].folder]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        writing = [pool.submit(_write, store, *by_name[action.subject]) for action in many]
        failures = []
        for action, written in zip(many, writing):
            try:
                written.result()
                yield action
            except CancelledError:
                continue
            except ObjectStoreError as error:
                failures.append(error)
                for waiting in writing:
                    waiting.cancel()
    if failures:
        raise failures[0]
    for action in plan.actions:
        if action not in many:
            _write(store, *by_name[action.subject])
            yield action


def _write(store: DocumentStore, wanted: Document, state: DocumentState) -> None:
    place, content = wanted.place, wanted.content
    if isinstance(place, FileAt):
        write_text_file(place.path, content or b"", mode=place.mode)
    elif content is not None:
        _write_object(store, place, content, expected=state.etag)
    else:
        for error in store.remove_objects(place.bucket, [place.key]):
            raise ObjectStoreError(f"remove {place.name}", error.reason)


def _write_object(store: DocumentStore, place: StoredAt, content: bytes, *, expected: str) -> None:
    """Write over what was seen, and over nothing else: two runs at a time cannot mix.

    A store that knows no conditions is written to without one. A request that is tried again may meet what it has
    itself written.
    """
    write = partial(store.write_object, place.bucket, place.key, content, content_type=place.content_type, metadata={})
    try:
        write(expected=expected)
    except UnsupportedError:
        write()
    except ConflictError:
        if store.read_object(place.bucket, place.key) != content:
            raise


def _wanted_mode(wanted: Document, state: DocumentState) -> Optional[int]:
    if not isinstance(wanted.place, FileAt) or wanted.place.mode is None:
        return state.mode
    return wanted.place.mode


def _summary(state: DocumentState) -> Optional[dict[str, Any]]:
    if state.content is None:
        return None
    summary: dict[str, Any] = {"size": len(state.content), "md5": _md5(state.content)}
    return {**summary, "mode": f"{state.mode:04o}"} if state.mode is not None else summary


def _texts(name: str, before: DocumentState, after: DocumentState) -> dict[str, Any]:
    if before.content == after.content and before.mode is not None and after.mode is not None:
        shown = (f"mode {before.mode:04o}\n", f"mode {after.mode:04o}\n")
    else:
        shown = (_text(before.content), _text(after.content))
    return {"before_header": name, "after_header": name, "before": shown[0], "after": shown[1]}


def _names(folder: str, changes: Sequence[tuple[str, DocumentState, DocumentState]]) -> dict[str, Any]:
    """The names of documents that change; one that is there before and after is marked, so that it differs."""
    before = [f"{name}\n" for name, state, _ in changes if state.content is not None]
    after = [
        f"{name}{'' if state.content is None else '  (changed)'}\n"
        for name, state, wanted in changes
        if wanted.content is not None
    ]
    return {"before_header": folder, "after_header": folder, "before": "".join(before), "after": "".join(after)}


def _text(content: Optional[bytes]) -> str:
    return content.decode("utf-8", "backslashreplace") if content is not None else ""


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
