"""Hot spots and findings as staff read them."""

import json
from dataclasses import replace

from sample_plan import sample_plan

from corridors.profile import MapTiles
from corridors.publish import layers
from corridors.publish.trust import finding_rows, hot_spot_rows


def with_spot(**changes):
    plan = sample_plan()
    return replace(plan, hot_spots=(replace(plan.hot_spots[0], **changes),))


def test_a_hot_spot_in_words():
    (row,) = hot_spot_rows(sample_plan())
    assert row.reports == "about 10, weighing like about 5 equal ones"
    assert row.times == "15:15 to 15:45"
    assert row.chance == "0.1% of maps of pure chance hold a place as surprising"
    assert row.stability == "stays in 97% of re-draws: stable"


def test_times_that_are_apart_are_told_apart():
    (row,) = hot_spot_rows(with_spot(slots=(0, 1, 4)))
    assert row.times == "15:00 to 15:30 and 16:00 to 16:15"
    (row,) = hot_spot_rows(with_spot(slots=()))
    assert row.times == "no times known"


def test_few_reports_are_never_counted():
    (row,) = hot_spot_rows(with_spot(incidents=3.0, effective_incidents=2.6))
    assert row.reports == "fewer than 5"


def test_an_unsteady_spot_says_what_follows():
    (row,) = hot_spot_rows(with_spot(stability=0.6, is_stable=False))
    assert "cannot by itself ask for police" in row.stability


def test_many_streets_are_cut_and_none_is_told():
    names = tuple(f"{letter} Road" for letter in "ABCDEFGHI")
    (row,) = hot_spot_rows(with_spot(street_names=names))
    assert row.where == "A Road, B Road, C Road, D Road, E Road, F Road and 3 more"
    (row,) = hot_spot_rows(with_spot(street_names=()))
    assert row.where == "Unnamed paths"


def test_hostile_names_are_cleaned():
    (row,) = hot_spot_rows(with_spot(street_names=("A\u202e http://x.test Road",)))
    assert row.where == "A x.test Road"


def test_findings_keep_their_order_and_warnings():
    assert [(r.title, r.is_warning) for r in finding_rows(sample_plan())] == [
        ("Two halves", False),
        ("Shuffled times", True),
    ]


def test_hot_spots_are_a_layer_of_the_map():
    def spots(plan):
        made = layers.make_map(
            replace(plan, patrols=()), (), {}, risk_reach_m=100.0, tiles=MapTiles()
        )
        return json.loads(made.data)["spots"]

    (spot,) = spots(sample_plan())
    assert spot["words"][0].startswith("Hot spot H1: ")
    assert spot["rings"]
    assert spots(replace(sample_plan(), hot_spots=())) == []
