"""What ``corridors plan`` prints about the roster: figures, and what is not proven."""

from dataclasses import replace

from sample_plan import sample_plan

from corridors.cli.plan import _roster, _roster_words
from corridors.model import RosterReport, WishReached

REPORT = RosterReport(
    wishes=(
        WishReached("coverage", 2.0, is_proven=True),
        WishReached("changes", 4.0, is_proven=True),
        WishReached("even load", 10.0, is_proven=False),
    ),
    exposure=12345.6,
    repeat_share=0.25,
    load=(1, 2, 3),
)


def test_a6_c11_exposure_repeats_load_and_proof_are_printed():
    plan = replace(sample_plan(), roster=REPORT)
    (text,) = _roster_words(plan)
    assert text == (
        "Roster: exposure 12,346 police person-minutes x pupils; 4 changes to the roster that was "
        "told; 25% the same people as last week; 1 to 3 patrols a person; "
        "not proven best in: even load."
    )
    proven = replace(REPORT, wishes=REPORT.wishes[:1], repeat_share=None)
    (text,) = _roster_words(replace(plan, roster=proven))
    assert text.endswith("1 to 3 patrols a person; proven best.")
    assert "same people" not in text
    assert _roster_words(replace(plan, roster=RosterReport())) == []


def test_figures_are_in_the_summary():
    told = _roster(replace(sample_plan(), roster=REPORT))
    assert (told["exposure"], told["unproven"], told["load"]) == (12345.6, ["even load"], [1, 2, 3])
