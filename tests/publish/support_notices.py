"""Public plans for the tests of what families get."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from sample_plan import sample_plan, sample_profile
from support_approvals import agreed

from corridors import model
from corridors.publish.families.languages import ENGLISH, read_language
from corridors.publish.public import cancellation, to_public

PROFILE = sample_profile()
WELSH, ARABIC = read_language("cy"), read_language("ar")
LANGUAGES = (ENGLISH, WELSH, ARABIC)
READERS = ("parents", "young people")
CATALOGUES = Path(str(resources.files("corridors.publish.families"))) / "catalogues"


def public_plan(plan: model.Plan | None = None) -> model.PublicPlan:
    """The notice of the sample week."""
    made = to_public(agreed(plan or sample_plan()), PROFILE.notice, PROFILE.teams)
    assert made is not None
    return made


def without_police(public: model.PublicPlan) -> model.PublicPlan:
    corridors = tuple(
        replace(c, roles=tuple(r for r in c.roles if not r.is_police), officer_names=())
        for c in public.corridors
    )
    return replace(public, corridors=corridors)


def cancelled() -> model.PublicPlan:
    return replace(cancellation(sample_plan(), PROFILE.notice), notice_version=2)


def every_kind() -> tuple[model.PublicPlan, ...]:
    """Notices that together say every sentence there is."""
    calm = public_plan()
    one = calm.corridors[0]
    places = tuple(model.PublicPlace("Mill", k) for k in ("bus_stop", "other", "park", "station"))
    several = replace(
        calm,
        corridors=(
            replace(one, officer_names=("A", "B"), places=places, roles=not_all_in_uniform(one)),
            replace(one, days=tuple(one.days[0] + timedelta(days=d) for d in range(5))),
            replace(
                one, schools=("Other School",), places=(), streets=(), officer_names=(),
                roles=tuple(r for r in one.roles if not r.is_police),
            ),
        ),
        cancelled_schools=("Gone School",),
    )  # fmt: skip
    bare = replace(calm, contact="", youth_contact="", about="", services=())
    return (
        calm, several, bare, without_police(calm), cancelled(), huge(),
        replace(calm, youth_contact=""),
        replace(calm, notice_version=2, is_unannounced=True, services=("Mill Park",)),
        replace(cancelled(), week_label="2026-W60"), replace(calm, contact=""),
    )  # fmt: skip


def not_all_in_uniform(corridor: model.PublicCorridor) -> tuple[model.PublicRole, ...]:
    return tuple(replace(r, some_out_of_uniform=r.is_police) for r in corridor.roles)


def huge() -> model.PublicPlan:
    """More schools, streets, days and words than any text message holds."""
    calm = public_plan()
    one = calm.corridors[0]
    days = tuple(date(2026, 3, 2) + timedelta(days=2 * d) for d in range(3))
    corridors = tuple(
        replace(
            one,
            schools=tuple(
                f"School number {n} of the north of the town" for n in range(3 * k, 3 * k + 3)
            ),
            streets=tuple(f"Street number {n} by the old mill" for n in range(30)),
            days=days,
            start_min=900 + 30 * k,
            end_min=960 + 30 * k,
        )
        for k in range(4)
    )
    gone = tuple(f"Dropped school number {n} of the south of the town" for n in range(20))
    return replace(
        calm, corridors=corridors, is_unannounced=True, notice_version=12, cancelled_schools=gone
    )


def hostile(payload: str) -> model.PublicPlan:
    """The payload wherever a name or a text of the partnership's own goes."""
    calm = public_plan()
    roles = tuple(
        replace(r, title=payload, does=payload, looks=payload) for r in calm.corridors[0].roles
    )
    corridor = replace(
        calm.corridors[0],
        schools=(payload,), streets=(payload, "A"), places=(model.PublicPlace(payload, "park"),),
        roles=roles, officer_names=(payload,),
    )  # fmt: skip
    return replace(
        calm, corridors=(corridor,), cancelled_schools=(payload,), ward_name=payload,
        partnership=payload, contact=payload, youth_contact=payload, services=(payload,),
        about=payload,
    )  # fmt: skip


def catalogue(*entries: str, checked_by: str = "") -> str:
    """A ``.po`` file: each entry as it stands in one."""
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    if checked_by:
        header += f'"X-Checked-By: {checked_by}\\n"\n'
    return "\n".join([header, *entries])


def entry(sentence: str, translation: str, *, flags: str = "") -> str:
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in (sentence, translation)]
    return f'{flags}msgid "{quoted[0]}"\nmsgstr "{quoted[1]}"\n'
