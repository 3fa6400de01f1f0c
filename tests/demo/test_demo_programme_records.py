"""The demo's records beside its programme are whole: they keep no pack back."""

from datetime import date

from support_workspace import write

from corridors import demo, sources
from corridors.demo.programme_records import KEY
from corridors.evaluation.completeness import missing_records, told_records
from corridors.sources.evaluation_records import load_records
from corridors.sources.logs import decisions_of

TODAY = date(2026, 3, 9)


def opened(folder):
    for name, content in demo.files().items():
        write(folder / name, content)
    return sources.open_workspace(folder)


def test_the_demos_records_keep_no_pack_back_and_tell_what_has_to_be_shown(tmp_path):
    workspace = opened(tmp_path)
    records, governance = load_records(workspace), workspace.profile.governance
    assert missing_records(records, KEY, governance, TODAY) == ()
    told = " ".join(told_records(records, KEY, governance))
    assert "A negative effect is on record by race." in told
    assert "Police were there when this group was asked: Parents" in told
    assert len(decisions_of(records.decisions)) == 2
    assert records.consultation is not None
    assert "rejected" in set(records.consultation["use"])


def test_activities_have_the_outcomes_of_the_profiles_aims(tmp_path):
    workspace = opened(tmp_path)
    activities = load_records(workspace).activities
    assert activities is not None
    assert set(activities["outcome"]) <= {aim.outcome for aim in workspace.profile.teams.aims}
