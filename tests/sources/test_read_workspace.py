from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from support_workspace import TEXTS, TOML, make_workspace, write

from corridors import sources
from corridors.errors import InputError, MissingFileError, ProfileError, WardError
from corridors.sources.csvs import read_header
from corridors.sources.debriefs import COLUMNS
from corridors.tables import (
    Absences,
    Activities,
    Agreements,
    Approvals,
    ConfirmedAims,
    Consents,
    Consultations,
    Decisions,
    Encounters,
    EqualityRecord,
    GateOverrides,
    Incidents,
    People,
    Places,
    ProtocolParties,
    ProtocolTerms,
    PupilGroups,
    Schools,
    StartPoints,
    SurveyAnswers,
    TermDates,
    ToolkitEntries,
    Ways,
)

MADE_ON = date(2026, 2, 20)


@pytest.fixture
def root(tmp_path):
    return make_workspace(tmp_path)


def load(root, ward="E05990001", week="2026-W10", made_on=MADE_ON):
    return sources.load_inputs(sources.open_workspace(root), ward, week, made_on)


# corridors.toml ---------------------------------------------------------------------------------


def test_a_workspace_is_opened(root):
    opened = sources.open_workspace(root)
    assert (opened.name, opened.profile.name, opened.bank_holidays) == (
        "Test borough",
        "hackney_2024",
        "ENG",
    )
    assert [named.file for named in opened.incidents.files] == ["incidents/a.csv"]
    assert opened.schools.path == root / "schools.csv"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[schools]", "[schols]", "schols.*Did you mean schools"),
        ("[schools]\nfile", "[schools]\nflie", r"schools\.flie.*Did you mean file"),
        ('file = "schools.csv"', "", r"schools\.file.*is missing"),
        ('file = "schools.csv"', "file = 3", "must be a text"),
        ('files = ["incidents/*.csv"]', 'files = "x.csv"', "must be a list"),
        ('files = ["incidents/*.csv"]', "files = []", "is missing"),
        ('"hackney_2024"', '"hackny_2024"', "Did you mean hackney_2024"),
        ('"hackney_2024"', '"mine.toml"', "no such profile file"),
        ('"ENG"', '"UK"', "ENG, WLS, SCT, NIR"),
        ("name = ", "name = = ", "TOML"),
        ("[stops]", '[incidents.columns]\nfrm = "x"\n[stops]', "Did you mean from"),
        ("[stops]", '[incidents.offences]\n"ABH" = "violense"\n[stops]', "violence, robbery"),
        ("[incidents]", '[incidents]\nkind = "api"', "auto, force, police_uk"),
        ("[schools]\n", "schools = 3\n[x]\n", "unknown key|must be a section"),
    ],
)
def test_a_wrong_key_is_told_with_what_to_do(root, old, new, words):
    assert old in TOML
    write(root / "corridors.toml", TOML.replace(old, new, 1))
    with pytest.raises(ProfileError, match=words):
        sources.open_workspace(root)


def test_no_workspace_here(tmp_path):
    with pytest.raises(MissingFileError, match="corridors init"):
        sources.open_workspace(tmp_path)


def test_paths_may_lie_outside_and_patterns_are_sorted(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere")
    for name in ("b.csv", "a.csv"):
        write(other / name, TEXTS["incidents/a.csv"])
    relative = f"../{root.name}/incidents/a.csv"
    toml = TOML.replace(
        '"incidents/*.csv"', f'"{other.as_posix()}/*.csv", "{relative}", "incidents/a.csv"'
    )
    write(root / "corridors.toml", toml)
    files = [named.file for named in sources.open_workspace(root).incidents.files]
    expected = [
        relative,
        f"{other.as_posix()}/a.csv",
        f"{other.as_posix()}/b.csv",
        "incidents/a.csv",
    ]
    assert files == sorted(expected)
    # The same incidents three times over are still the same incidents.
    assert len(load(root).incidents) == len(TEXTS["incidents/a.csv"].splitlines()) - 1


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("people.csv", "people.file"),
        ("gates.csv", "gates.file"),
        ("incidents/a.csv", "incidents.files"),
        ("streets.osm", "streets.file"),
    ],
)
def test_a_missing_file_names_its_key(root, name, key):
    (root / name).unlink()
    with pytest.raises(MissingFileError) as caught:
        load(root)
    assert (caught.value.file, caught.value.column) == ("corridors.toml", key)
    assert caught.value.fix


# Profiles ---------------------------------------------------------------------------------------


def test_every_shipped_profile_can_be_read():
    assert {"hackney_2024", "tvp_2025"} <= set(sources.shipped_profiles())
    for name in sources.shipped_profiles():
        assert sources.read_profile(name).name == name


def test_a_profile_of_ones_own(tmp_path):
    write(tmp_path / "mine.toml", 'name = "mine"\nsaed = 3\n')
    with pytest.raises(ProfileError, match="Did you mean seed") as caught:
        sources.read_profile("mine.toml", tmp_path)
    assert caught.value.file == "mine.toml"


@pytest.mark.parametrize("name", ["../hackney_2024", "", "hackney_2024.tom"])
def test_profiles_are_named_not_found_by_path_tricks(name):
    with pytest.raises(ProfileError, match="no such profile"):
        sources.read_profile(name)


# Loading ----------------------------------------------------------------------------------------


def test_everything_is_loaded_and_valid(root):
    found = load(root)
    assert (found.ward.code, found.ward.name) == ("E05990001", "West End")
    assert found.week.days[0] == date(2026, 3, 2)
    assert list(found.schools.index) == ["900001"]  # the other is far away
    assert len(found.incidents) == 4
    assert found.streets.places["kind"].tolist() == ["bus_stop", "station"]
    for schema, frame in (
        (Ways, found.streets.ways),
        (Places, found.streets.places),
        (Schools, found.schools),
        (Incidents, found.incidents),
        (People, found.people),
        (Agreements, found.agreements),
        (ProtocolParties, found.protocol),
        (ConfirmedAims, found.aims),
        (StartPoints, found.starts),
        (GateOverrides, found.gate_overrides),
        (TermDates, found.calendar.terms),
    ):
        schema.validate(frame)
    assert date(2026, 4, 3) in found.calendar.bank_holidays
    kinds = [record.kind for record in found.sources]
    assert kinds == [
        "streets", "boundaries", "schools", "incidents", "stops", "people", "agreements",
        "protocol", "aims", "starts", "gates", "calendar",
    ]  # fmt: skip
    assert all(len(record.sha256) == 64 for record in found.sources)


def test_a_ward_by_name_gives_its_code(root):
    assert load(root, "west end").ward.code == "E05990001"
    with pytest.raises(WardError, match="E05990001"):
        load(root, "Wset End")


def test_streets_reach_beyond_the_ward_by_margin(root):
    opened = sources.open_workspace(root)
    wide = sources.load_inputs(opened, "E05990001", "2026-W10", MADE_ON)
    assert wide.streets.vertex_xy_m[:, 0].min() < 530_000
    margin_m = replace(opened.profile.streets, margin_m=5000.0)
    changed = replace(opened, profile=replace(opened.profile, streets=margin_m))
    with_more = sources.load_inputs(changed, "E05990001", "2026-W10", MADE_ON)
    assert len(with_more.schools) == len(wide.schools) == 1


def test_optional_files_may_be_left_out(root):
    optional = ("stops", "protocol", "aims", "starts", "gates")
    parts = TOML.split("\n[")
    kept = [part for part in parts if not part.startswith(tuple(f"{o}]" for o in optional))]
    write(root / "corridors.toml", "\n[".join(kept))
    found = load(root)
    assert all(frame.empty for frame in (found.protocol, found.aims, found.starts))
    assert found.gate_overrides.empty
    assert found.streets.places.empty


def test_shuffled_rows_load_the_same(root):
    before = load(root)
    for name in (
        "incidents/a.csv",
        "people.csv",
        "schools.csv",
        "terms.csv",
        "gates.csv",
        "stops.csv",
    ):
        head, *rows = TEXTS[name].splitlines()
        write(root / name, "\n".join([head, *reversed(rows)]) + "\n")
    after = load(root)
    for name in ("incidents", "people", "schools", "gate_overrides"):
        pd.testing.assert_frame_equal(getattr(before, name), getattr(after, name))
    pd.testing.assert_frame_equal(before.calendar.terms, after.calendar.terms)
    pd.testing.assert_frame_equal(
        pd.DataFrame(before.streets.places), pd.DataFrame(after.streets.places)
    )


def test_an_agreement_for_an_unknown_school(root):
    write(root / "agreements.csv", TEXTS["agreements.csv"].replace("900001", "900003"))
    with pytest.raises(InputError, match="Did you mean 90000"):
        load(root)


def test_no_free_text_or_personal_column_is_loaded(root):
    found = load(root)
    text = repr(found) + "".join(
        frame.to_csv() for frame in (found.incidents, found.schools, found.people)
    )
    assert "CANARY" not in text


@pytest.mark.realdata
def test_a_real_borough(root, realdata):
    """Streets, wards, schools, stops and crimes of a borough, under records of our own."""
    camden = realdata / "camden"
    toml = (
        TOML.replace("streets.osm", str(camden / "camden.osm.pbf"))
        .replace("wards.geojson", str(camden / "wards_E09000007.geojson"))
        .replace("schools.csv", str(camden / "schools_gias_columns.csv"))
        .replace("incidents/*.csv", str(camden / "police_monthly" / "2018-0*.csv"))
        .replace('"stops.csv"', f'"{camden / "camden_stations.csv"}"')
    )
    write(root / "corridors.toml", toml)
    for name in ("agreements.csv", "aims.csv", "starts.csv", "gates.csv"):
        write(root / name, TEXTS[name].replace("900001", "100005"))
    found = load(root, "bloomsbury", made_on=date(2018, 5, 31))
    assert found.ward.code == "E05000129"
    assert 20 < len(found.schools) < 116
    months = [record for record in found.sources if record.kind == "incidents"]
    assert len(months) == 6
    # June lay ahead on the day: its crimes are counted and left out.
    assert (months[-1].rows_used, months[-1].last) == (0, None)
    assert found.incidents["month"].max() == pd.Timestamp("2018-05-01")
    placed = [r.rows_used + sum(n for _, n in r.dropped) for r in months]
    assert placed == [record.rows_read for record in months]
    stations = found.streets.places[found.streets.places["kind"] == "station"]
    # Mapped and listed stations are the same ones: none stands twice within 25 m.
    assert len(stations) < 50
    lines, errors = sources.check(sources.open_workspace(root))
    assert errors == ()
    assert len(lines) == 17


# Checking ---------------------------------------------------------------------------------------


def test_check_has_a_line_for_each_file(root):
    lines, errors = sources.check(sources.open_workspace(root))
    assert errors == ()
    assert len(lines) == 12
    by_kind = {line.kind: line for line in lines}
    line = by_kind["incidents"]
    assert (line.rows_read, line.rows_used) == (4, 4)
    assert line.area == "E 530 to 531 km, N 180 to 181 km"
    assert (line.first, line.last) == (date(2026, 2, 2), date(2026, 2, 5))
    assert "02/02/2026 to 05/02/2026" in str(line)
    assert json.loads(json.dumps(line.as_dict()))["dropped"] == {}
    assert "1 dropped (no longer in use)" in str(by_kind["stops"])


def test_check_tells_all_errors_at_once(root):
    write(root / "people.csv", TEXTS["people.csv"].replace("youth_worker", "youth_wroker"))
    write(root / "terms.csv", TEXTS["terms.csv"].replace("15:15", "3:15"))
    write(root / "schools.csv", "")
    write(root / "incidents/b.csv", "x\n1\n")
    (root / "wards.geojson").unlink()
    write(root / "gates.csv", b"\xff\xfe")
    lines, errors = sources.check(sources.open_workspace(root))
    named = {error.value if error.file == "corridors.toml" else error.file for error in errors}
    assert named == {
        "people.csv", "terms.csv", "schools.csv", "incidents/b.csv", "wards.geojson", "gates.csv",
    }  # fmt: skip
    kinds = {line.kind for line in lines}
    assert kinds == {"streets", "incidents", "stops", "agreements", "protocol", "aims", "starts"}


# Starting ---------------------------------------------------------------------------------------


def test_a_new_workspace_opens_and_says_what_is_missing(tmp_path):
    for name, content in sources.init_files().items():
        write(tmp_path / name, content)
    opened = sources.open_workspace(tmp_path)
    lines, errors = sources.check(opened)
    missing = {str(error.value) for error in errors if isinstance(error, MissingFileError)}
    assert missing == {
        opened.streets.file, opened.boundaries.file, opened.schools.file, "data/incidents/*.csv",
    }  # fmt: skip
    # Templates that must be filled in say so; optional ones may stay empty.
    unfilled = {error.file for error in errors if "no rows" in error.problem}
    assert unfilled == {opened.people.file, opened.agreements.file, opened.calendar.file}
    assert {line.kind for line in lines} == {
        "protocol", "protocol_terms", "consents", "absences", "aims", "approvals", "decisions",
        "consultation", "activities", "equality", "debriefs", "encounters", "pupils", "surveys",
    }  # fmt: skip


def test_templates_have_the_headers_that_are_read(tmp_path):
    files = sources.init_files()
    for template, headers in (
        ("data/people/people.csv", ("person_id", *People.columns())),
        ("data/people/agreements.csv", ("urn", *Agreements.columns())),
        ("data/people/protocol.csv", ("party", *ProtocolParties.columns())),
        ("data/people/protocol_terms.csv", ("field", *ProtocolTerms.columns())),
        ("data/people/consents.csv", tuple(Consents.columns())),
        ("data/people/absences.csv", tuple(Absences.columns())),
        ("data/people/approvals.csv", tuple(Approvals.columns())),
        ("data/people/decisions.csv", tuple(Decisions.columns())),
        ("data/programmes/consultation.csv", tuple(Consultations.columns())),
        ("data/programmes/activities.csv", tuple(Activities.columns())),
        ("data/programmes/equality.csv", tuple(EqualityRecord.columns())),
        ("data/patrols/debriefs.csv", COLUMNS),
        ("data/evaluation/encounters.csv", tuple(Encounters.columns())),
        ("data/evaluation/pupils.csv", tuple(PupilGroups.columns())),
        ("data/evaluation/surveys.csv", tuple(SurveyAnswers.columns())),
        ("data/schools/toolkit.csv", tuple(ToolkitEntries.columns())),
        ("data/people/aims.csv", ("urn", *ConfirmedAims.columns())),
        ("data/people/starts.csv", tuple(TEXTS["starts.csv"].split("\n")[0].split(","))),
        ("data/schools/gates.csv", tuple(TEXTS["gates.csv"].split("\n")[0].split(","))),
        ("data/calendar/terms.csv", tuple(TEXTS["terms.csv"].split("\n")[0].split(","))),
        ("data/no_go.csv", ("name", "easting", "northing", "reach_m", "holds_for")),
        ("data/visits.csv", ("date", "easting", "northing", "minutes")),
    ):
        path = write(tmp_path / template, files[template])
        assert read_header(path, file=template) == headers
        readme = files["README.txt"].decode()
        assert template in readme
        for column in headers:
            assert column in readme
    assert len([name for name in files if name.endswith(".csv")]) == 22


# Records of people ------------------------------------------------------------------------------


def with_records(root, **texts):
    """The workspace with more record files, each named in corridors.toml."""
    toml = TOML
    for kind, text in texts.items():
        write(root / f"{kind}.csv", text)
        toml += f'[{kind}]\nfile = "{kind}.csv"\n'
    write(root / "corridors.toml", toml)
    return root


RECORDS = {
    "consents": "party_kind,party,level,urns,aims,given_by,given_on,expires_on\n"
    "person,P2,none,900001,,Ben Ame,05/01/2026,\n",
    "absences": "person_id,first,last,reason_code,told_on\nP1,02/03/2026,02/03/2026,leave,"
    "27/02/2026\n",
    "protocol_terms": "field,value\nlead_organisation,Youth First\n",
    "approvals": "ward,week,urn,state,remit,by,organisation,on,chain\n",
    "toolkit": "urn,date,item\n900001,02/03/2026,assembly\n",
}


def test_records_are_loaded_where_they_are_kept(root):
    assert load(root).consents is None
    found = load(with_records(root, **RECORDS))
    assert found.consents["party"].tolist() == ["P2"]
    assert found.absences["person_id"].tolist() == ["P1"]
    assert found.protocol_terms.loc["lead_organisation", "value"] == "Youth First"
    assert found.approvals.empty
    assert found.toolkit["item"].tolist() == ["assembly"]
    assert {r.kind for r in found.sources} >= set(RECORDS)


def test_check_names_people_and_schools_that_records_do_not_know(root):
    spoilt = {
        "consents": RECORDS["consents"].replace("900001", "900003"),
        "absences": RECORDS["absences"].replace("P1", "P8"),
        "toolkit": RECORDS["toolkit"].replace("900001", "900007"),
    }
    lines, errors = sources.check(sources.open_workspace(with_records(root, **spoilt)))
    assert {(e.file, e.column, e.value) for e in errors} == {
        ("consents.csv", "urns", "900003"),
        ("absences.csv", "person_id", "P8"),
        ("toolkit.csv", "urn", "900007"),
    }
    assert {line.kind for line in lines} >= {"consents", "toolkit"}
    with pytest.raises(InputError, match="not in the school register"):
        load(root)


def test_check_reads_consents_although_the_people_file_is_wrong(root):
    write(root / "people.csv", TEXTS["people.csv"].replace("youth_worker", "youth_wroker"))
    _, errors = sources.check(sources.open_workspace(with_records(root, **RECORDS)))
    assert [e.file for e in errors] == ["people.csv"]


def check_lines(root):
    return sources.check(sources.open_workspace(root))[0]


def test_f6_a_workspace_says_under_which_agreement_it_shares(root):
    assert load(root).data_sharing == ""
    said = '[governance]\ndata_sharing_agreement = "ISA-2026-014,  12/01/2026"\n'
    write(root / "corridors.toml", TOML + said)
    assert load(root).data_sharing == "ISA-2026-014, 12/01/2026"
    notes = {line.kind: " ".join(line.notes) for line in check_lines(root)}
    assert not any("DATA SHARING" in said for said in notes.values())
    write(root / "corridors.toml", TOML)
    notes = {line.kind: " ".join(line.notes) for line in check_lines(root)}
    assert {kind for kind, said in notes.items() if "DATA SHARING" in said} == {
        "people", "incidents",
    }  # fmt: skip
    write(root / "corridors.toml", TOML + '[governance]\ndata_sharing = "x"\n')
    with pytest.raises(ProfileError, match=r"governance\.data_sharing.*data_sharing_agreement"):
        load(root)
    write(root / "corridors.toml", TOML + "[governance]\nterms_of_reference = 3\n")
    with pytest.raises(ProfileError, match="must be a text"):
        load(root)


def test_what_the_template_shows_as_comments_is_understood(tmp_path):
    """Uncommented, every example key of corridors.toml is a known one."""
    text = sources.init_files()["corridors.toml"].decode()
    lines = [
        line[2:]
        if line.startswith(("# [", '# "')) or (" = " in line[:24] and line[:2] == "# ")
        else line
        for line in text.splitlines()
    ]
    write(tmp_path / "corridors.toml", "\n".join(lines))
    opened = sources.open_workspace(tmp_path)
    assert opened.incidents.columns["from"] == "Committed From"
    assert opened.incidents.offences == {"ABH in the street": "violence"}
    assert opened.starts is not None
    assert opened.gates is not None
    assert len(opened.stops) == 1
