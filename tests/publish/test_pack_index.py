"""The public index tells of packs, from their folders' names alone; purge leaves them."""

from __future__ import annotations

import os
import re
from datetime import date

import pytest
from support_pack import made_pack

from corridors.profile import Retention
from corridors.publish.families.index import public_index
from corridors.publish.indexes import write_indexes
from corridors.publish.pack import write_pack
from corridors.publish.purging import remove, stale
from corridors.publish.wording import quarter_words


def links(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<a href="(pack/[^"]*)">([^<]*)</a>', page)


def test_packs_are_listed_newest_first(tmp_path):
    for quarter in ("2025-Q4", "2026-Q1", "2025-Q2"):
        write_pack(made_pack(quarter=quarter), tmp_path)
    write_indexes(tmp_path)
    page = (tmp_path / "maps/public/index.html").read_text("utf-8")
    assert links(page) == [
        ("pack/2026-Q1/index.html", "January to March 2026"),
        ("pack/2025-Q4/index.html", "October to December 2025"),
        ("pack/2025-Q2/index.html", "April to June 2025"),
    ]
    for href, _ in links(page):
        assert (tmp_path / "maps/public" / href).is_file()


def test_what_is_no_pack_is_not_listed(tmp_path):
    public = tmp_path / "maps/public"
    write_pack(made_pack(), tmp_path)
    home = public / "pack"
    for name in ("2026-Q9", "<img src=x>", ".2025-Q4.part-abc", "2025-Q3"):
        (home / name).mkdir()  # the last one is empty
    (home / "2025-Q2").symlink_to(home / "2026-Q1", target_is_directory=True)
    (home / "2025-Q1").write_text("a file")
    (home / "2024-Q4").mkdir()
    (home / "2024-Q4/index.html").symlink_to(home / "2026-Q1/index.html")
    assert [href for href, _ in links(public_index(public))] == ["pack/2026-Q1/index.html"]


def test_a_linked_folder_of_packs_is_not_followed(tmp_path):
    write_pack(made_pack(), tmp_path / "other")
    public = tmp_path / "maps/public"
    public.mkdir(parents=True)
    (public / "pack").symlink_to(tmp_path / "other/maps/public/pack", target_is_directory=True)
    assert links(public_index(public)) == []


def test_without_packs_the_index_says_nothing_of_them(tmp_path):
    (tmp_path / "maps/public").mkdir(parents=True)
    assert "What happened on the walks" not in public_index(tmp_path / "maps/public")


def test_purge_keeps_packs_however_old(tmp_path):
    written = write_pack(made_pack(quarter="2019-Q1"), tmp_path)
    for path in written:
        os.utime(path, (0, 0))
    retention = Retention(incidents_days=0, derived_days=0)
    gone, kept = stale(tmp_path, [], retention, date(2026, 6, 1))
    assert (gone, kept) == ((), ())
    list(remove(tmp_path, gone))
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize(
    ("label", "words"),
    [("2026-Q1", "January to March 2026"), ("2026-Q4", "October to December 2026"),
     ("2026-Q5", "2026-Q5"), ("other", "other")],
)  # fmt: skip
def test_a_quarter_in_words(label, words):
    assert quarter_words(label) == words
