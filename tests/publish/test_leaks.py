"""The whole public folder: other incidents, same bytes; and nothing of what staff know (C.5)."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from sample_plan import Names, fresh_plan, sample_profile, with_inputs
from support_weeks import in_week

from corridors import model, publish
from corridors.publish.public import publication

CANARY = "SECRETCANARY"
PEOPLE = ("Zebedee Quorn", "Yolanda Vexley", "Xanthe Wimble", "Wilfred Umber")  # P3 may be named
PROFILE = replace(
    sample_profile(), notice=replace(sample_profile().notice, languages=("en", "cy", "ar"))
)
# Words and numbers that only staff may read, in any file, name of a file, or metadata.
LEAKS = (
    CANARY.lower(), "weight", "score", "hot spot", "hotspot", "kde", "density", "cluster",
    "incident", "robbery", "violence", "antisocial", "anti-social", "drugs", "weapon", "knife",
    "gang", "intelligence", "severity", "evidence", "risk", "upper_bound", "roster", "p_value",
    "sensitive", "_os", "abstraction", "exposure", "segment", "node_id", "route", "stand point",
    "seed", "2026-03-02-s",
)  # fmt: skip


def _folder(root: Path, plan: model.Plan) -> dict[str, bytes]:
    publish.write(plan, PROFILE, root)
    home = root / "maps/public"
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def _secret(plan: model.Plan) -> model.Plan:
    """The plan with a canary in every text for staff."""
    patrols = tuple(
        replace(
            p,
            statement=f"{CANARY} {p.statement}",
            why_aim=CANARY,
            staffing=replace(p.staffing, reason=CANARY, warnings=(CANARY,)),
        )
        for p in plan.patrols
    )
    spots = tuple(replace(s, hot_spot_id=CANARY) for s in plan.hot_spots)
    corridors = tuple(
        replace(c, evidence=replace(c.evidence, by_group=((CANARY, 3.0),), sources=(CANARY,)))
        for c in plan.corridors
    )
    return replace(
        plan, patrols=patrols, hot_spots=spots, corridors=corridors, warnings=(CANARY,),
        risk_words=(CANARY,), parameters=((CANARY, CANARY),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[dict[str, bytes]]:
    """Public folders of plans that differ in incidents and weights only."""
    names = Names(people=PEOPLE)
    made = []
    for seed in (1, 2, 7):
        plan = _secret(fresh_plan(names, weight_seed=seed))
        made.append(_folder(tmp_path_factory.mktemp("leaks"), plan))
    return made


def test_the_plans_do_differ():
    one, other = (fresh_plan(weight_seed=seed) for seed in (1, 2))
    assert not one.inputs.incidents.equals(other.inputs.incidents)
    assert (one.risk != other.risk).any()
    assert one.corridors[0].evidence != other.corridors[0].evidence
    assert one.coverage != other.coverage


def test_other_incidents_give_the_same_public_folder(folders):
    assert len(folders[0]) == 4 * 3 + 1 + 1  # four files a language, the data, the index
    assert folders[0] == folders[1] == folders[2]


def test_two_weeks_that_differ_leak_nothing_by_their_difference(tmp_path):
    """Other incidents, same bytes in both weeks and the index; and no list of what is gone."""
    made = []
    for seed in (1, 7):
        root = tmp_path / str(seed)
        plan = _secret(fresh_plan(Names(people=PEOPLE), weight_seed=seed))
        _folder(root, plan)
        fewer = in_week(replace(plan, patrols=plan.patrols[:1]), 1)
        made.append(_folder(root, fewer))
    assert made[0] == made[1]
    assert len(made[0]) == 2 * (4 * 3 + 1) + 1
    index = made[0]["index.html"].decode()
    assert "Some streets, days, times or adults changed: read the notice." in index
    assert "Wednesday" not in index  # walked in the week before, and not in this one
    assert "o longer" not in index
    for name, data in made[0].items():
        text = data.decode("utf-8-sig").lower().replace("font-weight", "")
        assert [leak for leak in LEAKS if leak in text] == [], name


def test_nothing_that_staff_know_is_in_any_public_file(folders):
    allowed = ("font-weight",)
    for name, data in folders[0].items():
        text = f"{name}\n{data.decode('utf-8-sig')}".lower()
        for word in allowed:
            text = text.replace(word, "")
        assert [leak for leak in LEAKS if leak in text] == [], name


def test_only_who_agreed_is_named(folders):
    for name, data in folders[0].items():
        text = data.decode("utf-8-sig")
        for person in (p for p in PEOPLE if p != PEOPLE[2]):
            assert person not in text, name
            assert person.split()[1] not in text, name


def test_the_search_would_find_a_leak(tmp_path):
    plan = _secret(fresh_plan(Names(people=PEOPLE)))
    publish.write(plan, PROFILE, tmp_path)
    working = b"".join(p.read_bytes() for p in (tmp_path / "maps/working").rglob("*.html"))
    text = working.decode().lower()
    assert CANARY.lower() in text
    assert "risk" in text
    assert PEOPLE[0].lower() in text


def test_permuted_weights_leave_the_order_unchanged(folders):
    data = json.loads(folders[0]["E05999001/2026-W10/notice.json"])
    for corridor in data["corridors"]:
        assert corridor["streets"] == sorted(corridor["streets"])
        assert corridor["lines_lon_lat"] == sorted(corridor["lines_lon_lat"])
    plan = fresh_plan()
    rng = np.random.default_rng(5)
    before = publication(plan, PROFILE.notice, PROFILE.teams).plan
    for _ in range(5):
        order = rng.permutation(len(plan.risk))
        flows = tuple(replace(f, walkers=f.walkers[order]) for f in plan.flows)
        shaken = replace(
            plan, risk=plan.risk[order], flow_slots=plan.flow_slots[order], flows=flows
        )
        after = publication(shaken, PROFILE.notice, PROFILE.teams).plan
        assert asdict(after) == asdict(before)


def test_a_working_plan_cannot_become_a_public_file():
    from corridors.publish.families import bundle, data, notice, notify, short_text
    from corridors.publish.families.languages import ENGLISH

    plan = fresh_plan()
    makers = (
        data.notice_json, notice.render_notice, short_text.short_text,
        lambda p: notify.notify_csv(p, ENGLISH), lambda p: bundle.family_files(p, (ENGLISH,)),
    )  # fmt: skip
    for make in makers:
        for wrong in (plan, plan.inputs, plan.corridors[0], None, vars(plan)):
            with pytest.raises(TypeError, match="PublicPlan"):
                make(wrong)


def test_what_is_not_agreed_leaves_no_public_folder(tmp_path):
    plan = with_inputs(fresh_plan(), approvals=None)
    assert _folder(tmp_path, plan) == {}
