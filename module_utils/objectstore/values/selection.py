"""Which names are meant: include and exclude globs, with the meaning that git gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional, Sequence

from .errors import InvalidInputError

#: Options of the modules that select.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "include": {"type": "list", "elements": "str"},
    "exclude": {"type": "list", "elements": "str"},
}

_PARTS = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]]*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True)
class Selection:
    r"""Names that match an include glob (all, where there is none) and no exclude glob.

    A glob that matches a folder stands for everything below it, too. The rules are those of gitignore(5):

    - without ``/`` but at its end, a glob is matched against each component of a name; else against the whole path
    - ``*`` and ``?`` do not match ``/``; ``**`` between slashes matches any number of folders, none included
    - ``/`` at the end means folders alone; ``/`` at the start, the top; ``\`` takes the meaning from what follows

    :raises InvalidInputError: at construction, for a glob that matches nothing
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Selection:
        """What the options of ``ARGUMENTS`` ask for."""
        return cls(tuple(params["include"] or ()), tuple(params["exclude"] or ()))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_include", _compile(self.include))
        object.__setattr__(self, "_exclude", _compile(self.exclude))

    def selects(self, name: str) -> bool:
        """Whether ``name`` (relative, with ``/``; a folder's ends in ``/``) is meant."""
        include: Optional[re.Pattern[str]] = self._include  # type: ignore[attr-defined]
        return (include is None or include.match(name) is not None) and not self.excludes(name)

    def excludes(self, name: str) -> bool:
        """Whether an exclude glob matches ``name``, or a folder above it."""
        exclude: Optional[re.Pattern[str]] = self._exclude  # type: ignore[attr-defined]
        return exclude is not None and exclude.match(name) is not None


def _compile(globs: Sequence[str]) -> Optional[re.Pattern[str]]:
    """One expression for all globs: it matches a name, or a folder at its start."""
    return re.compile("|".join(f"(?:{_regex(glob)})" for glob in globs), re.DOTALL) if globs else None


def _regex(glob: str) -> str:
    body = glob.rstrip("/")
    if not body.strip("/"):
        raise InvalidInputError(f"use the glob {glob!r}", "it matches nothing", "Write *.tif, logs/ or raw/**/*.tif.")
    anchored = "/" in body
    folder_only = body != glob
    start = "" if anchored else "(?:.*/)?"
    end = "/" if folder_only else r"(?:/|\Z)"
    try:
        return start + "".join(_pieces(body.lstrip("/"))) + end
    except re.error as error:
        raise InvalidInputError(f"use the glob {glob!r}", f"it cannot be understood ({error.msg})") from error


def _pieces(glob: str) -> Iterator[str]:
    for part in _PARTS.findall(glob):
        if part == "**/":
            yield "(?:.*/)?"
        elif part == "/**":
            yield "/.+"
        elif part in ("*", "**"):
            yield "[^/]*"
        elif part == "?":
            yield "[^/]"
        elif len(part) > 1 and part.startswith("["):
            yield _character_class(part)
        elif len(part) > 1 and part.startswith("\\"):
            yield re.escape(part[1])
        else:
            yield re.escape(part)


def _character_class(part: str) -> str:
    inner = part[1:-1]
    negated = inner.startswith(("!", "^"))
    members = re.sub(r"([\\\[&~|^])", r"\\\1", inner[1:] if negated else inner)
    members = "\\]" + members[1:] if members.startswith("]") else members
    pattern = f"(?!/)[{'^' if negated else ''}{members}]"
    re.compile(pattern)
    return pattern
