"""The Absurd engine: which targets are databases, and what opens them. Importing this does not import psycopg."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftui.errors import TargetError

if TYPE_CHECKING:
    from wftui.sources.base import Source, SourceOptions

_URL = re.compile(r"(?i)postgres(?:ql)?://")
# libpq's other form of a target: dbname=x host='/run/p g' password=it\'s (PostgreSQL's manual, 34.1.1.1).
_SETTING = re.compile(r"\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)", re.DOTALL)


class AbsurdEngine:
    """Opens PostgreSQL databases that hold the schema of Absurd."""

    @property
    def name(self) -> str:
        """The word in keys and JSON."""
        return "absurd"

    @property
    def rank(self) -> int:
        """After Ray: the settings of PostgreSQL are often there for another program."""
        return 1

    def claims(self, target: str) -> bool:
        """Whether it is the URL of a PostgreSQL database."""
        return _URL.match(target) is not None

    def make(self, target: str, options: SourceOptions) -> Source:
        """A source for the database; nothing is opened yet.

        Raises:
            TargetError: The driver is not installed.
        """
        try:
            from wftui.sources.absurd.source import AbsurdSource
        except ImportError as missing:
            # Also where psycopg is there, but neither its binary nor libpq.
            if "psycopg" not in str(missing) and "libpq" not in str(missing):
                raise
            raise TargetError(
                "a PostgreSQL database needs the extra 'absurd'", "pip install 'wftui[absurd]'"
            ) from missing
        return AbsurdSource(target, options)

    def default_target(self, environ: dict[str, str]) -> str | None:
        """`ABSURD_DATABASE_URL` (a URL or libpq's words), as Absurd's own tools, then what libpq's own variables name.

        A password stays in the environment, where libpq reads it by itself.
        """
        given = environ.get("ABSURD_DATABASE_URL", "").strip()
        for value in (given, _url_of(given) or "", environ.get("PGDATABASE", "").strip()):
            if self.claims(value):
                return value
        if not any(environ.get(variable) for variable in ("PGDATABASE", "PGHOST", "PGSERVICE")):
            return None
        user, host, port, database = (environ.get(f"PG{word}", "") for word in ("USER", "HOST", "PORT", "DATABASE"))
        if not host or "/" in host or "," in host or ":" in host:
            # A socket's folder, several hosts or a bare IPv6 address: libpq takes them from the environment.
            host = port = ""
        from urllib.parse import quote  # most targets are given

        place = f"{quote(user, safe='')}@" if user and host else ""
        return f"postgresql://{place}{host}{port and ':' + port}/{quote(database, safe='')}"


def _url_of(settings: str) -> str | None:
    """The URL for what libpq takes as `dbname=x host=h …`; None if that is not what it is."""
    from urllib.parse import quote  # most targets are given

    found: dict[str, str] = {}
    at = 0
    while at < len(settings):
        setting = _SETTING.match(settings, at)
        if setting is None:
            return None
        at = setting.end()
        word, quoted, plain = setting.groups()
        found[word] = re.sub(r"\\(.)", r"\1", plain if quoted is None else quoted, flags=re.DOTALL)
    database = quote(found.pop("dbname", ""), safe="")
    parameters = "&".join(f"{word}={quote(value, safe='')}" for word, value in found.items())
    return f"postgresql:///{database}{parameters and '?' + parameters}" if settings else None


ENGINE = AbsurdEngine()
