"""A policy profile in plain words, for those who have to live with it: a youth worker, a head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from corridors.profile import TASKS, Aim, AimRule, Mix, Profile, RoleNeed, Teams
from corridors.publish.families.languages import language_name
from corridors.publish.wording import clean, joined
from corridors.tables import OFFENCE_WORDS

LEVELS: Final = {
    "none": "No police are part of it.",
    "on_call": "Police are on call. They are not on the corridor.",
    "nearby_not_joint": "Police are nearby. They do not walk with the others.",
    "joint_visible": "Police walk with the others and can be seen.",
}
_PARTS: Final = {
    "lead": "Police lead these patrols.",
    "support": "Police support these patrols. They do not lead.",
    "": "",
}
_TRAINING: Final = {
    "child_centred": "child-centred practice",
    "trauma": "trauma",
    "send": "special needs and disabilities",
    "cultural_awareness": "cultural awareness",
    "bias_adultification": "racial bias and adultification",
    "restorative": "restorative practice",
    "detached_youth_work": "detached youth work",
    "first_aid": "first aid",
    "safeguarding": "safeguarding",
}
_POSTINGS: Final = {
    "schools": "school officers",
    "neighbourhood": "neighbourhood officers",
    "response": "response officers",
    "public_order": "public order officers",
    "other": "officers with another post",
}
_ORIGINS: Final = {
    "scope.min_high_age": "which ages",
    "scope.younger": "what younger schools have",
    "teams.aims": "aims and who walks for each",
    "teams.barred_postings": "who never stands in",
    "teams.officer_for_every_school": "a named officer for every school",
    "patrols.gate_clear_m": "how far from gates police stand",
    "governance.routines": "meetings and reviews",
    "notice.contact": "whom to tell what you think",
}


_KINDS: Final = {
    "impact": "Whether it helped",
    "harm": "Whether it did harm",
    "fairness": "Whom it touched",
    "process": "How it was run",
    "activity": "What was done",
}


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, one thought a line."""

    title: str
    lines: tuple[str, ...]


def profile_words(profile: Profile) -> tuple[Section, ...]:
    """What a profile says, section by section; short sentences, no keys, no requirement numbers."""
    made = [
        _section(f"Profile {profile.name}", _about(profile)),
        *(_section(f"Aim: {aim.title}", _aim(aim, profile.teams)) for aim in profile.teams.aims),
        _section("Which schools", _schools(profile)),
        _section("When", _times(profile)),
        _section("Who does what", _roles(profile.teams)),
        _section("Limits on people", _limits(profile.teams)),
        _section("Where teams stand and walk", _patrols(profile)),
        _section("What families are told", _notice(profile)),
        _section("The working map", _map(profile)),
        _section("What is looked at afterwards", _evaluation(profile)),
        _section("What has to be agreed", _governance(profile)),
        _section("Where the numbers come from", _origins(profile)),
    ]
    return tuple(made)


def as_text(sections: tuple[Section, ...]) -> str:
    """Headings with a line of hyphens below, and a hyphen before each line."""
    blocks = (
        "\n".join([s.title, "-" * len(s.title), *(f"- {line}" for line in s.lines)])
        for s in sections
    )
    return "\n\n".join(blocks)


def _section(title: str, lines: Iterator[str]) -> Section:
    return Section(clean(title), tuple(clean(line) for line in lines if line))


def _about(profile: Profile) -> Iterator[str]:
    yield f"It follows: {profile.source}."
    yield "A profile is a file. Partners may change every number in it."
    yield "The tool proposes. A person decides."


def _aim(aim: Aim, teams: Teams) -> Iterator[str]:
    yield f"It is for this: {_lower(aim.outcome)}."
    yield f"It serves this commitment: {_lower(aim.commitment)}."
    for position, mix in enumerate(aim.mixes):
        yield from _mix(mix, teams, is_first=position == 0)
    if any(mix.police_walk for mix in aim.mixes):
        yield f"If police are there, it is to {_lower(aim.policing_purpose)}."
    if any(mix.police_walk for mix in aim.mixes) and any(not m.police_walk for m in aim.mixes):
        yield "If both ways cover the same patrols, the one with fewer police is taken."
    rules = [rule for rule in teams.aim_rules if rule.aim == aim.key]
    for rule in rules:
        yield from _rule(rule)
    if teams.default_aim == aim.key:
        yield "It is suggested where the records point to no other aim."
    elif not rules:
        yield "The records never suggest it. A person has to choose it."


def _mix(mix: Mix, teams: Teams, *, is_first: bool) -> Iterator[str]:
    who = joined(_need(need, teams) for need in mix.needs if need.maximum)
    yield f"{'First choice' if is_first else 'If that cannot be done'}: {who}."
    yield LEVELS[mix.police_level]
    yield _PARTS[mix.police_part]
    if mix.may_be_police_alone:
        yield "Here police may walk alone. Without a written reason it is not published."
    if not mix.police_walk:
        yield "All partners must have agreed the protocol for such patrols."


def _need(need: RoleNeed, teams: Teams) -> str:
    low, high = need.minimum, need.maximum
    count = str(low) if low == high else f"{low} to {high}"
    titles = [_lower(teams.card(role).title) for role in dict.fromkeys(need.roles)]
    people = "person" if high == 1 else "people"
    return f"{count} {people} ({_either(titles)})"


def _either(words: list[str]) -> str:
    """``a, b or c``."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _rule(rule: AimRule) -> Iterator[str]:
    groups = joined(OFFENCE_WORDS.get(group, group) for group in dict.fromkeys(rule.groups))
    yield f"It is suggested where {rule.share:.0%} of the reports are {groups}."
    if rule.needs_times:
        yield "For that the records must have times of day."
    if rule.needs_hot_spot:
        yield "For that a cluster of reports must stand out from chance."


def _schools(profile: Profile) -> Iterator[str]:
    scope, teams = profile.scope, profile.teams
    yield f"A school can take part if its pupils leave at {scope.min_high_age} or older."
    if scope.younger:
        yield f"Younger schools have {scope.younger}."
    yield "A school takes part only by its own agreement with the police."
    yield "It names one person as its contact. It can withdraw at any time."
    if scope.special_needs_approval:
        yield "Special schools and pupil referral units need an approval by name."
    if teams.officer_for_every_school:
        yield "Every school from Key Stage 3 up has a named officer."
        yield "A school without one is named in each plan."
    count = teams.schools_per_officer
    yield f"A school-linked officer has at most {count} school{'' if count == 1 else 's'}."


def _times(profile: Profile) -> Iterator[str]:
    window = profile.window
    yield f"Teams are out from {window.lead_min} minutes before the bell."
    yield f"They stay out for {window.length_min} minutes."
    yield f"Where no bell is on record, it is taken to be at {window.default_finish}."
    yield "There are patrols on school days only."


def _roles(teams: Teams) -> Iterator[str]:
    for card in teams.role_cards:
        yield f"{card.title}: {card.does}"
        if card.tasks:
            yield f"Tasks: {'; '.join(TASKS[task] for task in card.tasks)}."
    yield "Only police enforce the law."
    yield "School staff and youth workers gather no intelligence."
    yield "Police never deal with pupils' behaviour."


def _limits(teams: Teams) -> Iterator[str]:
    yield "Nobody walks beside police if they did not agree to it. No reason is asked."
    yield f"At least {teams.min_adults} adults walk together."
    yield f"Nobody has more than {teams.max_patrols_per_person} patrols in a week."
    yield f"Nobody walks on more than {teams.max_days_per_person} days in a week."
    yield f"Between two patrols in different places there are {teams.travel_min} minutes."
    if teams.barred_postings:
        barred = joined(_POSTINGS[posting] for posting in teams.barred_postings if posting)
        yield f"Never sent as stand-ins: {barred}."
    for need in teams.training:
        roles = joined(_lower(teams.card(role).title) for role in need.roles)
        asked = "Must be trained" if need.is_rule else "Should be trained"
        about = joined(_TRAINING[key] for key in need.training)
        yield f"{asked} in {about}: {roles}."
    yield {
        "off": "Vetting is not looked at.",
        "told": "Who has no vetting date still walks, but it is told.",
        "rule": "Without a vetting date nobody walks.",
    }[teams.vetting]


def _patrols(profile: Profile) -> Iterator[str]:
    patrols, risk = profile.patrols, profile.risk
    yield "No patrol goes onto a school's site."
    yield "Teams stand at bus stops, at stations and by parks."
    yield f"Police stand no nearer to a school gate than {patrols.gate_clear_m:.0f} metres."
    yield f"There are at most {patrols.max_teams} teams at a time."
    yield f"A corridor with fewer than {risk.floor_incidents:g} reports after school has no patrol."


def _notice(profile: Profile) -> Iterator[str]:
    notice = profile.notice
    yield f"Families are told {notice.lead_school_days} school days before."
    yield "If it comes later, the notice says so."
    yield "They are told when, where, who and what each adult does."
    yield f"Times are rounded to {notice.band_min} minutes. Risk is never told."
    yield "A school-linked officer is named if they agreed to it. Nobody else is."
    if notice.contact:
        yield f"Contact: {notice.contact}."
    if notice.youth_contact:
        yield f"Contact that is not the police: {notice.youth_contact}."
    yield f"The notice is written in {joined(map(language_name, notice.languages))}."


def _map(profile: Profile) -> Iterator[str]:
    host = profile.map.origin.partition("//")[2]
    if host:
        yield f"It asks {host} for pictures of the ground. That server learns where you look."
    else:
        yield "It asks no other machine for anything."


def _evaluation(profile: Profile) -> Iterator[str]:
    own = profile.evaluation
    for kind, said in _KINDS.items():
        for each in (one for one in own.indicators if one.kind == kind):
            months = each.every_months
            often = "each month" if months == 1 else f"every {months} months"
            yield f"{said}, {often}: {each.title}."
    if not own.indicators:
        yield "Nothing is set yet."
    yield "What was done is never counted as a success."
    yield f"Published counts below {own.smallest_count} are told as few."
    yield f"A group that meets police {own.review_ratio:g} times as much as others is looked into."
    yield "A named person does so before anything is published."


def _governance(profile: Profile) -> Iterator[str]:
    own = profile.governance
    yield "Nothing is published before a person has confirmed the aim."
    yield "Nothing is published while a partner has not agreed the protocol it needs."
    yield _on_record("Data sharing agreement", own.data_sharing_agreement, "nothing is published")
    yield _on_record("Terms of reference", own.terms_of_reference, "each plan says so")
    yield _on_record("Education authority told", own.education_authority, "each plan says so")
    yield from own.routines


def _on_record(what: str, reference: str, otherwise: str) -> str:
    return f"{what}: {reference}." if reference else f"{what}: none on record, so {otherwise}."


def _origins(profile: Profile) -> Iterator[str]:
    for origin in profile.origins:
        last = origin.key.rpartition(".")[2].replace("_", " ")
        what = _ORIGINS.get(origin.key, last)
        yield f"{what[:1].upper()}{what[1:]}, from {origin.source}."
    yield "All else is this project's proposal. Change it with your partners."


def _lower(text: str) -> str:
    """The first letter lowered, unless the word is an abbreviation."""
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"
