"""The settings of a bucket, each by steps that create, change and remove it, and what a diff shows of every step."""

from __future__ import annotations

from typing import Any, NamedTuple


class Step(NamedTuple):
    """One task on a bucket that the former steps left.

    :param options: of the module, besides the bucket's name
    :param verb: what the action on the setting is called
    :param view: what mc is asked for, a name of ``VIEWS``
    :param text: what mc answers, among other things
    :param diff: what ``--diff`` shows, as ``cycle.shown`` has it
    """

    options: dict[str, Any]
    verb: str
    view: str
    text: str
    diff: str


#: What can be seen of a bucket -> the command of mc that shows it.
VIEWS = {
    "stat": ("stat",),
    "versions": ("version", "info"),
    "quota": ("quota", "info"),
    "tags": ("tag", "list"),
    "rules": ("ilm", "rule", "ls"),
    "retention": ("retention", "info", "--default"),
    "events": ("event", "list"),
}

_ALL_KINDS = [
    {"id": "age", "prefix": "results/", "expire_days": 90},
    {"id": "all", "prefix": "a/", "expire_all_versions": True, "expire_days": 4},
    {
        "id": "day", "enabled": False, "tags": {"keep": "no"}, "larger_than": "1MiB", "smaller_than": "1GiB",
        "expire_date": "2030-01-01",
    },
    {"id": "former", "noncurrent_expire_days": 30, "noncurrent_keep": 2},
]  # fmt: skip
_ALL_CHANGED = [
    {"id": "age", "prefix": "results/", "expire_days": 60},
    {"id": "all", "prefix": "b/", "expire_all_versions": True, "expire_days": 5},
    {
        "id": "day", "tags": {"keep": "yes"}, "larger_than": "2MiB", "smaller_than": "2GiB",
        "expire_date": "2031-01-01",
    },
    {"id": "former", "noncurrent_expire_days": 20, "noncurrent_keep": 3},
]  # fmt: skip
_MARKERS = {"id": "markers", "expire_delete_markers": True}

#: Setting -> its steps, one after the other on one bucket.
SETTINGS: dict[str, list[Step]] = {
    "versioning": [
        Step(
            {"versioning": "enabled", "versioning_exclude_prefixes": ["tmp/"]}, "create", "versions", "tmp/",
            "+ versioning: + exclude_prefixes: + tmp/ + status: enabled",
        ),
        Step(
            {"versioning_exclude_prefixes": ["tmp/", "new/"], "versioning_exclude_folders": True},
            "update", "versions", "new/",
            "+ exclude_folders: true + new/",
        ),
        Step(
            {"versioning_exclude_prefixes": [], "versioning_exclude_folders": False}, "update", "stat", "Enabled",
            "- exclude_folders: true - exclude_prefixes: - new/ - tmp/",
        ),
        Step(
            {"versioning": "suspended"}, "update", "versions", "Suspended",
            "- status: enabled + status: suspended",
        ),
    ],
    "quota": [
        Step({"quota": "1GiB"}, "create", "quota", "1073741824", "+ quota: 1073741824"),
        Step({"quota": "2GiB"}, "update", "quota", "2147483648", "- quota: 1073741824 + quota: 2147483648"),
        Step({"quota": "0"}, "remove", "quota", "success", "- quota: 2147483648"),
    ],
    "tags": [
        Step(
            {"tags": {"purpose": "land cover: crops", "n": 1}}, "create", "tags", "land cover: crops",
            "+ tags: + n: 1 + purpose: land cover: crops",
        ),
        Step(
            {"tags": {"n": 2, "owner": "ops"}, "purge_tags": False}, "update", "tags", "owner",
            "- n: 1 + n: 2 + owner: ops",
        ),
        # a comma that comes or goes with its neighbour makes a line of the diff, as it does on the screen
        Step(
            {"tags": {"n": 2, "owner": "ops"}}, "update", "tags", "owner",
            "- owner: ops - purpose: land cover: crops + owner: ops",
        ),
        Step({"tags": {}}, "remove", "tags", "No tags found", "- tags: - n: 2 - owner: ops"),
    ],
    "encryption": [
        Step({"encryption": "sse-s3"}, "create", "stat", "AES256", "+ encryption: + algorithm: sse-s3"),
        Step(
            {"encryption": "sse-kms", "kms_key": "test-key"}, "update", "stat", "test-key",
            "- algorithm: sse-s3 + algorithm: sse-kms + kms_key: test-key",
        ),
        Step(
            {"encryption": "none"}, "remove", "stat", "'Encryption': {}",
            "- encryption: - algorithm: sse-kms - kms_key: test-key",
        ),
    ],
    "lifecycle": [
        Step(
            {"lifecycle": _ALL_KINDS}, "create", "rules", "results/",
            "+ lifecycle:"
            " + age: + enabled: true + expire_days: 90 + prefix: results/"
            " + all: + enabled: true + expire_all_versions: true + expire_days: 4 + prefix: a/"
            " + day: + enabled: false + expire_date: 2030-01-01T00:00:00Z + larger_than: 1048576 + prefix:"
            " + smaller_than: 1073741824 + tags: + keep: no"
            " + former: + enabled: true + noncurrent_expire_days: 30 + noncurrent_keep: 2 + prefix:",
        ),
        Step(
            {"lifecycle": _ALL_CHANGED}, "update", "rules", "2031-01-01",
            "- expire_days: 90 + expire_days: 60"
            " - expire_days: 4 - prefix: a/ + expire_days: 5 + prefix: b/"
            " - enabled: false - expire_date: 2030-01-01T00:00:00Z - larger_than: 1048576"
            " + enabled: true + expire_date: 2031-01-01T00:00:00Z + larger_than: 2097152"
            " - smaller_than: 1073741824 + smaller_than: 2147483648 - keep: no + keep: yes"
            " - noncurrent_expire_days: 30 - noncurrent_keep: 2 + noncurrent_expire_days: 20 + noncurrent_keep: 3",
        ),
        Step(
            {"lifecycle": [_MARKERS]}, "update", "rules", "markers",
            "+ markers: + enabled: true + expire_delete_markers: true + prefix:",
        ),
        Step(
            {"lifecycle": [_ALL_CHANGED[0], {**_MARKERS, "enabled": False}], "purge_lifecycle": True},
            "update", "rules", "Disabled",
            "- all: - enabled: true - expire_all_versions: true - expire_days: 5 - prefix: b/"
            " - day: - enabled: true - expire_date: 2031-01-01T00:00:00Z - larger_than: 2097152 - prefix:"
            " - smaller_than: 2147483648 - tags: - keep: yes"
            " - former: - enabled: true - noncurrent_expire_days: 20 - noncurrent_keep: 3 - prefix:"
            " - enabled: true + enabled: false",
        ),
        Step(
            {"purge_lifecycle": True}, "remove", "rules", "NoSuchLifecycleConfiguration",
            "- lifecycle: - age: - enabled: true - expire_days: 60 - prefix: results/"
            " - markers: - enabled: false - expire_delete_markers: true - prefix:",
        ),
    ],
}  # fmt: skip
