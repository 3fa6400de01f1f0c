"""Seeded damage to files: what people, programs, disks and attackers do to them.

A plain generator rather than hypothesis: every case is found again by its reader and number alone
(no database, no shrinking; the files are small), and a case costs microseconds, so that 100,000 of
them are a nightly run.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence

import numpy as np

LONGEST = 300_000  # bytes; a case may not grow beyond it
Rng = np.random.Generator

# What is put somewhere in a file, or in place of one of its cells, numbers or dates.
PIECES = (
    b"\0", b"\xff", b"\xc3", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"|", b"\\",
    b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xd9\xa3", b"\x1b[31m",
    b"-1", b"0", b"1e999", b"-1e308", b"1e-999", b"NaN", b"inf", b"99999999999999999999", b"1_0",
    b"0x10", b"9" * 400, b"9" * 5000, b"0,0", b"530400.5", b"51.5", b"-0.0", b"2147483647",
    b"18446744073709551616", b"31/02/2026", b"00/00/0000", b"01/01/0001", b"31/12/9999",
    b"2026-13-40", b"02/03/26", b"24:00", b"99:99", b"2026-03-29T01:30:00", b"45000.5", b"2026-W54",
    b"=1+1", b"../", b"/etc/passwd", b"null", b"true", b"[]", b"{}", b"[[", b"<a/>", b"&amp;",
    b"&a;", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"%s%n", b"{0}", b"x" * 300,
)  # fmt: skip
# Beginnings of other kinds of file: a wrong suffix, or a download that is an error page.
KINDS = (
    b"", b"PK\x03\x04\x14\0\0\0\x08\0", b"PK\x05\x06" + b"\0" * 18, b"\x1f\x8b\x08\0", b"BZh9",
    b"SQLite format 3\0", b"\0\0\x27\x0a", b"\xd0\xcf\x11\xe0", b"%PDF-1.7\n", b"PAR1", b"\x89PNG",
    b"<!DOCTYPE html><html><body>504 Gateway Time-out</body></html>", b"{}", b"[]", b"null", b"{",
    b'{"type":"FeatureCollection","features":[]}', b"<?xml version='1.0'?><osm/>", b"a,b\n1,2\n",
    b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\n" * 50, b" ", b"\xff\xfe", b"\xfe\xff\0a",
)  # fmt: skip
NESTS = ((b"[", b"]"), (b"{", b"}"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")"), (b'"', b""))
CODES = ("utf-16", "utf-16-le", "utf-8-sig", "cp1252", "utf-32", "cp037", "latin-1")

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_DATE = re.compile(rb"\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|\d{8}(?:T\d{6})?")
_CELL = re.compile(rb"[^,\n\r\"<>{}\[\]=:]+")


def mutated(content: bytes, rng: Rng) -> tuple[bytes, str]:
    """One to three kinds of damage, and what they were."""
    done = []
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
        content = damage(content, rng)[:LONGEST]
        done.append(damage.__name__.strip("_"))
    return content, ", ".join(done)


def generator(seed: int, name: str, number: int) -> Rng:
    """The generator of one case: it depends on nothing else that runs."""
    return np.random.default_rng((seed, zlib.crc32(name.encode()), number))


def _at(content: bytes, rng: Rng) -> int:
    return int(rng.integers(len(content) + 1))


def _span(content: bytes, rng: Rng) -> tuple[int, int]:
    """Two places, most often near each other."""
    start = _at(content, rng)
    length = int(min(rng.geometric(0.02), len(content) - start))
    return start, start + length


def _piece(rng: Rng) -> bytes:
    if rng.random() < 0.15:
        return rng.bytes(int(rng.integers(1, 9)))
    return PIECES[int(rng.integers(len(PIECES)))]


def _flipped_bits(content: bytes, rng: Rng) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9)) if content else 0):
        changed[int(rng.integers(len(changed)))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _new_bytes(content: bytes, rng: Rng) -> bytes:
    start, end = _span(content, rng)
    return content[:start] + rng.bytes(end - start) + content[end:]


def _filled(content: bytes, rng: Rng) -> bytes:
    start, end = _span(content, rng)
    return (
        content[:start]
        + (b"\0", b"\xff", b" ")[int(rng.integers(3))] * (end - start)
        + content[end:]
    )


def _cut_short(content: bytes, rng: Rng) -> bytes:
    return content[: _at(content, rng)]


def _beheaded(content: bytes, rng: Rng) -> bytes:
    return content[_at(content, rng) :]


def _chunk_out(content: bytes, rng: Rng) -> bytes:
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def _chunk_again(content: bytes, rng: Rng) -> bytes:
    start, end = _span(content, rng)
    at = _at(content, rng)
    return content[:at] + content[start:end] + content[at:]


def _all_again(content: bytes, rng: Rng) -> bytes:
    return content * int(rng.integers(2, 4))


def _chunks_swapped(content: bytes, rng: Rng) -> bytes:
    a, b, c, d = sorted(_at(content, rng) for _ in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _lines(content: bytes, rng: Rng, change: Callable[[list[bytes], int, int], None]) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    change(lines, int(rng.integers(len(lines))), int(rng.integers(len(lines))))
    return b"".join(lines)


def _line_out(content: bytes, rng: Rng) -> bytes:
    return _lines(content, rng, lambda lines, at, _: lines.pop(at) and None)


def _line_again(content: bytes, rng: Rng) -> bytes:
    return _lines(content, rng, lambda lines, at, to: lines.insert(to, lines[at]))


def _lines_swapped(content: bytes, rng: Rng) -> bytes:
    def swap(lines: list[bytes], at: int, to: int) -> None:
        lines[at], lines[to] = lines[to], lines[at]

    return _lines(content, rng, swap)


def _piece_in(content: bytes, rng: Rng) -> bytes:
    at = _at(content, rng)
    return content[:at] + _piece(rng) + content[at:]


def _in_place_of(
    pattern: re.Pattern[bytes], content: bytes, rng: Rng, pieces: Sequence[bytes] = PIECES
) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    match = found[int(rng.integers(len(found)))]
    piece = pieces[int(rng.integers(len(pieces)))]
    return content[: match.start()] + piece + content[match.end() :]


def _other_number(content: bytes, rng: Rng) -> bytes:
    return _in_place_of(_NUMBER, content, rng)


def _other_date(content: bytes, rng: Rng) -> bytes:
    return _in_place_of(_DATE, content, rng)


def _other_cell(content: bytes, rng: Rng) -> bytes:
    return _in_place_of(_CELL, content, rng)


def _empty_cell(content: bytes, rng: Rng) -> bytes:
    return _in_place_of(_CELL, content, rng, (b"",))


def _cell_of_elsewhere(content: bytes, rng: Rng) -> bytes:
    cells = _CELL.findall(content)
    return _in_place_of(_CELL, content, rng, cells) if cells else content


def _other_code(content: bytes, rng: Rng) -> bytes:
    code = CODES[int(rng.integers(len(CODES)))]
    return content.decode("utf-8", "replace").encode(code, "replace")


def _other_line_ends(content: bytes, rng: Rng) -> bytes:
    return content.replace(b"\n", (b"\r", b"\r\n", b"\n\n", b"\x85")[int(rng.integers(4))])


def _other_separator(content: bytes, rng: Rng) -> bytes:
    return content.replace(b",", (b";", b"\t", b"|", b",,")[int(rng.integers(4))])


def _other_kind(content: bytes, rng: Rng) -> bytes:
    beginning = KINDS[int(rng.integers(len(KINDS)))]
    return beginning if rng.random() < 0.5 else beginning + content


def _nested(content: bytes, rng: Rng) -> bytes:
    opening, closing = NESTS[int(rng.integers(len(NESTS)))]
    depth = int(rng.choice([20, 300, 3000, 20_000]))
    at = _at(content, rng)
    return content[:at] + opening * depth + closing * depth + content[at:]


def _long_line(content: bytes, rng: Rng) -> bytes:
    at = _at(content, rng)
    length = int(rng.choice([300, 70_000, 140_000]))  # a CSV cell may have 131,072 characters
    return content[:at] + (b"x", b"1", b" ", b"x,")[int(rng.integers(4))] * length + content[at:]


DAMAGES: tuple[Callable[[bytes, Rng], bytes], ...] = (
    _flipped_bits, _new_bytes, _filled, _cut_short, _beheaded, _chunk_out, _chunk_again, _all_again,
    _chunks_swapped, _line_out, _line_again, _lines_swapped, _piece_in, _piece_in, _other_number,
    _other_number, _other_date, _other_cell, _other_cell, _empty_cell, _cell_of_elsewhere,
    _other_code, _other_line_ends, _other_separator, _other_kind, _nested, _long_line,
)  # fmt: skip
