"""Include and exclude globs."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.values.selection import Selection


@pytest.mark.parametrize(
    ("include", "exclude", "name", "selected"),
    [
        ((), (), "a/b.tif", True),
        (("*.tif",), (), "b.tif", True),
        (("*.tif",), (), "deep/below/b.tif", True),
        (("*.tif",), (), "b.tif.aux.xml", False),
        (("*.tif",), (), "B.TIF", False),
        (("a/*",), (), "a/b/c", True),
        (("a/*",), (), "x/a/b", False),
        (("/a/*",), (), "a/b", True),
        (("logs/",), (), "logs/2024/x", True),
        (("logs/",), (), "logs", False),
        (("logs/",), (), "logs-old/x", False),
        (("logs",), (), "logs/x", False),
        ((), ("*.tmp",), "a/b.tmp", False),
        ((), ("*.tmp",), "a.tmp/b", True),
        (("*.tif",), ("b*",), "a/b.tif", False),
        (("*.tif", "*.csv"), (), "b.csv", True),
        ((), ("a/*.tif",), "a/deep/b.tif", False),
        ((), ("[ab].tif",), "a.tif", False),
        ((), ("?.tif",), "ab.tif", True),
        (("a+b(1).tif",), (), "x/a+b(1).tif", True),
        (("*",), (), "line\nbreak", True),
    ],
)
def test_selects(include: tuple[str, ...], exclude: tuple[str, ...], name: str, *, selected: bool) -> None:
    assert Selection(include, exclude).selects(name) is selected
