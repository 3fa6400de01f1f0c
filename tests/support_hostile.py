"""Hostile texts by kind, and small plans in which each of them stands in every role.

A role is a place where a file brings text: a school, a street, a ward, and so on. Over
``len(ROTATIONS)`` plans every text stands in every role once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import pandas as pd
from sample_plan import Names, fresh_plan, sample_profile

from corridors.model import Assignment, Plan
from corridors.profile import Profile
from corridors.tables import People

CORPUS: dict[str, str] = {
    "script tag": "<script>alert(1)</script>",
    "script end": "</script><script>alert(2)</script>",
    "script in capitals": "<ScRiPt/src=//x.example/a>alert(3)</sCrIpT >",
    "image error": "<img src=x onerror=alert(4)>",
    "double quoted attribute": '" onload="alert(5)" x="',
    "single quoted attribute": "' onmouseover='alert(6)",
    "bare attribute": "x onfocus=alert(7) autofocus tabindex=1",
    "backtick attribute": "`onclick=alert(8)`",
    "SVG": "<svg/onload=alert(9)><animate onbegin=alert(9) attributeName=x>",
    "MathML": "<math><mtext><table><mglyph><style><img src=x onerror=alert(10)>",
    "textarea end": "</textarea></title></style><b>bold</b>",
    "comment": "--><!--[if IE]><script>alert(11)</script><![endif]-->",
    "frame": '<iframe srcdoc="<script>parent.alert(12)</script>"></iframe>',
    "link": "<a href=javascript:alert(13)>street</a>",
    "meta refresh": '<meta http-equiv=refresh content="0;url=data:text/html,x">',
    "half a tag": "<b <i Lane",
    "double escape": "&lt;script&gt;alert(14)&lt;/script&gt;",
    "character reference": "&#x3C;script&#62; &#0; &nbsp;",
    "jinja": "{{7*7}}{% raw %}{{ config.items() }}{# note",
    "branca": "{{ this._parent.get_name() }}{% macro script(this, kwargs) %}",
    "handlebars": "{{#with split as |x|}}{{{x}}}{{/with}}",
    "script template": "${alert(15)}`;alert(15)//",
    "server template": "<%= 7*7 %> #{7*7} *{7*7} @(7*7)",
    "JSON end": '"}]};alert(16);//',
    "JSON escape": "\\u003cscript\\u003e \\\" \\\\",
    "CDATA end": "]]><script>alert(17)</script><![CDATA[",
    "style end": "</style><style>*{display:none}</style>",
    "style value": "red;background:url(//x.example);x:expression(alert(18))",
    "style import": "@import '//x.example/a.css';",
    "formula": '=HYPERLINK("http://x.example","y")',
    "formula plus": "+cmd|' /C calc'!A0",
    "formula minus": "-2+3",
    "formula at": "@SUM(A1:A9)",
    "DDE": "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "formula after spaces": "   =1+1",
    "formula after a tab": "\t=1+1",
    "formula after a return": "\r=1+1",
    "full width formula": "＝1+1",
    "full width at": "＠SUM(1)",
    "formula after quotes": '"=1+1',
    "formula behind a separator": 'x";=1+1;"',
    "percent formula": "%0A=1+1",
    "turned direction": "Abc\u202egnp.exe",
    "isolated direction": "\u2066Mill\u2069 \u2067Lane\u2069 \u200f",
    "nothing to see": "Elm\u200b\u2060\ufeff Road\u00ad",
    "look-alikes": "Сеdаr Rоаd",  # Cyrillic
    "path up": "../../../../etc/passwd",
    "path up on Windows": "..\\..\\Windows\\win.ini",
    "absolute path": "/etc/shadow",
    "network path": "\\\\x.example\\share\\file",
    "drive path": "C:\\autoexec.bat",
    "device": "CON",
    "device with ending": "aux.h",
    "dot": ".",
    "file address": "file:///etc/passwd",
    "home": "~root/.ssh/authorized_keys",
    "NUL": "\x00NUL first",
    "NUL within": "Mill\x00.html",
    "CR LF for calendars": "Mill Lane\r\nATTENDEE:mailto:x@x.example\r\nBEGIN:VALARM",
    "LF for calendars": "Mill Lane\nEND:VEVENT\nBEGIN:VEVENT\nX-EVIL:1",
    "folded line": "Mill Lane\r\n ;VALUE=URI:x",
    "parameter for calendars": "Mill;X=1:Lane,\\nOther\\;",
    "CR LF for CSV": 'Mill"\r\n"=1+1","x',
    "XML entity": "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;",
    "XML instruction": "<?xml version='1.0'?><?php system('id') ?>",
    "XML end": "</name></wpt></gpx>",
    "Excel escape": "_x0000_ _x003D_1+1",
    "print header": "&C&\"Arial\"&P &G &&",
    "percent format": "%s%n%x%(name)s %d",
    "brace format": "{0.__class__} {} {name!r}",
    "ten thousand": "A" * 10_000,
    "long with spaces": "Long Lane " * 500,
    "family emoji": "👩\u200d👩\u200d👧\u200d👦 Road 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "stacked marks": "M" + "\u0300\u0301\u0316\u0489" * 40 + "ill",
    "half a character": "Mill \ud800 Lane \udfff",
    "line separators": "line\u2028para\u2029end\x85next\x0bup\x0cdown",
    "byte order mark": "\ufeffMill Lane",
    "no character": "\uffff\ufffe Mill \U0010ffff",
    "private use": "\ue000\uf8ff Lane",
    "empty": "",
    "spaces": "   \u00a0\u3000  ",
    "SQL": "Robert'); DROP TABLE rtree_segments_geom;--",
    "SQL double": '" OR ""="',
    "shell": "$(id) `id` ; rm -rf / | x && y > z",
    "shell quotes": "'\"'\"'; id #",
    "URL": "https://x.example/?a=1&b=2",
    "joined URL": "hthttp://tp://x.example",
    "terminal": "\x1b[31mred\x1b]0;title\x07",
    "right-to-left": "شارع الطاحونة",
    "Welsh": "Llanfair­pwll Ŵŷ",
    "right": "St John's & St Mary's <Infants>",
}  # fmt: skip

ROLES = (
    "ward", "school", "other school", *(f"street {n}" for n in range(12)), "stand point", "station",
    "park", *(f"person {n}" for n in range(4)), "organisation", "volunteers", "contact", "aim",
    "outcome", "statement", "reason", "warning",
)  # fmt: skip

ROTATIONS = range(len(CORPUS))


@dataclass(frozen=True)
class HostileCase:
    """A plan with its profile, and which text stands in which role."""

    plan: Plan
    profile: Profile
    texts: dict[str, str]  # by role


def texts_by_role(rotation: int) -> dict[str, str]:
    """Text ``rotation`` of the corpus for the first role, the next for the next, and so on."""
    texts = list(CORPUS.values())
    return {role: texts[(rotation + i) % len(texts)] for i, role in enumerate(ROLES)}


@cache
def hostile_case(rotation: int) -> HostileCase:
    """The sample plan with all its texts drawn from the corpus; the same for the same number."""
    texts = texts_by_role(rotation)
    names = Names(
        ward=texts["ward"],
        schools=(texts["school"], texts["other school"]),
        streets=tuple(texts[f"street {n}"] for n in range(12)),
        places=(texts["stand point"], texts["station"], texts["park"]),
        people=(texts["person 0"], texts["person 1"], texts["person 2"], texts["person 3"]),
        organisation=texts["organisation"],
        volunteers=texts["volunteers"],
        spoc=texts["contact"],
    )
    plan = fresh_plan(names)
    patrols = tuple(
        replace(
            p,
            statement=texts["statement"],
            staffing=replace(
                p.staffing, reason=texts["reason"], warnings=(texts["warning"],),
            ),
        )
        for p in plan.patrols
    )  # fmt: skip
    return HostileCase(replace(plan, patrols=patrols), _profile(texts), texts)


def with_person_ids(plan: Plan, ids: tuple[str, str, str, str]) -> Plan:
    """The plan with other person ids, also on its patrols."""
    new = dict(zip(plan.inputs.people.index, ids, strict=True))
    people = plan.inputs.people.set_axis(pd.Index(ids, name=People.index))
    patrols = tuple(
        replace(
            p,
            staffing=replace(
                p.staffing,
                people=tuple(Assignment(new[a.person_id], a.role) for a in p.staffing.people),
            ),
        )
        for p in plan.patrols
    )
    return replace(plan, inputs=replace(plan.inputs, people=people), patrols=patrols)


def _profile(texts: dict[str, str]) -> Profile:
    """The shipped profile with hostile words in its aims; an aim has to have an outcome."""
    profile = sample_profile()
    aims = tuple(
        replace(aim, title=texts["aim"], outcome=texts["outcome"] or "Outcome")
        for aim in profile.teams.aims
    )
    return replace(profile, teams=replace(profile.teams, aims=aims))
