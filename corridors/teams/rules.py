"""The rules about people by name: what each says in plain words, and what keeps it.

Every rule has an ID from the requirements; a test is named after each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rule:
    """One rule. ``enforced_by`` is where the code is that keeps it, as ``module:function``."""

    rule_id: str
    words: str
    enforced_by: str


RULES: Final = (
    Rule("A1", "Every patrol has exactly one aim.", "corridors.teams.needs:require_needs"),
    Rule("A2", "Every aim has an outcome and a commitment.", "corridors.profile:Aim"),
    Rule(
        "A3",
        "Every patrol states the risk it answers; too little evidence is no patrol.",
        "corridors.risk.evidence:why_not",
    ),
    Rule(
        "A6",
        "Of two mixes that cover the same, pupils meet fewer police; the figure is told.",
        "corridors.teams.wishes:wishes_of",
    ),
    Rule(
        "A7",
        "A school takes part by its own agreement only.",
        "corridors.network.scope:schools_in_scope",
    ),
    Rule(
        "B1",
        "The aim decides who walks, and whether police walk at all.",
        "corridors.teams.program:build",
    ),
    Rule(
        "B2",
        "Where police do not walk, every party has agreed the protocol.",
        "corridors.teams.protocol:missing_parties",
    ),
    Rule(
        "B3",
        "Nobody walks with police nearer than they agreed to.",
        "corridors.teams.candidates:accepts",
    ),
    Rule(
        "B4",
        "How police change who comes is told, as totals only.",
        "corridors.teams.attendance:attendance",
    ),
    Rule("B5", "Every role can walk; statutory or not is recorded.", "corridors.tables:People"),
    Rule("B6", "Every role says in plain words what it does.", "corridors.profile:Teams"),
    Rule(
        "B8",
        "Police alone need a written reason.",
        "corridors.teams.governance:police_alone_reason",
    ),
    Rule(
        "B9",
        "Who designed, proposed, agreed and published is on record, by organisation.",
        "corridors.teams.agreement:require_next",
    ),
    Rule(
        "B10",
        "Whether police lead or support is recorded, and the share told.",
        "corridors.teams.parts:part_of",
    ),
    Rule("B11", "Where police walk, the policing purpose is recorded.", "corridors.profile:Aim"),
    Rule(
        "B12",
        "Staff and youth workers enforce nothing; police manage no behaviour.",
        "corridors.profile:RoleCard",
    ),
    Rule(
        "B13",
        "Where the profile demands training, nobody walks without it.",
        "corridors.teams.candidates:is_trained",
    ),
    Rule(
        "B14",
        "Stand-ins walk where nobody else can, with the same training, never from response.",
        "corridors.teams.candidates:may_stand_in",
    ),
    Rule(
        "B15",
        "Police out of uniform are told with who approved it.",
        "corridors.teams.roster:solve_roster",
    ),
    Rule("B17", "What a patrol costs whom is told.", "corridors.teams.figures:costs"),
    Rule(
        "B18",
        "Where the profile demands vetting, nobody walks without it.",
        "corridors.teams.candidates:is_vetted",
    ),
    Rule(
        "C1",
        "A school-linked officer has no more schools than the profile says.",
        "corridors.teams.candidates:within_schools",
    ),
    Rule(
        "C2",
        "Where the profile asks, a school without a named officer is told.",
        "corridors.teams.governance:schools_without_officer",
    ),
    Rule(
        "C3",
        "Which schools are in scope is the profile's; others are called what it calls them.",
        "corridors.network.scope:schools_in_scope",
    ),
    Rule(
        "C4",
        "People stay with their schools and wards.",
        "corridors.teams.candidates:works_here",
    ),
    Rule(
        "C5",
        "A school without a point of contact is on no notice.",
        "corridors.publish.public:publication",
    ),
    Rule(
        "C6",
        "A school that withdrew takes no part from that day.",
        "corridors.network.scope:takes_part_on",
    ),
    Rule(
        "C7",
        "Somebody who is away does not walk; the re-plan changes as little as can be.",
        "corridors.teams.candidates:is_free",
    ),
    Rule(
        "C8",
        "Where no police are left, the protocol must stand, or nothing is published.",
        "corridors.teams.protocol:missing_parties",
    ),
    Rule(
        "C9",
        "Nothing is published that the school did not agree to.",
        "corridors.teams.agreement:covers",
    ),
    Rule(
        "C10",
        "Patrol time is told by school and per 1,000 pupils.",
        "corridors.teams.figures:school_minutes",
    ),
    Rule(
        "C11",
        "The same people come to a corridor week after week; the share is told.",
        "corridors.teams.figures:repeat_share",
    ),
    Rule(
        "C13",
        "A programme without end or review, or past them, is told.",
        "corridors.teams.governance:programme_faults",
    ),
    Rule(
        "C14",
        "Every card says whom to call, and who is there when an officer speaks to a pupil.",
        "corridors.publish.cards:make_cards",
    ),
    Rule(
        "D1",
        "A school has 20 toolkit points a year, never below none.",
        "corridors.teams.ledger:accounts",
    ),
    Rule(
        "D2", "Patrols cost no points and no balance stops them.", "corridors.teams.ledger:accounts"
    ),
    Rule(
        "D3",
        "What things cost is a file that says where its figures come from.",
        "corridors.sources.toolkit:read_costs",
    ),
    Rule(
        "D4",
        "Where the sources disagree on points, the file says so.",
        "corridors.sources.toolkit:read_costs",
    ),
    Rule(
        "D5",
        "What brings police and pupils together shows three questions.",
        "corridors.sources.toolkit:read_costs",
    ),
    Rule(
        "E7",
        "A changed or cancelled notice is followed by a new version.",
        "corridors.publish.public:cancellation",
    ),
    Rule(
        "F6",
        "Without a data sharing agreement nothing is published.",
        "corridors.teams.governance:data_sharing_fault",
    ),
    Rule("F8", "The log of approvals shows if any row was changed.", "corridors.chain:chain_of"),
    Rule(
        "H7",
        "Special schools and alternative provision need an approval by name.",
        "corridors.network.scope:schools_in_scope",
    ),
)
