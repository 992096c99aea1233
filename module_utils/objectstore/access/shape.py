"""The shape of a policy document: what stands where, before anybody asks what it means."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn

from ..values.errors import InvalidInputError

_SCALAR = (str, int, float, bool)


def as_list(value: Any) -> list[Any]:
    """A list of what S3 lets one write as one value or as a list of them."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def check_shape(document: Any) -> None:
    """Refuse what is no policy document, whoever wrote it.

    :raises InvalidInputError: naming the part that is of another type
    """
    if not isinstance(document, Mapping):
        _refuse(f"it is {_named(document)}, not an object with a list Statement of objects")
    statements = as_list(document.get("Statement"))
    if not all(isinstance(statement, Mapping) for statement in statements):
        _refuse("it is not an object with a list Statement of objects")
    if not isinstance(document.get("Version", ""), (str, type(None))):
        _refuse(f"its Version is {_named(document['Version'])}, not a text", 'Write "2012-10-17" in quotes.')
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: Mapping[str, Any]) -> None:
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        _refuse(f"a statement has the Effect {effect!r}", "Each statement needs Effect: Allow or Deny.")
    for field, value in statement.items():
        check = _FIELDS.get(str(field))
        if check is not None and value not in (None, ""):
            check(str(field), value)


def _check_texts(field: str, value: Any) -> None:
    wrong = [entry for entry in as_list(value) if not isinstance(entry, str)]
    if wrong or isinstance(value, Mapping):
        _refuse(f"{field} holds {_named(wrong[0] if wrong else value)}, not texts")


def _check_text(field: str, value: Any) -> None:
    if not isinstance(value, str):
        _refuse(f"{field} is {_named(value)}, not a text")


def _check_principal(field: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for kind, names in value.items():
            if any(not isinstance(name, (str, int)) for name in as_list(names)):
                _refuse(f"{field} {kind} does not hold texts")
    else:
        _check_texts(field, value)


def _check_condition(field: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        _refuse(f"{field} is {_named(value)}, not an object", "Write it as {StringLike: {s3:prefix: [logs/*]}}.")
    for operator, keys in value.items():
        if not isinstance(keys, Mapping):
            _refuse(f"{field} {operator} is {_named(keys)}, not an object of condition keys")
        for key, entries in keys.items():
            if not as_list(entries) or any(not isinstance(entry, _SCALAR) for entry in as_list(entries)):
                _refuse(f"{field} {operator} {key} holds no values, or something else")


_FIELDS: Mapping[str, Callable[[str, Any], None]] = {
    "Sid": _check_text,
    "Action": _check_texts,
    "NotAction": _check_texts,
    "Resource": _check_texts,
    "NotResource": _check_texts,
    "Principal": _check_principal,
    "NotPrincipal": _check_principal,
    "Condition": _check_condition,
}


def _named(value: Any) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", type(None): "null"}
    return names.get(type(value), "an object" if isinstance(value, Mapping) else "a list")


def _refuse(reason: str, hint: str = "") -> NoReturn:
    raise InvalidInputError("read a policy document", reason, hint)
