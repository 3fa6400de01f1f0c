"""Test files that take long, longest first: they start first.

A file's tests stay on one worker, and a long file that starts last leaves the others idle. A run
names a file that takes longer than ``LONG_S`` and is not here. The second waits for a server more
than it computes: so that one worker alone compiles what all plans need, and others find it on disk.
"""

from __future__ import annotations

LONG_S = 30.0
LONG_FILES = (
    "test_real_places.py",
    "test_fetch_streets.py",
    "test_pipeline.py",
    "test_pieces_of_a_borough.py",
    "test_withdraw_command.py",
    "test_batch_engines.py",
    "test_approve_commands.py",
    "test_pipeline_no_go.py",
    "test_batch_command.py",
    "test_pipeline_week.py",
    "test_batch_runs.py",
    "test_pages_in_browser.py",
    "test_notice_in_browser.py",
    "test_killed_runs.py",
    "test_canary.py",
    "test_hostile_pages.py",
    "test_patrol_cores.py",
    "test_routing_benchmarks.py",
    "test_pipeline_risk.py",
    "test_fetch_command.py",
    "test_evaluation_disclosure.py",
    "test_hostile_files.py",
    "test_explain_session.py",
    "test_country.py",
    "test_pieces.py",
    "test_patrol_bound.py",
    "test_crimes.py",
    "test_evaluation_simulated.py",
    "test_indexes.py",
    "test_meeting_pages_in_browser.py",
)
