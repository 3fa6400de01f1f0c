"""``[database]`` of corridors.toml, and addresses of tables in place of files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from corridors.errors import ProfileError
from corridors.sources.database import Query

KEYS: Final = ("url_env", "timeout_s", "queries")
_TABLE: Final = re.compile(r"(?:\w+\.)?\w+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPTIONS: Final = ("sslmode", "sslrootcert")
_MOST_S: Final = 3600


def is_database(written: str) -> bool:
    """Whether what stands in place of a path is ``database:name`` or a PostgreSQL address."""
    return written.startswith(("database:", "postgresql:", "postgres:"))


def query_of(written: str, section: object, *, file: str, key: str) -> Query:
    """The query that ``written`` stands for.

    Parameters
    ----------
    written : ``database:name`` or ``postgresql://user@host/database?table=schema.table``.
    section : ``[database]``: ``url_env``, ``timeout_s`` and ``queries``.
    file, key : what messages call corridors.toml and the key that ``written`` stands at.

    Raises
    ------
    ProfileError
        If the section or the address breaks the rules; never with the address in its words.
    """
    settings = _settings(section, file)
    if not written.startswith("database:"):
        return _of_address(written, settings.get("timeout_s", 120), file, key)
    name = written.removeprefix("database:")
    queries = settings.get("queries", {})
    if name not in queries:
        near = get_close_matches(name, queries, n=1)
        raise ProfileError(
            "no such query", file=file, column=key, value=written,
            fix=f"Did you mean database:{near[0]}?" if near else "Add it under [database.queries]",
        )  # fmt: skip
    if "url_env" not in settings:
        raise ProfileError(
            "is missing", file=file, column="database.url_env",
            fix="Name the environment variable with the database's address",
        )  # fmt: skip
    return Query(
        label=written, url_env=settings["url_env"], statement=_one(queries[name], name, file),
        timeout_s=settings.get("timeout_s", 120),
    )  # fmt: skip


def _settings(section: object, file: str) -> Mapping[str, Any]:
    if not isinstance(section, dict) or set(section) - set(KEYS):
        raise ProfileError(
            f"must be a section of {', '.join(KEYS)}", file=file, column="database",
            fix="The password stands in an environment variable, never here",
        )  # fmt: skip
    variable = section.get("url_env", "CORRIDORS_DB")
    if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
        raise ProfileError(
            "is not the name of an environment variable", file=file, column="database.url_env",
            fix='Write it as url_env = "CORRIDORS_DB", and put the address into that variable',
        )  # fmt: skip
    limit_s = section.get("timeout_s", 120)
    if type(limit_s) is not int or not 1 <= limit_s <= _MOST_S:
        raise ProfileError(
            f"must be seconds from 1 to {_MOST_S}", file=file, column="database.timeout_s",
            value=limit_s,
        )  # fmt: skip
    queries = section.get("queries", {})
    if not isinstance(queries, dict) or not all(isinstance(q, str) and q for q in queries.values()):
        raise ProfileError(
            "must be a section of texts", file=file, column="database.queries",
            fix='Write it as incidents = "select … from …"',
        )  # fmt: skip
    return section


def _one(statement: str, name: str, file: str) -> str:
    """One SELECT, without what ends it."""
    plain = statement.strip().rstrip(";").rstrip()
    if ";" in plain or "--" in plain or not re.match(r"(?i)select\b|with\b", plain):
        raise ProfileError(
            "must be one SELECT, without semicolon or remark", file=file,
            column=f"database.queries.{name}",
        )  # fmt: skip
    return plain


def _of_address(written: str, timeout_s: int, file: str, key: str) -> Query:
    try:
        parts = urlsplit(written)
        asked = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        has_password, host = parts.password is not None, parts.hostname or ""
    except ValueError:
        raise ProfileError(
            "is no address of a database", file=file, column=key,
            fix="Write it as postgresql://user@host/database?table=schema.table",
        ) from None  # fmt: skip
    table = asked.pop("table", "")
    if has_password or set(asked) - set(_OPTIONS):
        raise ProfileError(
            "holds a password, or an option other than " + ", ".join(("table", *_OPTIONS)),
            file=file, column=key,
            fix="Keep it in ~/.pgpass, or use [database] url_env and database:name",
        )  # fmt: skip
    if not _TABLE.fullmatch(table):
        raise ProfileError(
            "names no table", file=file, column=key, fix="End it with ?table=schema.table"
        )
    options = "&".join(f"{name}={value}" for name, value in asked.items())
    url = urlunsplit(("postgresql", parts.netloc, parts.path, options, ""))
    label = f"postgresql://{host}{parts.path}?table={table}"
    return Query(label=label, url=url, table=table, timeout_s=timeout_s)
