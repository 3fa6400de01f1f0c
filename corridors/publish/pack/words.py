"""Plain words of the publication pack: what keys are called, how it was done, what was hidden."""

from __future__ import annotations

from typing import Final

_YES_NO: Final = (("yes", "Yes"), ("no", "No"))
ANSWERS: Final = {
    "feels_safer": (("safer", "Safer"), ("same", "The same"), ("less_safe", "Less safe")),
    "trusts_police": (("more", "More"), ("same", "The same"), ("less", "Less")),
    "knows_who": _YES_NO,
    "would_approach": _YES_NO,
    "avoids_corridor": _YES_NO,
}
QUESTION_WORDS: Final = {
    "feels_safer": "Do you feel safer or less safe on the way home?",
    "trusts_police": "Do you trust the police more or less?",
    "knows_who": "Do you know who is there and what they do?",
    "would_approach": "Would you go to somebody from the team?",
    "avoids_corridor": "Do you keep away from these streets?",
}
GROUP_WORDS: Final = {
    "everybody": "Everybody",
    "fsm": "Free school meals",
    "not_fsm": "No free school meals",
    "sen": "Special needs support",
    "not_sen": "No special needs support",
    "send": "Special needs or disability",
    "asian": "Asian",
    "black": "Black",
    "mixed": "Mixed",
    "white": "White",
    "other": "Other",
    "english": "First language English",
    "not_recorded": "Not recorded",
    "girls": "Girls",
    "boys": "Boys",
}
ENCOUNTER_WORDS: Final = {
    "stop_search": "Stop and search",
    "arrest": "Arrest",
    "crime_recorded": "Crime recorded against them",
    "exclusion": "Exclusion from school",
    "suspension": "Suspension from school",
    "complaint": "Complaint",
}
CONTACT_WORDS: Final = {
    "talks": "Talks with young people",
    "help_given": "Help given",
    "signposted": "Told about a service",
    "safeguarding": "Safeguarding concerns passed on",
    "stop_search": "Stops and searches",
    "arrests": "Arrests",
    "crimes_recorded": "Crimes recorded against young people",
    "complaints": "Complaints",
}
STATE_WORDS: Final = {
    "done": "Done",
    "shortened": "Shortened",
    "cancelled": "Cancelled",
    "not_debriefed": "Not written up",
}
READING_WORDS: Final = {
    "within limits": "Within the limits that were set.",
    "explain": "Outside the limits: to be explained.",
    "review before publication": "Far outside: a named person has looked at it.",
    "not enough data": "Too few to tell.",
}
DIMENSION_WORDS: Final = {
    "fsm": "free school meals",
    "ethnicity": "ethnic group",
    "sen": "special needs support",
    "language": "first language",
}
NO_MINUTES_WORDS: Final = {
    "no_plan": "No plan is on record.",
    "not_planned": "No patrol was planned.",
    "not_walked": "Patrols did not take place.",
}
PURPOSES: Final = {
    "incidents": "Where and when reports came from; what changed afterwards",
    "calendar": "Which days are school days",
    "debriefs": "What became of planned patrols",
    "encounters": "Harm and fairness only; never where to patrol",
    "pupils": "Fairness only; never where to patrol",
    "surveys": "What young people say",
    "consultation": "Who was asked before",
    "activities": "What each role is there for",
    "equality": "Equality record",
    "decisions": "Who decided what, and when",
}
RULES: Final = (
    "A count from 1 to less than {k} is shown as “fewer than {k}”.",
    "Other counts are rounded to the nearest 5. A true zero is shown as 0.",
    "Totals are made from the exact counts, then shown by the same rules.",
    "More cells say “not shown” where a small count could else be worked out.",
    "Whether it could is found by solving, over every table that fits what is public.",
    "A ratio needs at least {k} cases and {group} people in each group.",
    "A corrected pack is checked against the one before, so that the two together tell no more.",
    "Figures of a programme are told once, when it ends. Quarters are not added up.",
)
_METHODS: Final = """
# What was compared

Before a programme starts, its streets are written down. So are streets near by and streets to
compare with. A hash of that file goes on record. Nobody can move a street later without it
showing.

The streets to compare with lie more than 600 metres away on foot. They had about as many reports
before, are of the same kind, and about as many pupils walk there.

Only reports by the public count. What police find themselves is left out. So is what happens on
school grounds.

# How a result is found

First we work out the smallest change that we could have seen. If it is more than half, we call
nothing an effect.

Then one test is named, by the design alone. It compares the change on the streets of the
programme with the change on the streets compared with.

Its interval shows what else would fit. If “no change” lies in it, we call nothing an effect. Nor do
we where months are too few to tell how much reports vary. No result says why something changed.

Levels of evidence go from 1 to 5. At 5, patrol days are drawn by lot.

# Did it move elsewhere

We look at streets up to 200 metres and up to 600 metres away on foot. We also look at the hours
before and after, and at 6pm to 8pm.

# Whom it touched

For each group of pupils we work out how many minutes of police a pupil met on the way. We use how
many pupils of each school walk on the streets of each patrol.

Only schools that take part in the plans of these three months count, with a patrol or without. A
school is left out where it is not known how many of its pupils are of a group. How many are left
out stands below the ratios.

Searches are counted for each pupil of a group. Where there were more searches than pupils, we count
as many pupils as searches.

A ratio of 1 means the same as the group that it stands beside. Far from 1, a named person has to
look at it before anything is published.

None of these figures is used to choose where patrols walk.

# What this cannot show

Many things are never reported. Some people report less than others.

Patrols on a few streets are too few to prove much. That is why the smallest change stands first.
"""


def _chapters(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Headings with their paragraphs, of a text in which a heading begins with ``#``."""
    chapters = [part.strip().split("\n\n") for part in text.split("# ")[1:]]
    return tuple(
        (heading, tuple(" ".join(paragraph.split()) for paragraph in paragraphs))
        for heading, *paragraphs in chapters
    )


METHODS: Final = _chapters(_METHODS)
