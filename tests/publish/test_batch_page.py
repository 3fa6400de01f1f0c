"""The summary of a batch: every ward, in words, hostile names harmless, no clock in it."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from corridors import files
from corridors.batch.outcome import STATUSES
from corridors.errors import InputError
from corridors.publish.batch_page import WardRow, write_summary

WEEK = "2026-W10"
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"
ROWS = (
    WardRow("E05999001", "Abbey", "done", (), 0, "2026-02-20", 2, 5, 4, 1),
    WardRow("E05999002", HOSTILE, "failed", (f"no street in {HOSTILE}",), 2, "2026-02-20"),
    WardRow("E05999003", "Zed", "no_patrol", ("School (1): no risk",), 0, "2026-02-20"),
    WardRow("E05999004", "Begun", "begun", (), 0, "2026-02-20"),
    WardRow(HOSTILE, HOSTILE, "failed", ("is not a ward code",), 2, "2026-02-20"),
)


class _Table(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_open = False
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.is_open = True
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.is_open = self.is_open and tag != "table"

    def handle_data(self, data):
        if self.is_open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def _read(path) -> _Table:
    table = _Table()
    table.feed(path.read_text("utf-8"))
    return table


def test_every_ward_stands_in_the_table_and_what_failed_comes_first(tmp_path):
    page, data = write_summary(tmp_path, WEEK, ROWS, STATUSES)
    rows = _read(page).rows
    assert [row[1] for row in rows] == [
        "How it ended", "failedis not a ward code", rows[2][1], "not finished",
        "no patrol recommendedSchool (1): no risk", "done",
    ]  # fmt: skip
    assert rows[2][1].startswith("failedno street in")
    assert [cell.strip() for cell in rows[5]] == ["Abbey E05999001", "done", "2", "4 of 5", "1"]
    assert json.loads(data.read_bytes())["counts"] == {
        "failed": 2, "begun": 1, "no_patrol": 1, "done": 1,
    }  # fmt: skip


def test_it_is_marked_private_and_closed_to_scripts(tmp_path):
    page, data = write_summary(tmp_path, WEEK, ROWS, STATUSES)
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("OFFICIAL-SENSITIVE") >= 4
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert {path.stat().st_mode & 0o777 for path in (page, data)} == {files.PRIVATE_FILE}
    assert json.loads(data.read_bytes())["marking"] == "OFFICIAL-SENSITIVE"


def test_a_ward_leads_to_its_map_only_where_there_is_one(tmp_path):
    shown = tmp_path / f"maps/working/E05999001/{WEEK}/map_OS.html"
    shown.parent.mkdir(parents=True)
    shown.touch()
    page, _ = write_summary(tmp_path, WEEK, ROWS, STATUSES)
    links = [attrs["href"] for tag, attrs in _read(page).tags if tag == "a"]
    (link,) = [href for href in links if href.endswith("map_OS.html")]
    assert (page.parent / link).resolve() == shown.resolve()
    assert (page.parent / links[1]).resolve() == (tmp_path / "maps/working/index.html").resolve()


def test_the_same_rows_in_any_order_leave_the_files_as_they_are(tmp_path):
    made = write_summary(tmp_path, WEEK, ROWS, STATUSES)
    before = [(p.stat().st_mtime_ns, p.stat().st_ino) for p in made]
    assert write_summary(tmp_path, WEEK, ROWS[::-1], STATUSES) == made
    assert [(p.stat().st_mtime_ns, p.stat().st_ino) for p in made] == before
    write_summary(tmp_path, WEEK, ROWS[:2], STATUSES)
    assert all(p.stat().st_ino != ino for p, (_, ino) in zip(made, before, strict=True))


def test_a_link_leads_it_nowhere(tmp_path):
    (tmp_path / "else").mkdir()
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/maps").symlink_to(tmp_path / "else")
    with pytest.raises(InputError, match="link"):
        write_summary(tmp_path / "ws", WEEK, ROWS, STATUSES)
    assert list((tmp_path / "else").iterdir()) == []


def test_who_is_on_two_wards_patrols_at_one_time_is_told_under_both(tmp_path, monkeypatch):
    from datetime import date

    from corridors.publish import batch_page
    from corridors.publish.neighbours import Booking, DoubleBooking

    one = Booking(date(2026, 3, 2), 900, 960, "E05999001", "Abbey")
    other = Booking(date(2026, 3, 2), 930, 990, "E05999003", "Zed")
    clash = DoubleBooking(date(2026, 3, 2), HOSTILE, one, other)
    monkeypatch.setattr(batch_page, "booked_twice", lambda _plans: (clash,))
    page, data = write_summary(tmp_path, WEEK, ROWS, STATUSES)
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert 'href="#twice"' in text.partition("<main")[0]
    assert "of Zed (E05999003) on" in text
    assert "of Abbey (E05999001) on" in text
    assert set(json.loads(data.read_bytes())["booked_twice"]) == {"E05999001", "E05999003"}
