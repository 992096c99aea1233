"""CSV as it comes: the fast way of reading says what reading each row says."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.data.csvfile import TableRules, read_table
from ansible.module_utils.objectstore.data.shape import Shape
from ansible.module_utils.objectstore.trees.localfs import look_at
from ansible.module_utils.objectstore.values.model import LocalFile
from hypothesis import given
from hypothesis import strategies as st

FIELD = st.sampled_from(
    [
        "1",
        "-2.5",
        "1e-3",
        "",
        " ",
        "NaN",
        "1.2.3",
        "water",
        "bare",
        '"water"',
        '"a,b"',
        '"a\nb"',
        '"q""q"',
        "é",
        "5-",
        "x",
    ]
)
LINE = st.one_of(
    st.lists(FIELD, min_size=3, max_size=3).map(",".join),
    st.lists(FIELD, min_size=0, max_size=5).map(",".join),
    st.sampled_from(["1,2,water", "1,2,water", "v,w,class", "\0", '"', "\r"]),
)
TEXT = st.lists(st.tuples(LINE, st.sampled_from(["\n", "\n", "\r\n"])), max_size=12).map(
    lambda lines: "".join(line + end for line, end in lines)
)
RULES = st.sampled_from(
    [
        TableRules(),
        TableRules("class"),
        TableRules("class", ("v", "w"), frozenset({"water", "bare"})),
        TableRules(None, ("w",)),
        TableRules("v", ("class",)),
    ]
)


@given(text=TEXT, rules=RULES, block=st.sampled_from([1, 8, 1 << 16]))
def test_the_fast_way_says_what_reading_each_row_says(
    text: str, rules: TableRules, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(("v,w,class\n" + text).encode())
    file = look_at(str(path), "any.csv")
    assert isinstance(file, LocalFile)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ansible.module_utils.objectstore.data.csvfile._BLOCK", block)
        fast = read_table(file, rules)
        patch.setattr("ansible.module_utils.objectstore.data.csvfile._BLOCK", 1 << 16)
        patch.setattr(Shape, "classes_of", lambda *_: None)
        assert fast == read_table(file, rules)
