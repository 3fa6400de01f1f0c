"""The plan as data: all that is needed to check it. OFFICIAL-SENSITIVE.

People stand in it by id only; their names are in the roster.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import pyproj

from corridors.crs import METRIC, SHIFT_NAME
from corridors.model import Corridor, Coverage, Patrol, Plan, SourceRecord, local_time
from corridors.network.flow import pupils_met
from corridors.profile import Flow, Profile
from corridors.publish.cards import MARKING, in_order, school_name
from corridors.publish.costs import patrol_costs, week_costs
from corridors.remit import as_data, patrol_urns, remit_of, remits_of, roster_hash, roster_of
from corridors.teams.abstraction import plan_abstraction
from corridors.teams.agreement import entries_of

# 2: remits and rosters can be read back (sources.rosters); 3: roster in figures; 4: other wards;
# 5: which share of each school's walkers a corridor has
FORMAT: Final = 5
_LIBRARIES: Final = ("geopandas", "numpy", "ortools", "pandas", "scikit-learn", "scipy", "shapely")
_DECIMALS: Final = 6


def plan_json(plan: Plan, profile: Profile) -> bytes:
    """UTF-8 JSON with sorted keys and numbers rounded to 6 decimals; no clock, no machine."""
    data = {
        "marking": MARKING,
        "format": FORMAT,
        "versions": versions(plan),
        "crs": {"code": METRIC, "shift": SHIFT_NAME},
        "profile": {"name": plan.profile_name, "source": profile.source},
        "seed": profile.seed,
        "parameters": dict(plan.parameters),
        "ward": {"code": plan.inputs.ward.code, "name": plan.inputs.ward.name},
        "week": {"label": plan.inputs.week.label, "days": plan.inputs.week.days},
        "made_on": plan.inputs.made_on,
        "has_times": plan.has_times,
        "sources": [_source(s) for s in plan.inputs.sources],
        "streets": {
            "extract_date": plan.inputs.streets.extract_date,
            "segments": len(plan.network.segments),
            "nodes": len(plan.network.nodes),
            "dropped": plan.network.dropped,
        },
        "risk": {
            "start": local_time(plan.risk_start_min),
            "slots": plan.risk.shape[1],
            "weights": [asdict(w) for w in plan.risk_weights],
            "words": plan.risk_words,
        },
        "hot_spots": [asdict(h) for h in plan.hot_spots],
        "findings": [asdict(f) for f in plan.findings],
        "sessions": [asdict(s) for s in plan.sessions],
        "corridors": [_corridor(plan, c, profile.flow) for c in plan.corridors],
        "no_patrol": [asdict(n) for n in plan.no_patrol],
        "patrols": [_patrol(plan, p) for p in in_order(plan.patrols)],
        "remits": {
            urn: {"remit": remit_of(patrols), "patrols": [as_data(p) for p in patrols]}
            for urn, patrols in remits_of(plan).items()
        },
        "approvals": [
            asdict(e)
            for e in entries_of(
                plan.inputs.approvals, plan.inputs.ward.code, plan.inputs.week.label
            )
        ],
        "roster": _roster(plan),
        "roster_sha256": roster_hash(roster_of(plan)),
        "control_days": [asdict(c) for c in plan.control_days],
        "coverage": [{"session": i, "day": d, **_coverage(c)} for i, d, c in plan.coverage],
        "abstraction": _abstraction(plan),
        "warnings": plan.warnings,
    }
    text = json.dumps(stable(data), sort_keys=True, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def versions(plan: Plan) -> dict[str, str]:
    """Of this program and of the libraries that figures depend on."""
    return {
        "corridors": plan.version,
        "proj": pyproj.proj_version_str,
        **{name: version(name) for name in _LIBRARIES},
    }


def _source(source: SourceRecord) -> dict[str, Any]:
    return {**asdict(source), "file": source.file_name}


def _corridor(plan: Plan, corridor: Corridor, params: Flow) -> dict[str, Any]:
    risk = plan.risk[list(corridor.segment_ids)]
    return {
        **asdict(corridor),
        "walker_share": walker_share(plan, corridor, params),
        "school_names": [school_name(plan, urn) for urn in corridor.urns],
        "evidence": {**asdict(corridor.evidence), "is_enough": corridor.evidence.is_enough},
        "risk_per_m": risk.sum(axis=1).tolist(),
        "risk_per_m_slot": risk.tolist(),
    }


def walker_share(plan: Plan, corridor: Corridor, params: Flow) -> dict[str, float]:
    """Of those who leave each school on foot, the share who walk on the corridor (D.6), by URN."""
    on_foot = params.share_home + params.share_bus + params.share_rail
    ids = np.array(corridor.segment_ids, dtype=np.int64)
    found = {}
    for flow in plan.flows:
        walkers = flow.roll * on_foot
        met = pupils_met(plan.network, flow, ids) if flow.walkers[ids].any() else 0.0
        if walkers > 0 and met > 0:
            found[flow.urn] = min(met / walkers, 1.0)
    return found


def _patrol(plan: Plan, patrol: Patrol) -> dict[str, Any]:
    return {
        **asdict(patrol),
        "costs": [asdict(row) for row in patrol_costs(plan, patrol)],
        "urns": patrol_urns(plan, patrol),
        "start": local_time(patrol.start_min),
        "end": local_time(patrol.end_min),
        "staffing": {**asdict(patrol.staffing), "is_staffed": patrol.staffing.is_staffed},
    }


def _roster(plan: Plan) -> dict[str, Any]:
    report = plan.roster
    return {
        **asdict(report),
        "costs": [asdict(row) for row in week_costs(plan)],  # one person's pay is not to be read
        "unproven": report.unproven,
        "minutes_ratio": report.minutes_ratio,
    }


def _abstraction(plan: Plan) -> dict[str, Any]:
    found = plan_abstraction(plan.inputs, plan.patrols)
    return {**asdict(found), "lost": found.lost, "rate": found.rate}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {**asdict(coverage), "gap": coverage.gap}


def stable(value: Any) -> Any:
    """The same number on every machine, and nothing that JSON cannot hold."""
    if isinstance(value, dict):
        return {str(k): stable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [stable(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, _DECIMALS) + 0.0 if math.isfinite(value) else None
    if hasattr(value, "item"):  # a NumPy number
        return stable(value.item())
    return value
