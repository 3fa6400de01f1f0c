"""Dates and times as UK exports write them; UTC as the rest of the package wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from corridors.arrays import BoolArray
from corridors.tables import DATE, UTC
from corridors.written_days import FIRST_YEAR, LAST_YEAR

LONDON: Final = ZoneInfo("Europe/London")
_FORMATS: Final = (
    "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
    "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y",
    "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d",
)  # fmt: skip
_SERIAL: Final = r"\d{5}(?:\.\d+)?"
_OFFSET: Final = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})"
_MIDNIGHT: Final = r"(?<=\s)24:00(?::00(?:\.0+)?)?$"
_SLASHED: Final = r"^(\d{1,2})/(\d{1,2})/\d{4}"
_UNUSUAL: Final = {
    "Excel day numbers": rf"^{_SERIAL}$",
    "24:00, taken as the next midnight": _MIDNIGHT,
    "a date without a time, taken as 00:00": (
        r"^(?:\d{1,2}[/-]\d{1,2}[/-]\d{4}|\d{4}[/-]\d{2}[/-]\d{2})$"
    ),
    "with an offset, taken as written": rf"^{_OFFSET}$",
}


def utc_instants(text: pd.Series[Any]) -> pd.Series[Any]:
    """Instants of local times written in any of the ways that exports use.

    Understood, in Europe/London unless an offset is written: ``dd/mm/yyyy`` and ISO dates, with
    or without ``HH:MM[:SS]``; ``24:00`` (the next midnight); Excel day numbers. Day comes before
    month. A time that the spring change skips moves forward to the change; of a time that the
    autumn change repeats, the first is taken.

    Parameters
    ----------
    text : (n,) stripped strings.

    Returns
    -------
    (n,) ``datetime64[us, UTC]`` with the index of ``text``; NaT where empty or not understood.
    """
    codes, uniques = pd.factorize(text)
    instants = _parse(pd.Series(np.asarray(uniques, dtype=object), dtype="str"))
    values = instants.to_numpy(dtype=DATE)[codes]
    return pd.Series(values, index=text.index).dt.tz_localize("UTC")


def joined(day: pd.Series[Any], clock: pd.Series[Any]) -> pd.Series[Any]:
    """Text of a date column and its time column as one.

    A time of day that the date column repeats as 00:00 is dropped; Excel day numbers and day
    fractions are put together too.
    """
    only_day = day.str.replace(r"[T ]\d{1,2}:\d{2}.*$", "", regex=True)
    is_fraction = clock.str.fullmatch(r"0?\.\d+") & only_day.str.fullmatch(r"\d{5}")
    with_clock = only_day.where(
        is_fraction, only_day + " " + clock
    ) + clock.str.lstrip("0").where(is_fraction, "")  # fmt: skip
    return with_clock.where((clock != "") & (day != ""), day)


def is_month_first(text: pd.Series[Any]) -> bool:
    """Whether slash dates only make sense as mm/dd/yyyy."""
    parts = text.str.extract(_SLASHED).dropna().astype("int64")
    return bool(len(parts)) and bool((parts[0] <= 12).all()) and bool((parts[1] > 12).any())


def month_first_rows(text: pd.Series[Any]) -> BoolArray:
    """(n,) rows whose date only makes sense as mm/dd/yyyy."""
    parts = text.str.extract(_SLASHED).astype("float64")
    return ((parts[0] <= 12) & (parts[1] > 12)).to_numpy(dtype=bool)


def unusual_forms(text: pd.Series[Any]) -> dict[str, int]:
    """Rows written in a way that a person may not expect, by how they are taken."""
    counts = text.value_counts()
    written = pd.Series(counts.index, dtype="str")
    found = {
        form: int(counts.to_numpy()[written.str.contains(pattern, regex=True)].sum())
        for form, pattern in _UNUSUAL.items()
    }
    return {form: rows for form, rows in found.items() if rows}


def _parse(text: pd.Series[Any]) -> pd.Series[Any]:
    """UTC of each text; the rarer ways of writing are only tried on what the common ones leave."""
    found = _london(_read(text, _FORMATS))
    rest = (found.isna() & (text != "")).to_numpy(dtype=bool)
    if rest.any():
        instants = found.to_numpy(dtype=DATE).copy()
        instants[rest] = _rare(text[rest]).to_numpy(dtype=DATE)
        found = pd.Series(instants, index=text.index).dt.tz_localize("UTC")
    sensible: pd.Series[Any] = found.where(found.dt.year.between(FIRST_YEAR, LAST_YEAR))
    return sensible


def _read(text: pd.Series[Any], patterns: Sequence[str]) -> pd.Series[Any]:
    """Local times by the first pattern that fits; NaT where none does."""
    found = np.full(len(text), np.datetime64("NaT", "us"), dtype=DATE)
    rest = np.flatnonzero(text != "")
    for pattern in patterns:
        if not len(rest):
            break
        read = pd.to_datetime(text.iloc[rest], format=pattern, errors="coerce").to_numpy(dtype=DATE)
        found[rest] = read
        rest = rest[np.isnat(read)]
    return pd.Series(found, index=text.index)


def _rare(text: pd.Series[Any]) -> pd.Series[Any]:
    """UTC of texts with an offset, a T, a fraction of a second, 24:00, or an Excel day number."""
    has_offset = text.str.fullmatch(_OFFSET)
    absolute = pd.to_datetime(
        text.where(has_offset), format="ISO8601", errors="coerce", utc=True
    ).astype(UTC)
    is_late = text.str.contains(_MIDNIGHT, regex=True)
    plain = (
        text.mask(has_offset, "")
        .str.replace(_MIDNIGHT, "00:00", regex=True)
        .str.replace(r"(?<=\d)T(?=\d)", " ", regex=True)
        .str.replace(r"(:\d{2})\.\d+$", r"\1", regex=True)
    )
    local = _read(plain, _FORMATS)
    local = local.where(local.notna(), _excel(plain))
    # Midnight is the next day's; added before the zone is, so that it stays midnight there.
    local = local + pd.to_timedelta(is_late.astype("int64"), unit="D").astype("timedelta64[us]")
    instants: pd.Series[Any] = absolute.where(has_offset, _london(local))
    return instants


def _excel(text: pd.Series[Any]) -> pd.Series[Any]:
    """Excel's day numbers: days since 30 December 1899, to the second."""
    days = pd.to_numeric(text.where(text.str.fullmatch(_SERIAL)), errors="coerce")
    seconds = (days * 86_400).round()
    return (pd.Timestamp("1899-12-30") + pd.to_timedelta(seconds, unit="s")).astype(DATE)


def _london(local: pd.Series[Any]) -> pd.Series[Any]:
    # First of the two readings of a repeated hour: the one still in summer time.
    zoned = local.dt.tz_localize(
        LONDON, nonexistent="shift_forward", ambiguous=np.ones(len(local), dtype=bool)
    )
    instants: pd.Series[Any] = zoned.dt.tz_convert("UTC").astype(UTC)
    return instants
