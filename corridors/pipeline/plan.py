"""From validated inputs to a week's plan.

``make_plan`` goes ground (streets, schools, flow) → danger (evidence, risk, corridors) → routes →
teams. Each step is a function of the frozen results before it.
"""

from __future__ import annotations

from corridors import __version__
from corridors.model import ControlDay, Inputs, Plan
from corridors.pipeline.danger import find_danger
from corridors.pipeline.duties import duties
from corridors.pipeline.ground import find_ground, flow_slots, risk_start_min, slot_starts_min
from corridors.pipeline.piece import Piece, find_piece
from corridors.pipeline.progress import Progress
from corridors.pipeline.random_days import control_words
from corridors.pipeline.routes import Routed, route_all
from corridors.pipeline.staffing import staff
from corridors.pipeline.telling import parameters, warnings_of
from corridors.pipeline.told import settled
from corridors.pipeline.trust import find_trust
from corridors.profile import Profile
from corridors.risk.mixture import words
from corridors.teams.abstraction import abstraction_words, plan_abstraction


def make_plan(inputs: Inputs, profile: Profile, progress: Progress | None = None) -> Plan:
    """Plan a ward's week.

    Parameters
    ----------
    inputs : validated tables in EPSG:27700, see ``model.Inputs``.
    profile : the policy profile; every number used is copied into ``Plan.parameters``.
    progress : called with a stage name and the share of all work done.

    Returns
    -------
    The plan. Schools without a patrol are in ``Plan.no_patrol`` with the reason (A3).

    Raises
    ------
    WardError, CalendarError, InputError
        If the ward has no streets, the week no school day, or the calendar does not reach the
        incidents.
    CorridorsError
        If an independent check finds a broken rule: a bug.
    """
    tell = progress or (lambda _stage, _share: None)
    tell("streets", 0.0)
    return plan_piece(find_piece(inputs, profile), tell)


def plan_piece(piece: Piece, progress: Progress | None = None) -> Plan:
    """Plan a ward's week from its piece: see ``make_plan``. Nothing else is looked at."""
    tell = progress or (lambda _stage, _share: None)
    area, inputs, profile = piece.area, piece.inputs, piece.area.profile
    ground = find_ground(piece)
    tell("risk", 0.3)
    danger = find_danger(ground)
    trust = find_trust(danger)
    tell("routes", 0.45)
    routed = route_all(ground, danger, tell)
    tell("teams", 0.85)
    patrols, report, roster_warnings = staff(ground, trust, routed)
    control = _control_days(routed)
    left_out = {*ground.left_out, *danger.left_out, *(n for r in routed for n in r.left_out)}
    plan = Plan(
        inputs=inputs,
        profile_name=profile.name,
        version=__version__,
        network=area.network,
        gates=area.gates,
        flows=area.flows,
        flow_slots=flow_slots(ground),
        slot_start_min=tuple(slot_starts_min(ground.sessions).tolist()),
        risk=danger.risk,
        risk_start_min=risk_start_min(ground),
        risk_weights=danger.learning.learned.weights,
        risk_words=words(danger.learning.learned),
        hot_spots=trust.hot_spots,
        findings=trust.findings,
        has_times=danger.placed.has_times,
        corridors=danger.corridors,
        no_patrol=tuple(sorted(left_out, key=lambda n: (n.urn, n.reason))),
        sessions=ground.sessions,
        patrols=patrols,
        coverage=tuple((r.number - 1, r.day, r.coverage) for r in routed if r.coverage is not None),
        warnings=(
            *warnings_of(ground, danger, routed, patrols),
            *duties(ground, danger.corridors, patrols),
            *roster_warnings,
            *abstraction_words(plan_abstraction(inputs, patrols)),
            *control_words(control, profile.patrols.days_share),
        ),
        parameters=parameters(profile),
        control_days=control,
        roster=report,
    )
    tell("done", 1.0)
    return settled(plan)


def _control_days(routed: tuple[Routed, ...]) -> tuple[ControlDay, ...]:
    found = {day for one in routed for day in one.control}
    return tuple(sorted(found, key=lambda d: (d.day, d.corridor_id, d.urns)))
