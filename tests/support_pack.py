"""A publication pack by hand: two programmes, hidden cells, and the same with hostile texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from corridors.model import (
    PublicChart,
    PublicColumn,
    PublicMark,
    PublicPack,
    PublicProgramme,
    PublicRecord,
    PublicTable,
    TransparencyField,
)
from corridors.publish.pack import DataSource, TransparencyFacts, transparency_fields

HIDDEN = "fewer than 5"
TOO_FEW = "not enough data"
RULES = (
    "A count of 1 to 4 is shown as “fewer than 5”.",
    "Other counts go to the nearest 5. A 0 is a true 0.",
    "A second cell is hidden where the first could be worked out from it.",
    "A ratio is not shown where a count is below 5 or a group is below 30.",
)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://x.example","y")',
    "</script><script>alert(2)</script>",
    '" onload="alert(3)',
    "\u202eevil\u202c \u200eشارع الحقل\u200f",
    "x" * 300,
    "]]></style></svg>{{ 7*7 }} &amp;",
    "@SUM(A1) \r\n-2+3",
    "javascript:alert(4) //x.example/a",
    "-9.5 https://x.example",
)


def text(key: str, title: str, meaning: str = "") -> PublicColumn:
    return PublicColumn(key, title, meaning or f"{title}, in words.", "text")


def count(key: str, title: str, unit: str = "") -> PublicColumn:
    return PublicColumn(key, title, f"{title}, as reported.", "count", unit)


def figure(key: str, title: str, unit: str = "") -> PublicColumn:
    return PublicColumn(key, title, f"{title}, worked out before rounding.", "figure", unit)


def facts(**changes: object) -> TransparencyFacts:
    known = TransparencyFacts(
        partnership="Fictional Green Safer Schools Partnership",
        contact="Partnership office, Fictional Town Hall",
        version="0.9.0",
        profile_name="default",
        profile_source="published with the program",
        seed=2024,
        sources=(
            DataSource(
                "incidents", "Reports by the public, to see where and when.", "about 2,400 rows",
                date(2024, 9, 1), date(2026, 3, 31),
            ),
            DataSource("schools", "Where pupils start to walk.", "5 rows"),
        ),
        models=("density", "mixture", "scan", "routing", "roster"),
        incidents_days=0,
        derived_days=365,
        dpia_reference="DPIA 12/2025",
        equality_recorded_on=date(2025, 11, 3),
        sharing_agreement="DSA 7/2025",
    )  # fmt: skip
    return replace(known, **changes)


def _impact() -> PublicTable:
    return PublicTable(
        key="reports",
        title="Reports from the public on the way home",
        kind="impact",
        about="Reports of violence, robbery and weapons after school, on school days.",
        columns=(
            text("part", "Streets"), count("before", "Before", "reports"),
            count("after", "After", "reports"), figure("ratio", "Ratio"),
        ),
        rows=(
            ("Mill Lane walk, walked", "120", "85", "0.71"),
            ("Mill Lane walk, compared", "200", "190", "0.95"),
            ("Park Road walk, walked", "10", HIDDEN, TOO_FEW),
            ("Park Road walk, compared", "15", "10", TOO_FEW),
        ),
        notes=("Fewer reports can also mean that fewer people report.",),
        charts=(
            PublicChart(
                "bars", "Reports after the walks began", "reports in three months",
                (
                    PublicMark("Mill Lane walk, walked", 85.0, None, None, "85"),
                    PublicMark("Mill Lane walk, compared", 190.0, None, None, "190"),
                    PublicMark("Park Road walk, walked", None, None, None, HIDDEN),
                    PublicMark("Park Road walk, compared", 10.0, None, None, "10"),
                ),
            ),
        ),
    )  # fmt: skip


def _feeling() -> PublicTable:
    return PublicTable(
        key="feeling",
        title="How pupils feel on the way home",
        kind="impact",
        about="Answers of pupils in four schools, March 2026.",
        columns=(
            text("group", "Group"), count("asked", "Asked", "pupils"),
            figure("safer_percent", "Safer", "%"), figure("less_safe_percent", "Less safe", "%"),
            figure("no_answer_percent", "No answer", "%"),
        ),
        rows=(
            ("All pupils", "250", "68", "6", "4"),
            ("Girls", "130", "66", "8", "3"),
            ("Pupils with free school meals", "45", TOO_FEW, TOO_FEW, TOO_FEW),
        ),
    )  # fmt: skip


def _searches() -> PublicTable:
    return PublicTable(
        key="searches",
        title="Stop and search on walks",
        kind="harm",
        about="Searches of people under 18 by police on a walk.",
        columns=(
            text("group", "Group"), count("searches", "Searches"),
            count("nothing", "Nothing found"),
        ),
        rows=(("All", "15", "10"), ("Asian", HIDDEN, "hidden"), ("Black", "10", HIDDEN),
              ("White", "0", "0")),
        charts=(
            PublicChart(
                "bars", "Searches by group", "searches",
                (
                    PublicMark("All", 15.0, None, None, "15"),
                    PublicMark("Asian", None, None, None, HIDDEN),
                    PublicMark("Black", 10.0, None, None, "10"),
                    PublicMark("White", 0.0, None, None, "0"),
                ),
            ),
        ),
    )  # fmt: skip


def _moved() -> PublicTable:
    return PublicTable(
        key="moved",
        title="Reports near the walks, where harm may have moved to",
        kind="harm",
        about="The same kinds of reports within 200 metres, and in the hour after.",
        columns=(
            text("place", "Where or when"), figure("net", "Change against compared streets"),
            figure("low", "Range from"), figure("high", "Range to"),
        ),
        rows=(
            ("Streets near Mill Lane", "1.12", "0.81", "1.55"),
            ("Mill Lane, the hour after", "0.94", "0.62", "1.43"),
            ("Streets near Park Road", TOO_FEW, TOO_FEW, TOO_FEW),
        ),
        charts=(
            PublicChart(
                "intervals", "Change near the walks", "ratio, 1 means no change",
                (
                    PublicMark("Streets near Mill Lane", 1.12, 0.81, 1.55, "1.12"),
                    PublicMark("Mill Lane, the hour after", 0.94, 0.62, 1.43, "0.94"),
                    PublicMark("Streets near Park Road", None, None, None, TOO_FEW),
                ),
                reference=1.0,
                is_log=True,
            ),
        ),
    )  # fmt: skip


def _met() -> PublicTable:
    return PublicTable(
        key="met",
        title="Which pupils met the police",
        kind="fairness",
        about="Minutes with police near, for each pupil of a group against all other pupils.",
        columns=(
            text("group", "Group"), figure("ratio", "Ratio"), figure("low", "Range from"),
            figure("high", "Range to"), figure("not_recorded_percent", "Group not recorded", "%"),
        ),
        rows=(
            ("Pupils with free school meals", "1.44", "1.10", "1.89", "3"),
            ("Black pupils", "3.00", "1.27", "7.06", "14"),
            ("Pupils with special needs", TOO_FEW, TOO_FEW, TOO_FEW, "22"),
        ),
        charts=(
            PublicChart(
                "intervals", "Which pupils met the police more", "ratio, 1 means alike",
                (
                    PublicMark("Pupils with free school meals", 1.4412, 1.1, 1.89, "1.44"),
                    PublicMark("Black pupils", 3.0, 1.274, 7.063, "3.00"),
                    PublicMark("Pupils with special needs", None, None, None, TOO_FEW),
                ),
                reference=1.0,
                is_log=True,
            ),
        ),
    )  # fmt: skip


def _plain(key: str, kind: str, title: str, rows: tuple[tuple[str, ...], ...]) -> PublicTable:
    columns = (text("what", "What"), PublicColumn("told", "Figure", "As counted.", "count"))
    return PublicTable(key, title, kind, "January to March 2026.", columns, rows)


def _records() -> tuple[PublicRecord, ...]:
    return (
        PublicRecord(
            key="consultation",
            title="Who was asked, and what came of it",
            about="Meetings and answers before the walks began.",
            columns=(
                text("asked", "Who was asked"), PublicColumn("on", "When", "The day.", "date"),
                text("said", "What they said"), text("used", "What we did with it"),
            ),
            rows=(
                ("Youth club, by its own workers", "2025-10-02", "No police at the gate.",
                 "Done. Police do not stand at the gate."),
                ("Pupils of one school", "2025-10-09", "No walks at all on Fridays.",
                 "Rejected. Most reports are on Fridays."),
            ),
        ),
        PublicRecord(
            key="equality",
            title="Equality record",
            about="What may be unequal, and what is done about it.",
            columns=(text("point", "Point"), text("answer", "Answer")),
            rows=(("Some pupils meet police more than others", "Counted each quarter."),),
            missing=("the date of the next look", "who wrote it"),
        ),
        PublicRecord(
            key="decisions",
            title="Decisions",
            about="Who decided what.",
            columns=(PublicColumn("on", "When", "The day.", "date"), text("what", "What"),
                     text("who", "Who")),
            rows=(("2025-11-20", "Walks on Mill Lane", "Partnership board"),),
        ),
    )  # fmt: skip


def _programmes() -> tuple[PublicProgramme, ...]:
    shared = {
        "before": (date(2025, 1, 6), date(2025, 3, 28)),
        "after": (date(2026, 1, 5), date(2026, 3, 27)),
    }
    return (
        PublicProgramme(
            key="mill-lane", title="Mill Lane walk", aim="Safety on the way home",
            outcome="Reports of violence, robbery and weapons",
            streets=("Cedar Road", "Mill Lane", "Mill Park"),
            areas_fixed_on=date(2025, 11, 28), areas_sha256="ab" * 32, level=3,
            level_words="We compared before and after, here and on like streets.",
            smallest_change="About 28 in every 100 reports.",
            results=(
                "Reports on walked streets went from 120 to 85. On compared streets: 200 to 190.",
                "The ratio is 0.75, with a range from 0.54 to 1.03. No change can be told.",
            ),
            cautions=("Shops closed on Mill Lane in the same months.",),
            next_evaluation="Due by 30 June 2026.", **shared,
        ),
        PublicProgramme(
            key="park-road", title="Park Road walk", aim="Trust",
            outcome="How pupils feel", streets=("Park Road",),
            areas_fixed_on=date(2026, 2, 2), areas_sha256="", level=2,
            level_words="We compared before and after only.",
            smallest_change="More than half of all reports. So this walk alone can show nothing.",
            results=(), cautions=(), next_evaluation="Overdue since 31 January 2026.", **shared,
        ),
    )  # fmt: skip


def made_pack(**changes: object) -> PublicPack:
    """A pack of the first quarter of 2026."""
    pack = PublicPack(
        partnership="Fictional Green Safer Schools Partnership",
        quarter="2026-Q1",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 3, 31),
        issued_on=date(2026, 4, 20),
        version=2,
        area="Fictional Green and Fictional Park wards",
        programmes=_programmes(),
        tables=(
            _plain("walks", "activity", "Walks", (("Walks", "120"), ("Hours of police", "85"))),
            _impact(), _searches(), _moved(), _feeling(), _met(),
            _plain("rules", "process", "Our rules", (("Weeks told in time", "10"),
                                                     ("Walks without consent", "0"))),
        ),
        records=_records(),
        transparency=transparency_fields(facts()),
        methods=(
            ("How a change is told", (
                "We compare the walked streets with streets like them.",
                "The ratio is the change here divided by the change there.",
            )),
            ("How groups are compared", ("We count the minutes for each pupil of a group.",)),
        ),
        rules=RULES,
        reviews=("A. Reader, head of equality, looked at “Black pupils” on 14 April 2026.",),
        provenance=(("Program", "corridors 0.9.0"), ("Profile", "default, SHA-256 " + "cd" * 32),
                    ("Incidents", "SHA-256 " + "ef" * 32)),
        contact="Partnership office, Fictional Town Hall",
        youth_contact="Fictional Youth Club, Mill Park, after 3pm",
        corrections=("Version 2: searches of one day were counted twice.",),
    )  # fmt: skip
    return replace(pack, **changes)


def _spoilt(one: PublicTable | PublicRecord, at: int) -> PublicTable | PublicRecord:
    """A table whose every text is somebody's bad intent; its charts say what it says."""

    def bad(place: int) -> str:
        return HOSTILE[(at + place) % len(HOSTILE)]

    labels = {row[0]: f"{bad(i)} {i}"[:290] for i, row in enumerate(one.rows)}
    spoilt = {
        "title": bad(0),
        "about": bad(1),
        "columns": tuple(replace(c, title=bad(i), meaning=bad(i + 1), unit=bad(i + 2))
                         for i, c in enumerate(one.columns)),
        "rows": tuple((labels[row[0]], *row[1:-1], f"{bad(i)}{row[-1]}")
                      for i, row in enumerate(one.rows)),
    }  # fmt: skip
    if isinstance(one, PublicRecord):
        return replace(one, **spoilt, missing=HOSTILE)
    charts = tuple(
        replace(chart, title=bad(3), unit=bad(4), marks=tuple(
            replace(m, label=labels.get(m.label, bad(5)), value=None, low=None, high=None,
                    words=bad(6).translate(dict.fromkeys(map(ord, "0123456789"))))
            for m in chart.marks
        ))
        for chart in one.charts
    )  # fmt: skip
    return replace(one, **spoilt, notes=HOSTILE, charts=charts)


def wide_pack() -> PublicPack:
    """The calm pack with nine columns in its first table of impact, as answers of a survey have."""
    pack = made_pack()
    first = next(one for one in pack.tables if one.kind == "impact")
    more = tuple(figure(f"more_{n}", f"Of those who answered {n}") for n in range(5))
    wide = replace(
        first,
        columns=(*first.columns, *more),
        rows=tuple((*row, *["not enough data"] * 5) for row in first.rows),
    )
    return replace(pack, tables=tuple(wide if one is first else one for one in pack.tables))


def hostile_pack() -> PublicPack:
    """The same pack with a hostile text in every place where a file could bring one."""
    pack = made_pack()
    programmes = tuple(
        replace(one, key=HOSTILE[0], title=HOSTILE[i], aim=HOSTILE[1], outcome=HOSTILE[2],
                streets=HOSTILE, areas_sha256=HOSTILE[3], level_words=HOSTILE[4],
                smallest_change=HOSTILE[5], results=HOSTILE, cautions=HOSTILE,
                next_evaluation=HOSTILE[6])
        for i, one in enumerate(pack.programmes)
    )  # fmt: skip
    return replace(
        pack,
        partnership=HOSTILE[0], area=HOSTILE[2], contact=HOSTILE[8], youth_contact=HOSTILE[4],
        programmes=programmes,
        tables=tuple(_spoilt(one, i) for i, one in enumerate(pack.tables)),
        records=tuple(_spoilt(one, i) for i, one in enumerate(pack.records)),
        transparency=(*(TransparencyField("2.2.1", t, t, is_filled=True) for t in HOSTILE),
                      TransparencyField(HOSTILE[0], HOSTILE[0], HOSTILE[1], is_filled=False)),
        methods=tuple((t, HOSTILE) for t in HOSTILE),
        rules=HOSTILE, reviews=HOSTILE, corrections=HOSTILE,
        provenance=tuple((t, t) for t in HOSTILE),
    )  # fmt: skip
