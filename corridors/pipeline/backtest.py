"""A back-test of the risk: the same chain as a plan's, scored on months that it had not seen."""

from __future__ import annotations

import numpy as np

from corridors.model import AreaInputs, BacktestReport
from corridors.pipeline.area import all_pupils, find_area, pupils_by_school
from corridors.pipeline.chance import generator
from corridors.pipeline.progress import Progress
from corridors.pipeline.reports import find_reports, sample_of
from corridors.profile import Profile
from corridors.risk.backtest import About, run_backtest, thin
from corridors.risk.lattice import build_lattice
from corridors.risk.mixture import Baselines
from corridors.tables import Segments


def make_backtest(
    inputs: AreaInputs,
    profile: Profile,
    *,
    keep_share: float = 1.0,
    progress: Progress | None = None,
) -> BacktestReport:
    """Score the learned risk and its rivals on months that they had not seen (D.8).

    Parameters
    ----------
    inputs : one ward, or all of them as one, in EPSG:27700. Only its own streets are scored.
    keep_share : over 0 up to 1; less than 1 leaves incidents out at random, by the profile's seed.
    progress : called with a stage name and the share of all work done.

    Raises
    ------
    WardError, CalendarError, InputError
        If there are no streets, no school days in the time of the incidents, or too few months.
    """
    tell = progress or (lambda _stage, _share: None)
    tell("streets", 0.0)
    area = find_area(inputs, profile, tell)
    tell("reports", 0.4)
    reports = find_reports(area)
    # Every report as one: what is scored is where they were, and the figures stay counts.
    sample = sample_of(reports, reports.placed.is_counted.astype(float), reports.as_told)
    if keep_share < 1:
        key = f"{inputs.ward.code} {keep_share!r}"
        sample = thin(sample, keep_share, generator(profile.seed, "keep share", key))
    tell("months", 0.5)
    return run_backtest(
        area.network,
        build_lattice(area.network, profile.risk.cell_m),
        sample,
        Baselines(
            flow=all_pupils(
                pupils_by_school(area, reports.as_told.shape[1], has_times=reports.placed.has_times)
            ),
            within=area.network.segments[Segments.in_ward].to_numpy(dtype=np.bool_),
        ),
        profile.risk,
        About(
            area=inputs.ward.name,
            has_times=reports.placed.has_times,
            # Of the sources that are read, only data.police.uk has no times, and it snaps.
            is_snapped=not reports.placed.has_times,
            kept_share=keep_share,
        ),
        lambda share: tell("months", 0.5 + 0.5 * share),
    )
