"""Asking PostGIS: read-only, streamed, wanted columns only.

SQLAlchemy 2 with psycopg asks, GeoAlchemy 2 [1]_ speaks of shapes. What is read goes through the
same checks as a file's rows and shapes. Rows are sorted, since a server may give them in any order.
No message holds the address, the user or a password.

References
----------
.. [1] https://geoalchemy-2.readthedocs.io/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import geoalchemy2
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import sqlalchemy as sql
import sqlalchemy.exc

from corridors.crs import GEOGRAPHIC, METRIC, to_metric
from corridors.errors import ColumnError, CrsError, InputError
from corridors.sources.cells import (
    MAX_ROWS,
    Columns,
    OpenTable,
    cell_text,
    digest_of,
    too_many_rows,
)
from corridors.sources.database import Bounds, Query, QueryShapes

_CONNECT_S: Final = 10
_ROWS_AT_ONCE: Final = 5_000
_PLACE: Final = ("Easting", "Northing")  # what a table's points become
_BRITISH_GRID: Final = 27700
# By SQLSTATE, or by what the client says before there is one.
_REFUSALS: Final = {
    "28P01": ("does not accept the user or the password", "Check both where the address is kept"),
    "28000": ("does not accept the user or the password", "Check both where the address is kept"),
    "3D000": ("has no database of this name", "Correct the name at the end of the address"),
    "42P01": ("has no such table", "Correct the table, or the query under [database.queries]"),
    "3F000": ("has no such schema", "Correct the table, or the query under [database.queries]"),
    "42703": ("has no such column", "Correct the query under [database.queries]"),
    "42601": ("does not understand the query", "Correct it under [database.queries]"),
    "42501": ("does not let this user read the table", "Ask for the right to SELECT from it"),
    "25006": ("was asked to write, and is only ever read", "Write a query that only selects"),
    "57014": ("took too long, and was stopped", "Narrow the query, or raise [database] timeout_s"),
    "42883": ("lacks a function that the query needs", "Check that PostGIS is installed in it"),
    "42704": ("has no PostGIS", "Ask for CREATE EXTENSION postgis in that database"),
}  # fmt: skip
_SAID: Final = {
    "password": "28P01", "pg_hba.conf": "28000", "role ": "28000", "database ": "3D000",
}  # fmt: skip


@contextmanager
def open_query(query: Query, file: str) -> Iterator[OpenTable]:
    """As ``database.open_query`` says."""
    with _session(query, file) as session:
        plain, shapes = _columns(session, query)
        header = (*plain, *(_PLACE if shapes and not set(_PLACE) & set(plain) else ()))
        yield OpenTable(header, lambda wanted: _pick(session, query, wanted, (plain, shapes), file))


def read_query_shapes(
    query: Query,
    file: str,
    wanted: Callable[[str], bool],
    near: Callable[[pyproj.CRS], Bounds] | None = None,
) -> QueryShapes:
    """As ``database.read_query_shapes`` says."""
    with _session(query, file) as session:
        plain, shapes = _columns(session, query)
        if not shapes:
            raise InputError(
                "gives no column of shapes", file=file, fix="Select one of PostGIS's geometries"
            )
        names = [name for name in plain if wanted(name)]
        source = _source(query, [*names, next(iter(shapes))])
        shape = _shape(source, shapes)
        srid = _srid(session, source, shape, file)
        asked = sql.select(*[source.c[name] for name in names], shape)
        if near is not None and srid:
            asked = asked.where(
                shape.intersects(sql.func.ST_MakeEnvelope(*near(_crs(srid, file)), srid))
            )
        rows_read = session.scalar(sql.select(sql.func.count()).select_from(source))
        rows = _rows(session, asked, names, file)
    columns = [[row[0][at] for row in rows] for at in range(len(names))]
    frame = gpd.GeoDataFrame(
        {name: pd.Series(column, dtype="str") for name, column in zip(names, columns, strict=True)},
        geometry=_shapes([row[1] for row in rows], file),
        crs=_crs(srid, file) if srid else None,
    )
    digest = digest_of([*names, "shape"], [*columns, [row[1].hex() for row in rows]])
    return QueryShapes(frame, (*plain, *shapes), int(rows_read), digest)


# --- asking -------------------------------------------------------------------------------------


@contextmanager
def _session(query: Query, file: str) -> Iterator[Any]:
    """A connection in one read-only transaction, with a time limit on every statement."""
    engine = sql.create_engine(
        _address(query, file), poolclass=sql.NullPool, hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_S, "application_name": "corridors"},
        isolation_level="REPEATABLE READ",
    )  # fmt: skip
    try:
        with engine.connect() as opened:
            session = opened.execution_options(postgresql_readonly=True)
            session.exec_driver_sql(f"SET LOCAL statement_timeout = {query.timeout_s * 1000}")
            session.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            yield session
    except sql.exc.SQLAlchemyError as problem:
        # What the server says may hold the address, the query and cells: none of it is repeated.
        raise _refusal(problem, file) from None
    finally:
        engine.dispose()


def _address(query: Query, file: str) -> Any:

    written = query.url or os.environ.get(query.url_env, "")
    if not written:
        raise InputError(
            "the environment variable with the database's address is not set", file=file,
            value=query.url_env, fix="Set it to postgresql://user:password@host/database",
        )  # fmt: skip
    try:
        url = sql.make_url(written)
    except (sql.exc.ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise InputError(
            "the database's address is not understood", file=file,
            fix="Write it as postgresql://user@host/database",
        ) from None  # fmt: skip
    return url.set(drivername="postgresql+psycopg")


def _refusal(problem: Exception, file: str) -> InputError:
    cause = getattr(problem, "orig", None)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        text = str(cause)
        state = next((code for word, code in _SAID.items() if word in text), None)
        if state is None:
            return InputError(
                "the database server does not answer", file=file,
                fix="Check its name and port, and that it is reachable from here",
            )  # fmt: skip
    what, fix = _REFUSALS.get(
        state, (f"refuses the query (SQLSTATE {state})", "Try the query in another program")
    )
    return InputError(f"the database {what}", file=file, fix=fix)


def _columns(session: Any, query: Query) -> tuple[tuple[str, ...], dict[str, str]]:
    """Names of plain columns, and the kind (geometry, geography) of those with shapes, by name."""
    kinds = session.exec_driver_sql(
        "SELECT oid, typname FROM pg_catalog.pg_type WHERE typname IN ('geometry', 'geography')"
    )
    kind_of = dict(kinds.all())
    everything: Any = sql.select(sql.literal_column("*")).select_from(_source(query, ())).limit(0)
    with session.execute(everything) as result:
        described = [(column.name, column.type_code) for column in result.cursor.description]
    return (
        tuple(name for name, oid in described if oid not in kind_of),
        {name: kind_of[oid] for name, oid in described if oid in kind_of},
    )


def _source(query: Query, names: Sequence[str]) -> Any:
    """What is selected from: the table, or the statement in brackets."""
    columns: list[Any] = [sql.column(name) for name in names]
    if query.table:
        schema, _, table = query.table.rpartition(".")
        return sql.table(table, *columns, schema=schema or None)
    statement = sql.text(query.statement.replace(":", "\\:"))  # a colon is no parameter
    return statement.columns(*columns).subquery("asked")


def _shape(source: Any, shapes: Mapping[str, str]) -> Any:
    """The first column of shapes, as geometry."""
    name, kind = next(iter(shapes.items()))
    column = source.c[name]
    if kind == "geography":
        return sql.func.geometry(column, type_=geoalchemy2.Geometry)
    return sql.type_coerce(column, geoalchemy2.Geometry)


def _srid(session: Any, source: Any, shape: Any, file: str) -> int:
    """The one SRID of all shapes; 0 if there is no shape."""

    of_shape = sql.func.ST_SRID(shape)
    found = session.scalars(
        sql.select(of_shape).select_from(source).where(shape.is_not(None)).distinct().limit(2)
    ).all()
    if len(found) > 1 or 0 in found:
        raise CrsError(
            "has shapes of several coordinate systems" if len(found) > 1
            else "does not say the coordinate system of its shapes",
            file=file, fix="Give all shapes one SRID (ST_SetSRID, ST_Transform)",
        )  # fmt: skip
    return int(found[0]) if found else 0


def _rows(
    session: Any, asked: Any, names: Sequence[str], file: str
) -> list[tuple[tuple[str, ...], bytes]]:
    """Texts of the first columns, and the shape in the column after them, if any; sorted."""
    rows: list[tuple[tuple[str, ...], bytes]] = []
    with session.execution_options(yield_per=_ROWS_AT_ONCE).execute(asked) as result:
        for row in result:
            if len(rows) == MAX_ROWS:
                raise too_many_rows(file)
            texts = tuple(_text(row[at], file, name) for at, name in enumerate(names))
            rows.append((texts, _wkb(row[-1]) if len(row) > len(names) else b""))
    return sorted(rows)


# --- what comes back ----------------------------------------------------------------------------


def _pick(
    session: Any,
    query: Query,
    wanted: tuple[int, ...],
    columns: tuple[tuple[str, ...], Mapping[str, str]],
    file: str,
) -> Columns:
    plain, shapes = columns
    names = [plain[at] for at in wanted if at < len(plain)]
    with_place = any(at >= len(plain) for at in wanted)
    source = _source(query, [*names, *([next(iter(shapes))] if with_place else [])])
    place = [_shape(source, shapes)] if with_place else []
    asked = sql.select(*[source.c[name] for name in names], *place)
    if not names and not with_place:
        return [], []
    rows = _rows(session, asked, names, file)
    picked = {name: [row[0][at] for row in rows] for at, name in enumerate(names)}
    if with_place:
        srid = _srid(session, source, place[0], file)
        picked |= _place([row[1] for row in rows], srid, file)
    header = (*plain, *_PLACE)
    return list(range(2, len(rows) + 2)), [picked[header[at]] for at in wanted]


def _place(found: list[bytes], srid: int, file: str) -> dict[str, list[str]]:
    """Eastings and northings of points as text; empty where there is none."""
    points = _shapes(found, file)
    here = ~(shapely.is_missing(points) | shapely.is_empty(points))
    if (shapely.get_type_id(points[here]) != 0).any():
        raise InputError(
            "has shapes other than points", file=file, fix="Select points, as ST_Centroid gives"
        )
    east, north = np.full(len(points), "", dtype=object), np.full(len(points), "", dtype=object)
    if here.any():
        xy_m = _metric(shapely.get_coordinates(points[here]), _crs(srid, file))
        east[here], north[here] = ([repr(float(v)) for v in side] for side in xy_m)
    return dict(zip(_PLACE, (east.tolist(), north.tolist()), strict=True))


def _metric(xy: Any, crs: pyproj.CRS) -> tuple[Any, Any]:
    if crs.to_epsg() == _BRITISH_GRID:
        return xy[:, 0], xy[:, 1]
    degrees = pyproj.Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True)
    return to_metric(*degrees.transform(xy[:, 0], xy[:, 1]))


def _crs(srid: int, file: str) -> pyproj.CRS:
    if srid == _BRITISH_GRID:
        return pyproj.CRS(METRIC)
    try:
        return pyproj.CRS.from_epsg(srid)
    except pyproj.exceptions.CRSError as problem:
        raise CrsError(
            "has shapes in a coordinate system that is not known", file=file, value=srid,
            fix="Give them an EPSG number, such as 27700",
        ) from problem  # fmt: skip


def _shapes(found: list[bytes], file: str) -> Any:
    made = np.full(len(found), None, dtype=object)
    for at, written in enumerate(found):
        if written:
            try:
                made[at] = shapely.from_wkb(written)
            except shapely.GEOSException as problem:
                raise InputError(
                    "has a shape that cannot be drawn", file=file, row=at + 2,
                    fix="Mend it, as ST_MakeValid does",
                ) from problem  # fmt: skip
    return made


def _wkb(element: Any) -> bytes:
    return b"" if element is None else bytes(element.data)


def _text(cell: object, file: str, column: str) -> str:
    try:
        return cell_text(cell)
    except (TypeError, OverflowError) as problem:
        raise ColumnError(
            "is neither text, a number nor a date", file=file, column=column,
            fix="Cast it to text in the query",
        ) from problem  # fmt: skip
