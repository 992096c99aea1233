"""Options that several modules have, as argument specs, and what those of the connection become."""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping

from .endpoint import normalise_endpoints
from .errors import InvalidInputError
from .limits import text_problem
from .model import Connection

Arguments = Mapping[str, Mapping[str, Any]]

BUCKET: Arguments = {"bucket": {"type": "str", "required": True}}
PREFIX: Arguments = {"prefix": {"type": "str", "default": ""}}
ASSUME_BUCKET: Arguments = {"assume_bucket": {"type": "bool", "default": False}}
ASSUME_CREATED: Arguments = {"assume_created": {"type": "bool", "default": False}}
FOLDER: Arguments = {"path": {"type": "path", "required": True}, "recurse": {"type": "bool", "default": True}}

#: Bounds of ``timeout``, in seconds, and of ``retries``. Ours: what is beyond them is a typing error.
LONGEST_TIMEOUT, MOST_RETRIES = 86400.0, 100

#: Options of a connection to another store, as those of the connection itself, with ``dest_`` before their names.
DEST_STORE: Arguments = {
    "dest_endpoint": {"type": "list", "elements": "str"},
    "dest_access_key": {"type": "str", "no_log": False},
    "dest_secret_key": {"type": "str", "no_log": True},
    "dest_session_token": {"type": "str", "no_log": True},
    "dest_region": {"type": "str"},
    "dest_ca_cert": {"type": "path"},
    "dest_client_cert": {"type": "path"},
    "dest_client_key": {"type": "path"},
    "dest_validate_certs": {"type": "bool", "default": True},
    "dest_server_name": {"type": "str"},
}

#: Suboptions of ``rights``.
RIGHT: Arguments = {
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": ""},
    "can": {"type": "list", "elements": "str", "required": True},
}

#: Options without a default that narrow what is worked on, given or removed. Left out they mean all, so that a null,
#: which comes of a variable that is not set, would do or allow more than was written.
NARROWING = frozenset({
    "access_by_prefix", "claims", "class_column", "content", "context", "digest_cache", "dtype", "enabled", "exclude",
    "expect", "expires", "include", "index_by", "key", "key_pattern", "key_template", "kubeconfig", "lifecycle", "name",
    "notifications", "object_lock", "others", "planned", "policy", "prefix", "prefixes", "release", "shard", "src",
    "user",
})  # fmt: skip

#: Options whose empty list or dictionary would mean all, as if it were left out.
NEVER_EMPTY = frozenset({"can", "events", "expect", "prefixes", "rights"})

#: Those of another store, each of which may be empty.
_OF_DEST = tuple(name for name, option in DEST_STORE.items() if option["type"] != "bool")

#: Options for which an empty text says something; for all others it is an error.
EMPTY_MEANS: Mapping[str, str] = {
    "access_key": "left out",
    "batch_pattern": "files are only counted",
    "ca_cert": "left out",
    "class_column": "no class column",
    "client_cert": "left out",
    "client_key": "left out",
    "content": "an empty object",
    "description": "no description",
    "digest_cache": "no cache",
    "endpoint": "left out",
    "prefix": "the whole bucket",
    "region": "left out",
    "server_name": "left out",
    "secret_key": "left out",
    **dict.fromkeys(_OF_DEST, "left out"),
    "dest_prefix": "the whole bucket",
    "session_token": "left out",
    "suffix": "any key",
}

#: Dictionaries of what may be null in itself, such as a field of a JSON document.
HOLDS_NULLS = frozenset({"claims", "sets.metadata"})

#: Options that name beginnings of keys. No key begins with ``/``, so nothing but slashes is not the whole bucket.
PREFIXES = frozenset({"dest_prefix", "prefix", "prefixes", "versioning_exclude_prefixes"})

#: Types whose values come as texts.
_TEXTS = ("str", "path", "raw")


def given_problems(
    spec: Mapping[str, Any], given: Mapping[str, Any], above: str = "", *, nested: bool = False
) -> Iterator[str]:
    """What is null or empty among the parameters that were given, where that must not pass as something else.

    Ansible hands a null to a module as it hands over an option that was left out, so this looks at what was written.
    A null is as good as left out for an option that then leaves its setting alone; it is a problem where the option is
    required, has a default, or narrows what is worked on, and in suboptions, which are written as a whole. An empty
    text is a problem but for ``EMPTY_MEANS``, and an empty list or dictionary for ``NEVER_EMPTY``.

    :param spec: an argument spec; suboptions are looked at, too
    """
    for name, value in given.items():
        option = spec.get(name)
        if option is None:
            continue
        place = f"{above}{name}"
        if value is None:
            if null_refused(name, option, nested=nested):
                yield f"{place} is null: {_remedy(name, option)}"
        elif value in ("", [], {}) and empty_refused(name, option, value, nested=nested):
            yield f"{place} is empty: {_remedy(name, option)}"
        elif name in PREFIXES and any(_only_slashes(text) for text in (value if isinstance(value, list) else [value])):
            yield f"{place} is {value!r}, and no key begins with '/': leave it out for the whole bucket"
        elif option.get("type") == "path" and "\0" in str(value):
            yield f"{place} has a NUL character, which no path has"
        else:
            yield from _inner_problems(option, value, place)


def shape_problems(spec: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """Options with suboptions that were given something without any: Ansible's own check of them breaks on these."""
    for name, value in given.items():
        option = spec.get(name)
        if option is None or "options" not in option or value is None:
            continue
        entries = value if option.get("type") == "list" and isinstance(value, (list, tuple)) else [value]
        if any(not isinstance(entry, (str, Mapping)) for entry in entries):
            yield f"{name} has an entry that is no dictionary"
        for entry in entries:
            if isinstance(entry, Mapping):
                yield from shape_problems(option["options"], entry)


def _only_slashes(text: Any) -> bool:
    return isinstance(text, str) and bool(text) and not text.strip("/")


def null_refused(name: str, option: Mapping[str, Any], *, nested: bool) -> bool:
    """Whether an explicit null of this option is an error."""
    return bool(nested or option.get("required") or option.get("default") is not None or name in NARROWING)


def empty_refused(name: str, option: Mapping[str, Any], value: Any, *, nested: bool) -> bool:
    """Whether this empty text, list or dictionary is an error that Ansible does not see."""
    if value == "":
        return option.get("type", "str") in (*_TEXTS, "list") and name not in EMPTY_MEANS
    return name in NEVER_EMPTY or nested


def _remedy(name: str, option: Mapping[str, Any]) -> str:
    default = option.get("default")
    if option.get("required"):
        return "give it a value"
    if default is None or option.get("no_log"):
        return "give it a value, or leave it out"
    return f"give it a value, or leave it out for {EMPTY_MEANS.get(name, 'none') if default == '' else default}"


def _inner_problems(option: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    kind, inner = option.get("type", "str"), option.get("options")
    if kind == "list" and isinstance(value, (list, tuple)):
        for number, element in enumerate(value):
            if element in (None, ""):
                yield f"{place} has an entry that is {'null' if element is None else 'empty'}"
            elif inner and isinstance(element, Mapping):
                yield from given_problems(inner, element, f"{place}[{number}].", nested=True)
    elif kind == "dict" and isinstance(value, Mapping):
        if inner:
            yield from given_problems(inner, value, f"{place}.", nested=True)
        elif re.sub(r"\[\d+\]", "", place) not in HOLDS_NULLS:
            yield from (f"{place}: {key} is null: give it a value" for key, entry in value.items() if entry is None)


def dest_store(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the connection to the other store, without ``dest_`` before their names; empty for the same.

    :raises InvalidInputError: for some of them without ``dest_endpoint``
    """
    given = {name[len("dest_") :]: params[name] for name in DEST_STORE}
    if normalise_endpoints(given["endpoint"]):
        return given
    others = [name for name in DEST_STORE if params[name] and name not in ("dest_endpoint", "dest_validate_certs")]
    if others:
        raise InvalidInputError(
            "copy to another store", f"{others[0]} is given without dest_endpoint", "Set both, or neither."
        )
    return {}


def connection_of(params: Mapping[str, Any]) -> Connection:
    """The connection that a module's parameters describe.

    :raises InvalidInputError: for a missing endpoint or half a pair of credentials
    """
    endpoints = normalise_endpoints(params["endpoint"])
    if not endpoints:
        raise InvalidInputError(
            "connect to a store", "no endpoint is given", "Set endpoint or MINIO_ENDPOINT to http(s)://host[:port]."
        )
    if not params["access_key"] or not params["secret_key"]:
        missing = "access_key" if not params["access_key"] else "secret_key"
        raise InvalidInputError(
            f"connect to {endpoints[0]}",
            f"no {missing} is given",
            f"Set {missing} or MINIO_{missing.upper()}.",
        )
    for name in ("access_key", "session_token"):
        problem = text_problem(params[name] or "")  # both travel in headers; neither is shown
        if problem:
            raise InvalidInputError("connect to a store", f"of {name}, {problem}", f"Set {name} anew.")
    if params["client_key"] and not params["client_cert"]:
        raise InvalidInputError("connect to a store", "client_key is given without client_cert", "Set both.")
    if not 0 < params["timeout"] <= LONGEST_TIMEOUT or not 0 <= params["retries"] <= MOST_RETRIES:
        raise InvalidInputError(
            "connect to a store",
            f"timeout is {params['timeout']} and retries is {params['retries']}",
            f"A timeout is above 0 and up to {LONGEST_TIMEOUT:.0f} seconds; retries are 0 to {MOST_RETRIES}.",
        )
    return Connection(
        endpoint=endpoints[0],
        others=endpoints[1:],
        sign_payloads=params["sign_payloads"],
        access_key=params["access_key"],
        secret_key=params["secret_key"],
        session_token=params["session_token"],
        region=params["region"],
        ca_cert=params["ca_cert"],
        client_cert=params["client_cert"],
        client_key=params["client_key"],
        validate_certs=params["validate_certs"],
        server_name=params["server_name"],
        timeout=params["timeout"],
        retries=params["retries"],
    )
