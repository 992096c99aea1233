"""Buckets: what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Optional, Protocol

from .change import Action, Plan, update
from .errors import ConflictError, InvalidInputError
from .store import BucketStore, ObjectReader

#: Settings that can be read and written one by one, in the order in which they are applied.
SETTINGS = ("versioning", "tags", "quota")

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTPE]?)(i?)B?", re.IGNORECASE)
_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


def check_bucket_name(name: str) -> str:
    """``name`` itself when S3 accepts it as a bucket's name.

    Source: the S3 API's bucket naming rules (3 to 63 characters of ``a-z 0-9 . -``, no address, no ``..``).

    :raises InvalidInputError: otherwise
    """
    if not _NAME.fullmatch(name) or ".." in name or ".-" in name or "-." in name or _IPV4.fullmatch(name):
        raise InvalidInputError(
            f"use the bucket name {name!r}",
            "it is not a valid S3 bucket name",
            "Use 3 to 63 lower-case letters, digits, '-' and '.', starting and ending with a letter or digit.",
        )
    return name


def parse_size(text: str) -> int:
    """Bytes of ``"50GiB"``, ``"50 GB"``, ``"1.5T"`` or ``"1024"``. ``i`` means powers of 1024, its absence of 1000.

    :raises InvalidInputError: for anything else
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise InvalidInputError(f"read the size {text!r}", "it is not a number with a unit", "Write it like 50GiB.")
    number, unit, binary = match.groups()
    power = " KMGTPE".index(unit.upper()) if unit else 0
    return int(float(number) * (1024 if binary else 1000) ** power)


@dataclass(frozen=True)
class BucketSpec:
    """A bucket as wanted. A setting that is missing from ``settings`` is left alone."""

    name: str
    present: bool = True
    force: bool = False
    region: Optional[str] = None
    object_lock: Optional[bool] = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    purge_tags: bool = True

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> BucketSpec:
        """The spec of a module's parameters."""
        settings: dict[str, Any] = {}
        if params["versioning"] is not None:
            settings["versioning"] = params["versioning"]
        if params["tags"] is not None:
            settings["tags"] = {str(key): str(value) for key, value in params["tags"].items()}
        if params["quota"] is not None:
            settings["quota"] = parse_size(params["quota"]) or None
        return cls(
            name=check_bucket_name(params["name"]),
            present=params["state"] == "present",
            force=params["force"],
            region=params["region"],
            object_lock=params["object_lock"],
            settings=settings,
            purge_tags=params["purge_tags"],
        )


@dataclass(frozen=True)
class BucketState:
    """A bucket as seen. ``settings`` holds only what was asked for; ``empty`` only what a removal needs to know."""

    exists: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    empty: bool = True


class BucketReader(BucketStore, ObjectReader, Protocol):
    """What reading a bucket takes."""


def read_bucket(store: BucketReader, spec: BucketSpec) -> BucketState:
    """Look at the bucket, as far as ``spec`` speaks of it."""
    if not store.bucket_exists(spec.name):
        return BucketState(exists=False)
    if not spec.present:
        return BucketState(exists=True, empty=next(iter(store.list_objects(spec.name)), None) is None)
    return BucketState(
        exists=True,
        settings={name: store.bucket_setting(spec.name, name) for name in SETTINGS if name in spec.settings},
    )


def plan_bucket(state: BucketState, spec: BucketSpec) -> Plan:
    """The actions from ``state`` to ``spec``.

    :raises ConflictError: when the bucket should go but holds objects and ``force`` was not given
    """
    target = f"bucket {spec.name}"
    if not spec.present:
        return Plan(target, _plan_removal(state, spec))
    actions: tuple[Action, ...] = ()
    if not state.exists:
        actions += (Action("create", "bucket", None, {"name": spec.name, "object_lock": bool(spec.object_lock)}),)
    for name in SETTINGS:
        if name in spec.settings:
            before = state.settings.get(name)
            actions += update(name, before, _wanted(name, before, spec))
    return Plan(target, actions)


def _wanted(name: str, before: Any, spec: BucketSpec) -> Any:
    wanted = spec.settings[name]
    if name == "tags":
        merged = dict(wanted) if spec.purge_tags else {**(before or {}), **wanted}
        return merged or None
    if name == "versioning" and wanted == "suspended" and before is None:
        return None  # never enabled and suspended behave alike; S3 has no way back to "never enabled"
    return wanted


def _plan_removal(state: BucketState, spec: BucketSpec) -> tuple[Action, ...]:
    if not state.exists:
        return ()
    if not state.empty and not spec.force:
        raise ConflictError(
            f"remove bucket {spec.name}", "it is not empty", "Remove its objects first, or set force: true."
        )
    return (Action("remove", "bucket", {"name": spec.name}, None),)


def apply_bucket(store: BucketStore, plan: Plan, spec: BucketSpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        if action.subject != "bucket":
            store.set_bucket_setting(spec.name, action.subject, action.after)
        elif action.after is not None:
            store.create_bucket(spec.name, region=spec.region, object_lock=bool(spec.object_lock))
        else:
            store.remove_bucket(spec.name)
        yield action
