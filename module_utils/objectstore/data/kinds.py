"""What a file that should be CSV is instead, told by its first bytes."""

from __future__ import annotations

import re

#: How many bytes are looked at.
SEEN = 4096

#: First bytes of files that are mistaken for CSV, from their formats' own descriptions.
_MAGIC = (
    (b"\x1f\x8b", "it is compressed with gzip"),
    (b"BZh", "it is compressed with bzip2"),
    (b"\xfd7zXZ\x00", "it is compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an Excel workbook (.xls)"),
    (b"PAR1", "it is a Parquet file"),
    (b"SQLite format 3\x00", "it is an SQLite database"),
    (b"%PDF-", "it is a PDF document"),
    (b"version https://git-lfs.github.com/", "it is a pointer of Git LFS, whose content was not fetched"),
    (b"\xff\xfe", "it is UTF-16 text, not UTF-8"),
    (b"\xfe\xff", "it is UTF-16 text, not UTF-8"),
)

_MARKUP = re.compile(rb"\s*<(?:(!doctype\s+html|html|head|body)|(\?xml|error))", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{])")


def other_kind(start: bytes) -> str:
    """In words what a file is that begins so; empty where it may be CSV."""
    for magic, said in _MAGIC:
        if start.startswith(magic):
            return said
    if start.startswith(b"PK\x03\x04"):
        excel = b"[Content_Types].xml" in start or b"xl/" in start
        return "it is an Excel workbook (.xlsx)" if excel else "it is a ZIP archive"
    text = start.removeprefix(b"\xef\xbb\xbf")
    markup = _MARKUP.match(text)
    if markup:
        return "it is an HTML page" if markup[1] else "it is an XML document"
    return "it is JSON" if _JSON.match(text) else ""
