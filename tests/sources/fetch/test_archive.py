"""The archive of data.police.uk, fetched: months from one zip, cut to the area, none half."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from support_fetching import (
    CALM,
    FAULTS,
    MONTHS,
    PoliceStub,
    files_of,
    limits_against,
    make_job,
    with_fault,
)  # fmt: skip
from support_server import Reply

from corridors.crs import to_geographic
from corridors.errors import FetchError
from corridors.sources.fetch.archive import fetch_archive
from corridors.sources.police_uk import HEADER, read_street

FOLDER = "data/incidents/police_uk"


def street(month, places):
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for number, (x, y) in enumerate(places):
        lon, lat = to_geographic(x, y)
        place = (f"{lon[0]:.6f}", f"{lat[0]:.6f}") if x else ("", "")
        writer.writerow(
            [f"{number:064x}", month, "Force", "Force", *place, "On or near Made Up Lane", "", "",
             "Robbery", "", ""]
        )  # fmt: skip
    return out.getvalue().encode()


INSIDE, OUTSIDE, NOWHERE = (527_000, 182_000), (627_000, 282_000), (0, 0)


def archive_of(months):
    """A zip with two forces a month, of which one is near."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for month in months:
            name = f"{month}/{month}-{{}}-street.csv"
            near = [INSIDE, OUTSIDE, INSIDE, NOWHERE]
            archive.writestr(zipfile.ZipInfo(name.format("made-up")), street(month, near))
            archive.writestr(zipfile.ZipInfo(name.format("far-away")), street(month, [OUTSIDE]))
            archive.writestr(zipfile.ZipInfo(f"{month}/{month}-made-up-outcomes.csv"), b"x")
    return out.getvalue()


def police(archives):
    stub = PoliceStub([])

    def answer(asked):
        body = archives.get(asked.path.rsplit("/", 1)[-1])
        return stub(asked) if body is None else Reply(body)

    return answer


def zips_of(server):
    return [a.path for a in server.asked if a.path.startswith("/archive/")]


def test_all_months_of_one_zip_come_with_it(tmp_path, local_server):
    local_server.answer = police({"2026-02.zip": archive_of(MONTHS)})
    root = tmp_path / "ws"
    desk = make_job(root, local_server)
    made = fetch_archive(desk.job)
    assert [f.file for f in made] == [f"{FOLDER}/{m}-archive-street.csv" for m in MONTHS]
    assert zips_of(local_server) == ["/archive/2026-02.zip"]
    assert desk.said == []
    for fetched in made:
        assert fetched.rows == 2
        assert fetched.notes == (
            "rows outside the area, left in the archive: 2",
            "rows without a place, left in the archive: 1",
        )
        draft = read_street(root / fetched.file, file=fetched.file, near_m=None, salt=b"")
        assert (draft.rows_read, len(draft.frame)) == (2, 2)
    names = sorted(p.name for p in root.rglob("*") if p.is_file())
    assert not [n for n in names if ".zip" in n]
    local_server.asked.clear()
    assert fetch_archive(make_job(root, local_server).job) == made
    assert zips_of(local_server) == []


def test_older_months_come_from_older_zips(tmp_path, local_server):
    zips = {"2026-02.zip": archive_of(MONTHS[2:]), "2025-12.zip": archive_of(MONTHS[:2])}
    local_server.answer = police(zips)
    made = fetch_archive(make_job(tmp_path / "ws", local_server).job)
    assert len(made) == 4
    assert zips_of(local_server) == ["/archive/2026-02.zip", "/archive/2025-12.zip"]


def test_a_zip_that_is_not_there_is_told(tmp_path, local_server):
    local_server.answer = police({"2026-01.zip": archive_of(MONTHS[:3])})
    desk = make_job(tmp_path / "ws", local_server)
    assert len(fetch_archive(desk.job)) == 3
    assert desk.said == ["2026-02: not in the archive of data.police.uk; left out"]


def test_a_force_is_picked(tmp_path, local_server):
    local_server.answer = police({"2026-02.zip": archive_of(MONTHS)})
    desk = make_job(tmp_path / "ws", local_server, months=("2026-02",))
    (made,) = fetch_archive(desk.job, ["made-up"])
    assert made.notes[0].endswith(": 1")
    other = make_job(tmp_path / "other", local_server, months=("2026-02",))
    assert fetch_archive(other.job, ["far-away"]) == ()
    assert other.said == ["2026-02: no crime published in this area; left out"]


@pytest.mark.parametrize("fault", [*FAULTS, "damaged"])
def test_a_fault_changes_no_byte(tmp_path, local_server, fault):
    body = archive_of(MONTHS)
    answer = police({"2026-02.zip": body})
    local_server.answer = answer
    fetch_archive(make_job(tmp_path / "whole", local_server).job)
    damaged = body.replace(b"PK\x01\x02", b"PK\x01\x03", 1)
    reply = Reply(damaged) if fault == "damaged" else FAULTS[fault]
    local_server.answer = with_fault(answer, reply, at=1)
    desk = make_job(tmp_path / "ws", local_server, limits=limits_against(fault))
    fetch_archive(desk.job)
    assert files_of(tmp_path / "ws") == files_of(tmp_path / "whole")
    assert len(desk.said) == 1
    assert "Trying again in" in desk.said[0]
    assert "\n" not in desk.said[0]


def test_an_unsafe_archive_is_never_taken(tmp_path, local_server):
    out = io.BytesIO(archive_of(MONTHS))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("../../evil.csv", "x")
    local_server.answer = police({"2026-02.zip": out.getvalue()})
    desk = make_job(tmp_path / "ws", local_server)
    with pytest.raises(FetchError, match=r"2026-02\.zip/\.\./\.\./evil\.csv.*leads out"):
        fetch_archive(desk.job)
    assert files_of(tmp_path / "ws") == {}
    assert len(zips_of(local_server)) == CALM.attempts


def test_what_the_api_brought_is_not_brought_again(tmp_path, local_server):
    folder = tmp_path / "ws" / FOLDER
    folder.mkdir(parents=True)
    (folder / "2026-02-api-street.csv").write_text("from the API")
    local_server.answer = police({"2026-01.zip": archive_of(MONTHS[:3])})
    desk = make_job(tmp_path / "ws", local_server)
    assert len(fetch_archive(desk.job)) == 3
    assert desk.said == [
        "2026-02: 2026-02-api-street.csv has it already; move that away to fetch the month"
    ]


def test_columns_in_another_order_are_refused(tmp_path, local_server):
    out = io.BytesIO()
    header = ",".join(reversed(HEADER))
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("2026-02/2026-02-made-up-street.csv", f"{header}\n")
    local_server.answer = police({"2026-02.zip": out.getvalue()})
    desk = make_job(tmp_path / "ws", local_server)
    with pytest.raises(FetchError, match="columns in another order"):
        fetch_archive(desk.job)
