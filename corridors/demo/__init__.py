"""A fictional town with two wards, in exactly the formats of the real sources.

It lies in the North Sea, so that no real street is called risky. Everything follows from a seed:
streets, schools, eighteen months of incidents, people, agreements, term dates. ``corridors demo``
writes it; tests and simulations make as many towns as they need.
"""

from __future__ import annotations

from corridors.demo import (
    incidents,
    osm_xml,
    people_records,
    programme_records,
    records,
    schools,
    touched_records,
    town,
    workspace,
)
from corridors.demo.approvals import Remits, approvals, known_remits
from corridors.demo.schools import CLOSED, School, Site
from corridors.demo.setting import Setting
from corridors.demo.town import Town

__all__ = ["files", "files_of"]

_CLOSED_AT = (-820.0, 190.0)


def files(
    seed: int = 2026,
    *,
    east_m: float = 620_000.0,
    north_m: float = 470_000.0,
    ward_number: int = 999_001,
    first_urn: int = 900_001,
    first_osm_id: int = 1,
    remits: Remits | None = None,
) -> dict[str, bytes]:
    """Make one fictional town's workspace.

    Parameters
    ----------
    seed : decides every draw; the same seed gives the same bytes on every machine.
    east_m, north_m : the town's middle, metres, EPSG:27700.
    ward_number : six digits of the first ward's code (``E05`` + digits); the second is one more.
    first_urn : number of the first of five schools.
    first_osm_id : id of the first node and of the first way.
    remits : what the schools agreed to; as last renewed if not told.

    Returns
    -------
    Content by path relative to the workspace, sorted by path.

    Raises
    ------
    InputError
        If the town would leave the British National Grid or a code its form.
    """
    setting = Setting(seed, east_m, north_m, ward_number, first_urn, first_osm_id)
    return files_of(town.build(setting), setting, remits)


def files_of(made: Town, setting: Setting, remits: Remits | None = None) -> dict[str, bytes]:
    """The files of a town that is built: it may stand in several places, with other codes in each.

    Parameters
    ----------
    made : from ``town.build`` with the seed of ``setting``.
    setting : where the town stands, and its codes.
    remits : as in ``files``.
    """
    found = {
        "corridors.toml": workspace.TOML.encode(),
        "data/boundaries/demo_wards.geojson": workspace.boundaries(made, setting),
        "data/calendar/demo_terms.csv": records.terms(made.schools),
        "data/evaluation/demo_encounters.csv": touched_records.encounters(setting),
        "data/evaluation/demo_pupils.csv": touched_records.pupils(setting, made.schools),
        "data/evaluation/demo_surveys.csv": touched_records.surveys(setting),
        "data/incidents/demo_force_export.csv": incidents.export(made, setting),
        "data/osm_cache/demo.osm": osm_xml.write(made, setting),
        "data/patrols/demo_debriefs.csv": touched_records.debriefs(),
        "data/people/demo_absences.csv": people_records.absences(),
        "data/people/demo_approvals.csv": approvals(
            setting, made.schools, known_remits() if remits is None else remits
        ),
        "data/people/demo_agreements.csv": records.agreements(made.schools),
        "data/people/demo_aims.csv": records.aims(made.schools),
        "data/people/demo_consents.csv": people_records.consents(made.schools),
        "data/people/demo_decisions.csv": programme_records.decisions(),
        "data/people/demo_people.csv": records.people(setting, made.schools),
        "data/people/demo_protocol.csv": records.protocol(made.schools),
        "data/people/demo_protocol_terms.csv": people_records.protocol_terms(),
        f"data/programmes/{programme_records.KEY}.toml": programme_records.programme(
            made.schools, _sites(made), setting.ward_codes, made.name
        ),
        "data/programmes/demo_activities.csv": programme_records.activities(),
        "data/programmes/demo_consultation.csv": programme_records.consultation(),
        "data/programmes/demo_equality.csv": programme_records.equality(),
        "data/schools/demo_edubasealldata.csv": schools.register(
            setting, made.schools, _sites(made), made.ward_names, made.name
        ),
    }
    return dict(sorted(found.items()))


def _sites(made: Town) -> dict[str, Site]:
    return {school.key: _site(made, school) for school in made.schools}


def _site(made: Town, school: School) -> Site:
    mains = [g.at for g in made.gates if g.key == school.key and g.is_main]
    gate = _CLOSED_AT if school.key == CLOSED else mains[0]
    return Site(gate, town.nearest_street(made.lines, gate), town.ward_of(made, gate))
