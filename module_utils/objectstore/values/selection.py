"""Which names are meant: include and exclude globs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, Mapping, Optional, Sequence

#: Options of the modules that select.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "include": {"type": "list", "elements": "str"},
    "exclude": {"type": "list", "elements": "str"},
}


@dataclass(frozen=True)
class Selection:
    """Names that match an include glob (all, where there is none) and no exclude glob.

    A glob without ``/`` is matched against the last component of a name, one with ``/`` against the
    whole name, whose ``*`` spans ``/``; ``logs/`` stands for everything below ``logs``.
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
        """Whether ``name`` (relative, with ``/``) is meant."""
        include: Optional[_Globs] = self._include  # type: ignore[attr-defined]
        return (include is None or include.match(name)) and not self.excludes(name)

    def excludes(self, name: str) -> bool:
        """Whether an exclude glob matches ``name``."""
        exclude: Optional[_Globs] = self._exclude  # type: ignore[attr-defined]
        return exclude is not None and exclude.match(name)


class _Globs:
    def __init__(self, globs: Sequence[str]) -> None:
        whole = [glob + "*" if glob.endswith("/") else glob for glob in globs if "/" in glob]
        self._last = _union([glob for glob in globs if "/" not in glob])
        self._whole = _union([glob.lstrip("/") for glob in whole])

    def match(self, name: str) -> bool:
        last = name.rsplit("/", 1)[-1]
        return bool(
            (self._last is not None and self._last.match(last)) or (self._whole is not None and self._whole.match(name))
        )


def _compile(globs: Sequence[str]) -> Optional[_Globs]:
    return _Globs(globs) if globs else None


def _union(globs: Sequence[str]) -> Optional[re.Pattern[str]]:
    return re.compile("|".join(translate(glob) for glob in globs)) if globs else None
