"""Pieces in files: a plan from one is the same plan, and a file that was changed is told."""

from __future__ import annotations

import hashlib
import pickle
import random
import stat
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from support_camden import MADE_ON, WEEK, write_camden
from support_plans import load, write_demo

import corridors
from corridors import sources
from corridors.batch import pieces
from corridors.batch.pieces import key_of, pack, read_piece, unpack, write_piece
from corridors.errors import InputError, MissingFileError
from corridors.model import Inputs, PatrolRemit, Withdrawal
from corridors.pipeline.piece import Piece, find_piece
from corridors.pipeline.plan import plan_piece
from corridors.publish.plan_json import plan_json
from corridors.tables import Agreements, Incidents


@pytest.fixture(scope="module")
def piece(tmp_path_factory) -> Piece:
    return find_piece(*load(write_demo(tmp_path_factory.mktemp("demo"))))


@pytest.fixture(scope="module")
def packed(piece) -> bytes:
    return pack(piece)


def with_inputs(piece: Piece, **other: Any) -> Piece:
    """The piece with other inputs; incidents stand in it twice."""
    inputs = replace(piece.inputs, **other)
    placed = replace(piece.reports.placed, incidents=inputs.incidents)
    return replace(
        piece,
        area=replace(piece.area, inputs=inputs),
        reports=replace(piece.reports, placed=placed),
    )


# There and back ---------------------------------------------------------------------------------


def test_a_piece_from_a_file_makes_the_same_plan(piece, tmp_path):
    back = read_piece(write_piece(tmp_path, piece))
    profile = piece.area.profile
    assert back.area.profile == profile
    assert plan_json(plan_piece(back), profile) == plan_json(plan_piece(piece), profile)


def test_a_piece_has_the_same_bytes_every_time(piece, packed):
    assert pack(piece) == packed
    assert pack(unpack(packed)) == packed


def test_every_table_of_a_piece_comes_back(piece, packed):
    back = unpack(packed)
    pairs = [
        (piece.area.network.segments, back.area.network.segments),
        (piece.area.network.nodes, back.area.network.nodes),
        (piece.area.gates, back.area.gates),
        (piece.inputs.streets.places, back.inputs.streets.places),
        (piece.inputs.calendar.terms, back.inputs.calendar.terms),
        *((getattr(piece.inputs, n), getattr(back.inputs, n)) for n in pieces._SCHEMAS),
    ]
    given = [(one, other) for one, other in pairs if one is not None]
    assert len(given) > 15
    for one, other in given:
        assert_frame_equal(one, other, check_exact=True, check_index_type="exact")
        assert type(one) is type(other)


def test_what_a_plan_trusts_in_its_arrays_stays(piece, packed):
    """The order of numbers in memory decides the last digit of a sum."""
    back = unpack(packed)
    for one, other in [
        (piece.spread.mass, back.spread.mass),
        (piece.reports.as_told, back.reports.as_told),
        (piece.reports.slots.start_us, back.reports.slots.start_us),
        *zip(vars(piece.area.flows[0]).values(), vars(back.area.flows[0]).values(), strict=True),
    ]:
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.strides == other.strides
            assert one.tobytes() == other.tobytes()
        else:
            assert one == other
    assert [*back.area.past] == [*piece.area.past]
    assert back.area.past == piece.area.past
    assert back.inputs.calendar.bank_holidays == piece.inputs.calendar.bank_holidays
    assert back.reports.placed.incidents is back.inputs.incidents


def test_every_optional_input_comes_back(piece):
    remit = PatrolRemit(date(2026, 3, 2), 915, 1035, "trust", "none", ("youth_worker",))
    given = with_inputs(
        piece,
        remits=(("abc", (remit,)),),
        withdrawals=(Withdrawal("p1", "leave", ("a", "b"), 3),),
        translations=(("cy", "msgid"),),
        neighbours=(replace(piece.inputs.ward, code="E05999002"),),
        absences=None,
    )
    back = unpack(pack(given)).inputs
    for name in ("ward", "week", "made_on", "sources", "remits", "withdrawals", "translations",
                 "neighbours", "absences", "data_sharing"):  # fmt: skip
        assert getattr(back, name) == getattr(given.inputs, name)


def test_ways_stay_behind(piece, packed):
    back = unpack(packed).inputs.streets
    assert len(piece.inputs.streets.ways) > 0
    assert len(back.ways) == len(back.way_refs) == len(back.vertex_xy_m) == 0
    assert back.extract_date == piece.inputs.streets.extract_date


def test_every_table_among_the_inputs_is_checked_when_it_is_read():
    framed = {n for n, hint in get_type_hints(Inputs).items() if "DataFrame" in str(hint)}
    assert framed == set(pieces._SCHEMAS)


@pytest.fixture(scope="module")
def of_camden(realdata, tmp_path_factory) -> Piece:
    workspace = write_camden(tmp_path_factory.mktemp("camden"), realdata / "camden")
    opened = sources.open_workspace(workspace)
    inputs = sources.load_inputs(opened, "E05000131", WEEK, date.fromisoformat(MADE_ON))
    quick = replace(opened.profile.patrols, iterations=5, max_seconds=600.0)
    return find_piece(inputs, replace(opened.profile, patrols=quick))


@pytest.mark.realdata
def test_a_ward_of_camden_comes_back(of_camden, tmp_path):
    path = write_piece(tmp_path / "pieces", of_camden)
    back = read_piece(path)
    assert write_piece(tmp_path / "again", back).name == path.name
    assert key_of(back) == key_of(of_camden)


@pytest.mark.realdata
@pytest.mark.slow
def test_a_ward_of_camden_makes_the_same_plan_from_a_file(of_camden):
    profile = of_camden.area.profile
    back = unpack(pack(of_camden))
    assert plan_json(plan_piece(back), profile) == plan_json(plan_piece(of_camden), profile)


# Files ------------------------------------------------------------------------------------------


def test_a_file_is_private_and_named_by_its_bytes(piece, packed, tmp_path):
    path = write_piece(tmp_path / "pieces", piece)
    assert path.read_bytes() == packed
    assert path.name == hashlib.sha256(packed).hexdigest() + ".piece"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.write_bytes(b"damaged")
    assert write_piece(path.parent, piece) == path
    assert path.read_bytes() == packed
    assert [*path.parent.iterdir()] == [path]


def test_a_file_that_is_gone_or_changed_is_told(piece, tmp_path):
    path = write_piece(tmp_path, piece)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"not what its name says.*Run the batch again"):
        read_piece(path)
    path.unlink()
    with pytest.raises(MissingFileError, match="Run the batch again"):
        read_piece(path)


# Damage -----------------------------------------------------------------------------------------


class Bomb:
    """Would say so if it were ever unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("code was run",))


def named(folder: Path, data: bytes) -> Path:
    path = folder / f"{hashlib.sha256(data).hexdigest()}.piece"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: pickle.dumps(Bomb()),
        lambda data: data[: len(pieces._MAGIC)] + pickle.dumps(Bomb()),
        lambda data: data[: len(pieces._MAGIC)] + b"\x91" * 1_000_000,
        lambda data: data[: len(pieces._MAGIC)] + b"\x84\xa4area" + b"\x91" * 1_000_000,
        lambda data: data[: len(pieces._MAGIC)] + b"\x84\xa4area\xdf\xff\xff\xff\xff",
        lambda data: data.replace(b"piece 1\n", b"piece 2\n", 1),
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data + data,
    ],
    ids=["empty", "pickle", "pickle-inside", "nested", "nested-area", "huge", "other-format",
         "cut", "longer", "twice"],
)  # fmt: skip
def test_foreign_data_is_told(damage, packed, tmp_path):
    with pytest.raises(InputError, match="Run the batch again"):
        read_piece(named(tmp_path, damage(packed)))


def test_damage_is_told_or_harmless(packed):
    """A byte changed among numbers makes other numbers; the name of the file tells of that."""
    draw = random.Random(8)
    marks = [at for at in range(len(packed)) if packed.startswith(b"<f8", at)]
    places = [*draw.sample(range(len(packed)), 4), *draw.sample(marks, 8)]
    for at in places:
        at += draw.randrange(-6, 12)  # noqa: PLW2901 - round the marks is what is not numbers
        data = packed[:at] + bytes([draw.randrange(256)]) + packed[at + 1 :]
        try:
            unpack(data)
        except InputError as error:
            assert "Run the batch again" in str(error)  # noqa: PT017 - not every damage shows


def first_is(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def changed(values: np.ndarray) -> np.ndarray:
        out = values.copy()
        out[0] = value
        return out

    return changed


def with_flow(piece: Piece, **change: Callable) -> Piece:
    flow, *rest = piece.area.flows
    changed = {name: made(getattr(flow, name)) for name, made in change.items()}
    return replace(piece, area=replace(piece.area, flows=(replace(flow, **changed), *rest)))


def with_segments(piece: Piece, **columns: Any) -> Piece:
    network = piece.area.network
    segments = network.segments.assign(**columns)
    return replace(piece, area=replace(piece.area, network=replace(network, segments=segments)))


def with_reports(piece: Piece, **change: Callable) -> Piece:
    reports = piece.reports
    changed = {name: made(getattr(reports, name)) for name, made in change.items()}
    return replace(piece, reports=replace(reports, **changed))


def with_placed(piece: Piece, **change: Callable) -> Piece:
    placed = piece.reports.placed
    changed = {name: made(getattr(placed, name)) for name, made in change.items()}
    return replace(piece, reports=replace(piece.reports, placed=replace(placed, **changed)))


@pytest.mark.parametrize(
    "forge",
    [
        lambda p: with_segments(p, u=len(p.area.network.nodes)),
        lambda p: with_segments(p, v=-1),
        lambda p: with_segments(p, length_m=-1.0),
        lambda p: with_segments(p, walk_s=1),
        lambda p: with_flow(p, parent_node=first_is(10**6)),
        lambda p: with_flow(p, parent_segment=first_is(-2)),
        lambda p: with_flow(p, walkers=lambda v: v[1:]),
        lambda p: with_flow(p, roots=lambda _: (10**6,)),
        lambda p: with_placed(p, segment_id=first_is(10**6)),
        lambda p: with_placed(p, weight=lambda v: v[1:]),
        lambda p: with_reports(p, in_slot=lambda v: v[:, 1:]),
        lambda p: with_reports(p, severity=lambda v: v.astype(np.float32)),
        lambda p: with_reports(p, slots=lambda s: replace(s, slot=s.slot - 1)),
        lambda p: with_reports(p, slots=lambda s: replace(s, day=s.day[1:])),
        lambda p: replace(p, found_by_police=p.found_by_police[1:]),
        lambda p: replace(p, spread=replace(p.spread, mass=p.spread.mass[:, 1:])),
        lambda p: with_inputs(p, people=p.inputs.people.drop(columns="role")),
        lambda p: with_inputs(p, ward=replace(p.inputs.ward, boundary="here")),
    ],
    ids=range(18),
)
def test_what_does_not_fit_together_is_told(forge, piece):
    """Compiled code looks at no bounds, so a number that leads nowhere must not reach it."""
    with pytest.raises(InputError, match="Run the batch again"):
        unpack(pack(forge(piece)))


# Keys -------------------------------------------------------------------------------------------


def an_hour_later(piece: Piece) -> Piece:
    incidents = piece.inputs.incidents.copy()
    column = incidents.columns.get_loc(Incidents.to_utc)
    incidents.iloc[5, column] += pd.Timedelta(hours=1)
    return with_inputs(piece, incidents=incidents)


def another_profile(piece: Piece) -> Piece:
    profile = piece.area.profile
    risk = replace(profile.risk, floor_incidents=profile.risk.floor_incidents + 1)
    return replace(piece, area=replace(piece.area, profile=replace(profile, risk=risk)))


def another_agreement(piece: Piece) -> Piece:
    agreements = piece.inputs.agreements.assign(**{Agreements.spoc: "Somebody else"})
    return with_inputs(piece, agreements=agreements)


def moved_boundary(piece: Piece) -> Piece:
    ward = piece.inputs.ward
    boundary = shapely.transform(ward.boundary, lambda xy: xy + 0.001)
    return with_inputs(piece, ward=replace(ward, boundary=boundary))


@pytest.mark.parametrize(
    "change",
    [
        an_hour_later,
        another_profile,
        another_agreement,
        moved_boundary,
        lambda piece: with_inputs(piece, made_on=date(2026, 2, 21)),
        lambda piece: with_inputs(piece, data_sharing="another"),
    ],
    ids=["incident", "profile", "agreement", "boundary", "made_on", "data_sharing"],
)
def test_a_key_changes_with_what_a_plan_depends_on(change, piece):
    assert key_of(change(piece)) != key_of(piece)


def test_a_key_changes_with_the_version(piece, monkeypatch):
    before = key_of(piece)
    monkeypatch.setattr(pieces, "__version__", corridors.__version__ + ".1")
    assert key_of(piece) != before


def test_a_key_stays_where_nothing_that_matters_changed(piece, packed):
    key = key_of(piece)
    first, *rest = piece.inputs.sources
    told = pd.DataFrame(
        {name: pd.Series(["x"], dtype="str") for name in ("patrol_id", "person_id", "urns")}
        | {"day": pd.Series(pd.to_datetime(["2026-03-02"]).as_unit("us"))}
    ).rename_axis("entry_id")
    remit = PatrolRemit(date(2026, 3, 2), 915, 1035, "trust", "none", ())
    assert key_of(unpack(packed)) == key
    assert len(key) == 64
    for same in (
        {"sources": (replace(first, file="other.osm", sha256="0" * 64, rows_read=1), *rest)},
        {"this_roster": told},
        {"remits": (("abc", (remit,)),)},
    ):
        changed = with_inputs(piece, **same)
        assert pack(changed) != packed
        assert key_of(changed) == key


def test_no_field_is_forgotten():
    """A new field of a piece is in the file without a word about it, or this fails."""
    stored = {f.name for f in fields(pieces._Inputs)}
    assert stored == {f.name for f in fields(Inputs)} - {"borough"}
    assert {f.name for f in fields(pieces._Piece)} == {f.name for f in fields(Piece)}
