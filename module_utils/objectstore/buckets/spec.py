"""A bucket as wanted.

The parameters of a module become values, and each setting a wish that turns its value now into the wanted one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Optional, Protocol

from ..values.abilities import Abilities
from ..values.bucket_names import check_bucket_name
from ..values.errors import InvalidInputError
from ..values.limits import (
    LARGEST_QUOTA,
    MOST_EXCLUDED_PREFIXES,
    MOST_RETENTION,
    prefix_of,
    refuse,
    tags_problem,
    text_problem,
    whole_problem,
)
from ..values.sizes import parse_size
from . import lifecycle, notifications

#: How a default retention is written, as an argument spec.
RETENTION_OPTIONS: Mapping[str, Any] = {
    "mode": {"type": "str", "choices": ["governance", "compliance", "none"], "required": True},
    "days": {"type": "int"},
    "years": {"type": "int"},
}


class Wish(Protocol):
    """What is wanted of one setting."""

    def after(self, before: Any) -> Any:
        """The setting's wanted value where it is ``before`` now; equal to ``before`` where nothing is to do."""


@dataclass(frozen=True)
class Exactly:
    """This value, whatever there is now."""

    value: Any

    def after(self, before: Any) -> Any:  # noqa: ARG002  # a wish sees it
        """The value."""
        return self.value


@dataclass(frozen=True)
class Tags:
    """These tags; others go if ``purge``."""

    tags: Mapping[str, str]
    purge: bool

    def after(self, before: Any) -> Any:
        """All tags, ``None`` where there is none."""
        return {**({} if self.purge else before or {}), **self.tags} or None


@dataclass(frozen=True)
class Versioning:
    """A status, and MinIO's exclusions; each is left alone where it is ``None``."""

    status: Optional[str]
    exclude_prefixes: Optional[tuple[str, ...]]
    exclude_folders: Optional[bool]

    def after(self, before: Any) -> Any:
        """Never enabled and suspended behave alike, and S3 has no way back to "never enabled"."""
        now = before or {"status": "suspended"}
        wanted: dict[str, Any] = {"status": self.status or now["status"]}
        if wanted["status"] == "suspended":
            return wanted if before else None
        prefixes = now.get("exclude_prefixes") if self.exclude_prefixes is None else sorted(set(self.exclude_prefixes))
        folders = now.get("exclude_folders") if self.exclude_folders is None else self.exclude_folders
        if prefixes:
            wanted["exclude_prefixes"] = prefixes
        if folders:
            wanted["exclude_folders"] = True
        return wanted


@dataclass(frozen=True)
class Rules:
    """These rules by their id; others go if ``purge``, and else stay before them in their order."""

    rules: Mapping[str, Mapping[str, Any]]
    purge: bool

    def after(self, before: Any) -> Any:
        """All rules, ``None`` where there is none."""
        kept = {} if self.purge else dict(before or {})
        return {**kept, **self.rules} or None


@dataclass(frozen=True)
class BucketSpec:
    """A bucket as wanted. A setting that is missing from ``settings`` is left alone."""

    name: str
    present: bool = True
    force: bool = False
    bypass_governance: bool = False
    region: Optional[str] = None
    object_lock: Optional[bool] = None
    settings: Mapping[str, Wish] = field(default_factory=dict)

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> BucketSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for values that no server could accept together
        """
        settings = {name: wish for name, read in _WISHES.items() if (wish := read(params)) is not None}
        if params["object_lock"] and params["versioning"] == "suspended":
            raise InvalidInputError(
                f"set up bucket {params['name']}",
                "object lock needs versioning, which is to be suspended",
                "Leave one of the two out.",
            )
        return cls(
            name=check_bucket_name(params["name"]),
            present=params["state"] == "present",
            force=params["force"],
            bypass_governance=params["bypass_governance"],
            region=params["region"] or None,
            object_lock=params["object_lock"],
            settings=settings,
        )

    @property
    def aborts_uploads(self) -> bool:
        """Whether a lifecycle rule speaks of incomplete uploads, which some servers do not keep."""
        wish = self.settings.get("lifecycle")
        return isinstance(wish, Rules) and any("abort_multipart_days" in rule for rule in wish.rules.values())

    @property
    def excludes_from_versioning(self) -> bool:
        """Whether versioning shall have exclusions, which are MinIO's own."""
        wish = self.settings.get("versioning")
        return isinstance(wish, Versioning) and bool(wish.exclude_prefixes or wish.exclude_folders)

    def problems_for(self, abilities: Abilities) -> Iterator[str]:
        """What of the settings a server of these abilities refuses, and others keep."""
        tags, rules = self.settings.get("tags"), self.settings.get("lifecycle")
        events = self.settings.get("notifications")
        if isinstance(tags, Tags):
            yield tags_problem(tags.tags, any_script=abilities.tags_in_any_script)
        if isinstance(rules, Rules) and not abilities.expire_all_versions:
            yield from lifecycle.problems_beside_s3(rules.rules)
        if isinstance(events, Rules) and abilities.known_events:
            yield from notifications.event_problems(events.rules, abilities.known_events)

    def without_abort(self) -> tuple[BucketSpec, list[str]]:
        """The spec as MinIO can keep it, and the ids of the lifecycle rules that lose something."""
        wish = self.settings["lifecycle"]
        if not isinstance(wish, Rules):
            return self, []
        kept, losing = lifecycle.without_abort({name: dict(rule) for name, rule in wish.rules.items()})
        settings = {**self.settings, "lifecycle": Rules(kept, wish.purge)}
        return BucketSpec(**{**self.__dict__, "settings": settings}), losing


def _versioning(params: Mapping[str, Any]) -> Optional[Wish]:
    prefixes, folders = params["versioning_exclude_prefixes"], params["versioning_exclude_folders"]
    if params["versioning"] is None and prefixes is None and folders is None:
        return None
    if params["versioning"] == "suspended" and (prefixes or folders):
        raise InvalidInputError(
            f"exclude something from the versioning of bucket {params['name']}",
            "versioning is to be suspended",
            "Exclusions belong to versioning: enabled.",
        )
    attempted = f"exclude something from the versioning of bucket {params['name']}"
    excluded = tuple(prefix_of("versioning", prefix) for prefix in prefixes or ())
    many = f"there are {len(excluded)} prefixes, and at most {MOST_EXCLUDED_PREFIXES}"
    refuse(attempted, (*map(text_problem, excluded), many if len(excluded) > MOST_EXCLUDED_PREFIXES else ""))
    return Versioning(params["versioning"], None if prefixes is None else excluded, folders)


def _tags(params: Mapping[str, Any]) -> Optional[Wish]:
    if params["tags"] is None:
        return None
    tags = {str(key): str(value) for key, value in params["tags"].items()}
    refuse(f"set the tags of bucket {params['name']}", [tags_problem(tags, any_script=True)])
    return Tags(tags, params["purge_tags"])


def _quota(params: Mapping[str, Any]) -> Optional[Wish]:
    if params["quota"] is None:
        return None
    size = parse_size(params["quota"])
    refuse(f"set the quota of bucket {params['name']}", [whole_problem(size, least=0, most=LARGEST_QUOTA)])
    return Exactly(size or None)


def _encryption(params: Mapping[str, Any]) -> Optional[Wish]:
    algorithm, key = params["encryption"], params["kms_key"]
    if (algorithm == "sse-kms") != bool(key):
        raise InvalidInputError(
            f"set the encryption of bucket {params['name']}",
            "encryption: sse-kms and kms_key belong together",
            "Give both, or neither.",
        )
    if algorithm is None:
        return None
    refuse(f"set the encryption of bucket {params['name']}", [text_problem(key or "")], "Name another kms_key.")
    return Exactly(None if algorithm == "none" else {"algorithm": algorithm, **({"kms_key": key} if key else {})})


def _retention(params: Mapping[str, Any]) -> Optional[Wish]:
    given = params["retention"]
    if given is None:
        return None
    periods = {unit: given[unit] for unit in ("days", "years") if given[unit] is not None}
    if given["mode"] == "none" and not periods:
        return Exactly(None)
    if given["mode"] == "none" or len(periods) != 1 or min(periods.values()) < 1:
        raise InvalidInputError(
            f"set the retention of bucket {params['name']}",
            "it needs a mode with either days or years, of at least 1",
            "Write mode: none alone to remove it.",
        )
    refuse(
        f"set the retention of bucket {params['name']}",
        (whole_problem(period, least=1, most=MOST_RETENTION[unit]) for unit, period in periods.items()),
    )
    return Exactly({"mode": given["mode"], **periods})


def _lifecycle(params: Mapping[str, Any]) -> Optional[Wish]:
    if params["lifecycle"] is None and not params["purge_lifecycle"]:
        return None
    return Rules(lifecycle.wanted_rules(params["lifecycle"] or []), params["purge_lifecycle"])


def _notifications(params: Mapping[str, Any]) -> Optional[Wish]:
    if params["notifications"] is None and not params["purge_notifications"]:
        return None
    return Rules(notifications.wanted_rules(params["notifications"] or []), params["purge_notifications"])


_WISHES = {
    "versioning": _versioning,
    "tags": _tags,
    "quota": _quota,
    "encryption": _encryption,
    "retention": _retention,
    "lifecycle": _lifecycle,
    "notifications": _notifications,
}
