"""Training sets: what is said of each broken file, word for word, and that valid ones pass."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.support.tabular import CLAIMS, GOOD, ROW, facts_of, problems_of, table

#: Files that are right, however they are written: each has the columns, and 2 rows water, 1 row bare.
VALID = {
    "plain": GOOD,
    "crlf": GOOD.replace(b"\n", b"\r\n"),
    "crlf and lf": GOOD.replace(b"\n", b"\r\n", 2),
    "no last newline": GOOD[:-1],
    "crlf, and a cr at the end": GOOD.replace(b"\n", b"\r\n")[:-1],
    "two carriage returns": GOOD.replace(b"\n", b"\r\r\n"),
    "blank lines": GOOD.replace(b"\n", b"\n\n"),
    "blank lines first": b"\n\r\n" + GOOD,
    "a line of spaces": GOOD.replace(b"\n2", b"\n  \n2"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "byte order mark and quotes": b'\xef\xbb\xbf"id"' + GOOD[2:],
    "all quoted": b"".join(b'"' + line.replace(b",", b'","') + b'"\n' for line in GOOD.splitlines()),
    "texts quoted": b'"id","ndvi","evi","class"\n1,0.5,1,"water"\n2,0.5,1,"bare"\n3,0.5,1,"water"\n',
    "a comma in quotes": GOOD.replace(b"\n2,", b'\n"2,0",'),
    "a newline in quotes": GOOD.replace(b"\n2,", b'\n"2\n",'),
    "a quote in quotes": GOOD.replace(b"\n2,", b'\n"2""",'),
    "other letters": GOOD.replace(b"\n2,", "\nHöhe,".encode()),
    "spaces beside numbers": GOOD.replace(b",0.5,", b", 0.5 ,"),
    "whole numbers": GOOD.replace(b"0.5,-0.25", b"5,-25"),
}


@pytest.mark.parametrize("content", VALID.values(), ids=VALID)
def test_a_valid_file_passes(tmp_path: Path, content: bytes) -> None:
    facts = facts_of(tmp_path, {"a.csv": content}, {**CLAIMS, "total_samples": 3})
    assert (problems_of(facts), facts.false, facts.rows) == ([], (), 3)
    assert (facts.columns, facts.classes) == (("id", "ndvi", "evi", "class"), {"water": 2, "bare": 1})


@pytest.mark.parametrize(("header", "row"), [("class,x,y", "w,1,2"), ("x,class,y", "1,w,2"), ("x,y,class", "1,2,w")])
def test_columns_may_stand_anywhere(tmp_path: Path, header: str, row: str) -> None:
    facts = facts_of(tmp_path, {"a.csv": table(row, row, header=header)}, {"features": ["y"], "classes": ["w"]})
    assert (problems_of(facts), facts.classes) == ([], {"w": 2})
    (tmp_path / "a.csv").write_bytes(table(row, row.replace("2", "two"), header=header))
    assert problems_of(facts_of(tmp_path, {}, {"features": ["y"]})) == ["a.csv: line 3: y is 'two', not a number"]


@pytest.mark.parametrize(("column", "classes"), [("class", {"w": 2}), (None, None), ("", None)])
def test_a_single_column(tmp_path: Path, column: Optional[str], classes: Any) -> None:
    facts = facts_of(tmp_path, {"a.csv": b"class\nw\nw\n"}, {}, column=column)
    assert (facts.rows, facts.classes, problems_of(facts)) == (2, classes, [])


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    return stream.getvalue()


MANY = "\n".join(f"{number},0.5,1,water" for number in range(9000))

#: What a file holds, and all that is said of it.
BROKEN: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["it is empty"]),
    "only newlines": (b"\n\r\n\n", ["it is empty"]),
    "only a byte order mark": (b"\xef\xbb\xbf", ["it is empty"]),
    "only a carriage return": (b"\r", ["it is empty"]),
    "header only": (table(), ["it has a header and no row"]),
    "header without newline": (table()[:-1], ["it has a header and no row"]),
    "header and blank lines": (table("", ""), ["it has a header and no row"]),
    # not CSV at all
    "html": (b"<!DOCTYPE html>\n<html><body>404, sorry</body></html>\n", ["it is an HTML page"]),
    "html after a blank line": (b"\n\n  <html>\n", ["it is an HTML page"]),
    "xml": (b'<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>', ["it is an XML document"]),
    "json": (b'{"error": "not found", "a": 1}\n', ["it is JSON"]),
    "geojson list": (b'[{"a": 1}, {"a": 2}]', ["it is JSON"]),
    "gzip": (gzip.compress(GOOD), ["it is compressed with gzip"]),
    "bzip2": (b"BZh91AY&SY", ["it is compressed with bzip2"]),
    "xz": (b"\xfd7zXZ\x00\x00", ["it is compressed with xz"]),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", ["it is compressed with zstd"]),
    "zip": (zipped("a.csv"), ["it is a ZIP archive"]),
    "xlsx": (zipped("[Content_Types].xml"), ["it is an Excel workbook (.xlsx)"]),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ["it is an Excel workbook (.xls)"]),
    "parquet": (b"PAR1\x15\x04", ["it is a Parquet file"]),
    "sqlite": (b"SQLite format 3\x00", ["it is an SQLite database"]),
    "pdf": (b"%PDF-1.7\n", ["it is a PDF document"]),
    "git lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        ["it is a pointer of Git LFS, whose content was not fetched"],
    ),
    "utf-16": (GOOD.decode().encode("utf-16"), ["it is UTF-16 text, not UTF-8"]),
    "utf-16 without a mark": (GOOD.decode().encode("utf-16-le"), ["line 1 has a NUL byte"]),
    "zeros": (bytes(1000), ["line 1 has a NUL byte"]),
    # separators
    "semicolons": (GOOD.replace(b",", b";"), ["its fields are separated by semicolons, not by commas"]),
    "semicolons and decimal commas": (
        GOOD.replace(b",", b";").replace(b".", b","),
        ["its fields are separated by semicolons, not by commas"],
    ),
    "tabs": (GOOD.replace(b",", b"\t"), ["its fields are separated by tabs, not by commas"]),
    "bars": (GOOD.replace(b",", b"|"), ["its fields are separated by vertical bars, not by commas"]),
    "sep=;": (b"sep=;\n" + GOOD.replace(b",", b";"), ["its first line is sep=;, a note to Excel, and no header"]),
    "sep=,": (b"sep=,\r\n" + GOOD, ["its first line is sep=,, a note to Excel, and no header"]),
    "sep= in quotes": (b'"sep=;"\n' + GOOD, ['its first line is "sep=;", a note to Excel, and no header']),
    # the header
    "a column twice": (table("1,0.5,1,1,water", header="id,ndvi,evi,evi,class"), ["it has the column evi twice"]),
    "a column three times": (
        table("1,1,1,0.5,1,water", header="id,id,id,ndvi,evi,class"),
        ["it has the column id 3 times"],
    ),
    "names missing": (table("1,,,0.5,1,water", header="id,,,ndvi,evi,class"), ["it has a column without a name twice"]),
    "no class column": (table("1,0.5,1", header="id,ndvi,evi"), ["it has no column class"]),
    "no header": (
        table("2,0.5,1,bare", header="1,0.5,1,water"),
        ["it has no header: most fields of its first line are numbers"],
    ),
    "header in the middle": (table(ROW, "id,ndvi,evi,class", ROW), ["line 3 is the header again"]),
    "header in the middle, far down": (table(MANY, "id,ndvi,evi,class", ROW), ["line 9002 is the header again"]),
    "header in the middle with a mark": (GOOD + b"\xef\xbb\xbf" + GOOD, ["line 5 is the header again"]),
    "header in the middle, twice": (GOOD + GOOD + GOOD, ["line 5 is the header again (2 such lines)"]),
    # lines
    "short line": (table(ROW, "2"), ["line 3 has 1 field, the header 4"]),
    "cut in a line": (table(ROW, ROW)[:-7], ["line 3 has 3 fields, the header 4"]),
    "long line": (table(ROW, ROW + ",9", ROW), ["line 3 has 5 fields, the header 4"]),
    "short and long line": (table("1,0.5,1", ROW + ",9"), ["line 2 has 3 fields, the header 4 (2 such lines)"]),
    "decimal comma": (table("1,0,5,1,water"), ["line 2 has 5 fields, the header 4"]),
    "short line between quotes": (table('1,0.5,1,"water"', "2", ROW), ["line 3 has 1 field, the header 4"]),
    "short line far down": (table(MANY, "2"), ["line 9002 has 1 field, the header 4"]),
    "short line behind a field of two lines": (
        table('"1\n",0.5,1,water', "2"),
        ["line 4 has 1 field, the header 4"],
    ),
    "open quote": (table(ROW, '2,"0.5,1,water', ROW), ["a quote in line 3 is never closed"]),
    "open quote, much behind it": (table('2,"0.5,1,water', MANY), ["a quote in line 2 is never closed"]),
    "open quote in the header": (b'id,"ndvi,evi,class\n1,0.5,1,water\n', ["a quote in line 1 is never closed"]),
    "text behind a quote": (table(ROW, '2,"0.5"x,1,water'), ["line 3 has text behind a closing quote"]),
    "only carriage returns": (
        GOOD.replace(b"\n", b"\r"),
        ["its lines end in a carriage return alone, not in a newline"],
    ),
    "a carriage return in a line": (
        table(ROW, "2,0.5\r,1,water"),
        ["line 3 has a carriage return that ends no line"],
    ),
    "a carriage return beside quotes": (
        table(ROW, '2,0.5\r,1,"water"'),
        ["line 3 has a carriage return that ends no line"],
    ),
    # bytes
    "nul": (table(ROW, "2,0.5,1,wa\0ter"), ["line 3 has a NUL byte"]),
    "nul in quotes": (table(ROW, '"2",0.5,1,"wa\0ter"'), ["line 3 has a NUL byte"]),
    "nul at the end": (GOOD + bytes(512), ["line 5 has a NUL byte"]),
    "nul far down": (table(MANY, "2,\0,1,water"), ["line 9002 has a NUL byte"]),
    "not utf-8 in the header": (b"id,ndvi,evi,class\xe9\n", ["line 1 is not UTF-8 (byte 0xe9)"]),
    "not utf-8": (GOOD + b"4,0.5,1,for\xeat\n", ["line 5 is not UTF-8 (byte 0xea)"]),
    "not utf-8 in a column that nobody reads": (GOOD + b"\xff,0.5,1,water\n", ["line 5 is not UTF-8 (byte 0xff)"]),
    "not utf-8 far down": (table(MANY) + b"\xff,0.5,1,water\n", ["line 9002 is not UTF-8 (byte 0xff)"]),
    "not utf-8 behind quotes": (table('1,0.5,1,"water"') + b"\xff,0.5,1,water\n", ["line 3 is not UTF-8 (byte 0xff)"]),
    # numbers
    "nan": (table(ROW, "2,NaN,1,water"), ["line 3: ndvi is 'NaN', not a finite number"]),
    "inf": (table(ROW, "2,0.5,-inf,water"), ["line 3: evi is '-inf', not a finite number"]),
    "too large": (table(ROW, "2,1e999,1,water"), ["line 3: ndvi is '1e999', not a finite number"]),
    "missing": (table(ROW, "2,,1,water"), ["line 3: ndvi is empty"]),
    "missing, quoted": (table(ROW, '2,"",1,water'), ["line 3: ndvi is empty"]),
    "spaces": (table(ROW, "2,0.5,  ,water"), ["line 3: evi is empty"]),
    "excel's error": (table(ROW, "2,#REF!,1,water"), ["line 3: ndvi is '#REF!', not a number"]),
    "decimal comma in quotes": (table(ROW, '2,"0,5",1,water'), ["line 3: ndvi is '0,5', not a number"]),
    "na": (table(ROW, "2,NA,1,water"), ["line 3: ndvi is 'NA', not a number"]),
    "underscore": (table(ROW, "2,1_000,1,water"), ["line 3: ndvi is '1_000', not a number"]),
    "two points": (table(ROW, "2,1.2.3,1,water"), ["line 3: ndvi is '1.2.3', not a number"]),
    "a dash": (table(ROW, "2,-,1,water"), ["line 3: ndvi is '-', not a number"]),
    "a range": (table(ROW, "2,1-2,1,water"), ["line 3: ndvi is '1-2', not a number"]),
    "hexadecimal": (table(ROW, "2,0x1F,1,water"), ["line 3: ndvi is '0x1F', not a number"]),
    "many": (table(*["2,NaN,1,water"] * 3), ["line 2: ndvi is 'NaN', not a finite number (3 such lines)"]),
    "far down": (table(MANY, "2,NaN,1,water", MANY), ["line 9002: ndvi is 'NaN', not a finite number"]),
    "both columns": (
        table("2,,x,water"),
        ["line 2: ndvi is empty", "line 2: evi is 'x', not a number"],
    ),
    # classes
    "class is empty": (table(ROW, "2,0.5,1,"), ["line 3: class is empty"]),
    "class is a measure": (
        table(*(f"1,0.5,1,{number}" for number in range(1002))),
        ["its column class has more than 1000 values, which are no classes"],
    ),
}


@pytest.mark.parametrize(("content", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_its_line_and_nothing_is_said_twice(
    tmp_path: Path, content: bytes, said: list[str]
) -> None:
    claims = {**CLAIMS, "batches": 2, "classes": ["water", "bare"]}
    facts = facts_of(tmp_path, {"a_1.csv": GOOD, "a_2.csv": content}, claims)
    named = [problem for problem in problems_of(facts) if "not those of the other files" not in problem]
    assert named == [f"a_2.csv: {text}" for text in said]
    assert facts.false == ()


@pytest.mark.parametrize("name", ["html", "gzip", "empty", "semicolons", "not utf-8", "nul at the end"])
def test_a_file_that_is_no_table_makes_no_sum_wrong(tmp_path: Path, name: str) -> None:
    claims = {"batches": 2, "total_samples": 6, "classes": ["water", "bare", "forest"], "features": ["ndvi"]}
    files = {"a_1.csv": GOOD, "a_2.csv": BROKEN[name][0]}
    assert facts_of(tmp_path, files, claims).false == ()
    ignored = facts_of(tmp_path, files, claims, on_problem="ignore").false
    assert [claim.name for claim in ignored] == ["total_samples", "classes"], "where it is not told, it counts"
