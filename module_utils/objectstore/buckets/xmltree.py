"""XML of the S3 API as plain values and back, so that what we do not know of is kept as it is."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from ..values.errors import UnreachableError

Tree = dict[str, list[Any]]


def parse_tree(body: bytes) -> Tree:
    """The document's root as ``{tag: [text or tree, …]}``, without namespaces. S3 uses no attributes here.

    :raises UnreachableError: when it is not XML
    """
    try:
        return _children(ElementTree.fromstring(body))
    except ElementTree.ParseError as error:
        raise UnreachableError(
            "read a setting of a bucket", f"the server's answer is not XML ({error})", "Check the endpoint."
        ) from error


def _children(element: ElementTree.Element) -> Tree:
    tree: Tree = {}
    for child in element:
        text = child.text or ""
        value = _children(child) if len(child) else text if text.strip() else ""
        tree.setdefault(child.tag.rpartition("}")[2], []).append(value)
    return tree


def render_tree(root: str, tree: Tree) -> bytes:
    """The document of ``tree`` with the root element ``root``."""
    element = ElementTree.Element(root, xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
    _fill(element, tree)
    return ElementTree.tostring(element)


def _fill(element: ElementTree.Element, tree: Tree) -> None:
    for tag, values in tree.items():
        for value in values:
            child = ElementTree.SubElement(element, tag)
            if isinstance(value, dict):
                _fill(child, value)
            else:
                child.text = str(value)


def first(tree: Any, *path: str) -> Any:
    """The first value at ``path``; ``None`` where there is none."""
    for tag in path:
        values = tree.get(tag) if isinstance(tree, dict) else None
        if not values:
            return None
        tree = values[0]
    return tree
