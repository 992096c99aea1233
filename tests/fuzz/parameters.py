"""Strategies of parameters: values of each option's kind, the edges of its limits, and what does not belong there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.support.in_process import argument_spec
from tests.support.paths import REPO

#: Names that the fuzzers use in a store, and remove again.
NAMES = ("fuzz-a", "fuzz-b", "fuzz-c")

_ODD = (
    "",
    " ",
    "/",
    "a\0b",
    "a\r\nb",
    "ü" * 128,
    "日本",
    "a" * 300,
    "..",
    "a/../b",
    "-",
    "None",
    "null",
    "0",
    "*",
    "{x}",
    "%s",
)
TEXTS = st.sampled_from(_ODD) | st.text(max_size=12) | st.sampled_from(("a", "logs/", "x-1", "text/plain"))
NUMBERS = st.sampled_from((0, 1, -1, 2, 7, 365, 36500, 36501, 2**31 - 1, 2**31, 2**63, 10**30)) | st.integers(-3, 99)
SIZES = st.sampled_from(
    ("0", "0.4", "1", "1KiB", "50GiB", "5MiB", "16EiB", "15.9EiB", "1e9", "-1", "9" * 40, "5 TB", "10%")
)
SCALARS = st.none() | st.booleans() | NUMBERS | st.floats() | TEXTS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
TIMES = st.sampled_from(
    ("never", "2026-12-31T00:00:00Z", "2020-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "tomorrow", "2027-02-30")
)
_ACTIONS = st.sampled_from(
    ("s3:GetObject", "s3:*", "s3:ListBucket", "*", "admin:*", "s3:Nope", "kms:ListKeys", "s3:?et*")
)
_RESOURCES = st.sampled_from(
    (
        "arn:aws:s3:::fuzz-a/*",
        "arn:aws:s3:::fuzz-a",
        "*",
        "arn:aws:s3:::",
        "fuzz-a",
        "arn:aws:s3:::*",
        "arn:minio:kms:::k",
    )
)
_CONDITIONS = st.sampled_from(
    (
        {"StringLike": {"s3:prefix": ["a/*"]}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"Bool": {"aws:SecureTransport": True}},
        {"NumericEquals": {"s3:max-keys": [1, 2]}},
        {"Nope": {"x": "y"}},
        {"StringLike": ["x"]},
    )
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(("Allow", "Deny", "Nope"))},
    optional={
        "Action": _ACTIONS | st.lists(_ACTIONS, max_size=3),
        "NotAction": _ACTIONS,
        "Resource": _RESOURCES | st.lists(_RESOURCES, max_size=3),
        "NotResource": _RESOURCES,
        "Principal": st.sampled_from(("*", {"AWS": ["*"]}, {"AWS": "x"}, "me", {})),
        "Condition": _CONDITIONS,
        "Sid": TEXTS,
    },
)
POLICIES = (
    st.fixed_dictionaries(
        {"Statement": st.lists(STATEMENTS, max_size=2) | STATEMENTS},
        optional={"Version": st.sampled_from(("2012-10-17", "2008-10-17", 2012))},
    )
    | ANYTHING
    | st.sampled_from(("inherit", "{", "[1]", "true", '{"Statement": []}'))
)
TAGS = st.dictionaries(TEXTS, SCALARS, max_size=3) | st.sampled_from(
    ({f"k{number}": "v" for number in range(51)}, {"k" * 129: "v"}, {"k": "v" * 257}, {"owner": None}, {"k": "Jürgen"})
)
SECRETS = st.sampled_from(("short", "long-enough", "s" * 41, "ü" * 8))
PATTERNS = st.sampled_from((r"(?P<a>.+)\.tif", "(", "(?P<a>.+)", "[", "x" * 50, r"(?P<a>a+)+$"))

#: By the option's name; for all others its type decides.
BY_NAME: Mapping[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        ("name", "bucket", "user"),
        st.sampled_from((*NAMES, "fuzz", "ab", "Fuzz", "xn--fuzz", "ü-fuzz", "a" * 64)) | TEXTS,
    ),
    "key": st.sampled_from(("fuzz-a", "fuzz/b.json", "a/" * 512 + "b", "a/" * 511 + "b", "c" * 256)) | TEXTS,
    **dict.fromkeys(("quota", "larger_than", "smaller_than", "part_size", "delete_limit"), SIZES),
    **dict.fromkeys(("expires", "expire_date"), TIMES),
    **dict.fromkeys(("user_secret", "key_secret"), SECRETS),
    **dict.fromkeys(("tags", "metadata"), TAGS),
    **dict.fromkeys(("key_pattern", "batch_pattern"), PATTERNS),
    **dict.fromkeys(
        ("policies", "members"), st.lists(st.sampled_from((*NAMES, "readonly", "nonesuch", "a,b", "")), max_size=3)
    ),
    "policy": POLICIES,
    "content": ANYTHING,
    "can": st.lists(st.sampled_from(("list", "read", "write", "delete", "own")), max_size=3),
    "events": st.lists(st.sampled_from(("s3:ObjectCreated:*", "s3:Nope", "")), max_size=2),
    "arn": st.sampled_from(("arn:minio:sqs::x:webhook", "x")),
    "mode": st.sampled_from(("0644", 0o644, 644, "governance", "none", "x", True, 10**9, -1)),
    "versioning_exclude_prefixes": st.lists(TEXTS, max_size=3) | st.just([f"p{number}/" for number in range(11)]),
}

#: How many options a task has beside those that are required: with more, nearly every task is refused for one of them.
MOST_OTHERS = 4

#: Options that would start programs, or wait: they stay as they are.
FIXED: Mapping[str, Any] = {
    "kubectl": "/nonexistent/kubectl",
    "python": "/nonexistent/python",
    "timeout": 5,
    "retries": 0,
}


def value_of(name: str, option: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of one option: mostly of its kind, and now and then something else."""
    inner, kind = option.get("options"), option.get("type", "str")
    if option.get("choices"):
        good: st.SearchStrategy[Any] = st.sampled_from(tuple(option["choices"]))
    elif inner:
        entry = dictionary_of(inner)
        good = st.lists(entry, max_size=2) if kind == "list" else entry
    elif name in BY_NAME:
        good = BY_NAME[name]
    else:
        good = {
            "bool": st.booleans(),
            "int": NUMBERS,
            "float": NUMBERS | st.floats(),
            "list": st.lists(TEXTS, max_size=3),
            "dict": st.dictionaries(TEXTS, ANYTHING, max_size=3),
            "path": st.sampled_from(("/nonexistent", "/dev/null", "", "a\0b", str(REPO / "docs"))),
            "raw": ANYTHING,
        }.get(kind, TEXTS)
    return st.one_of(*(good,) * 12, ANYTHING)


def dictionary_of(spec: Mapping[str, Any], given: Mapping[str, Any] = {}) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters of a spec: what is required, and a few of the others; ``given`` stays."""
    made = {name: value_of(name, option) for name, option in spec.items() if name not in given}
    required = {name: value for name, value in made.items() if spec[name].get("required")}
    fixed = {name: st.just(value) for name, value in given.items() if name in spec}
    others = sorted(made.keys() - required.keys())
    if not others:
        return st.fixed_dictionaries({**required, **fixed})
    chosen = st.lists(st.sampled_from(others), max_size=MOST_OTHERS, unique=True)
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries({**required, **fixed, **{name: made[name] for name in names}})
    )


def parameters_of(module: str, connection: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters of a task of ``module`` with this connection."""
    return dictionary_of(argument_spec(module), {**FIXED, **connection})
