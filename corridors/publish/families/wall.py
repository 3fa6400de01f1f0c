"""The type check at the wall: a working plan can never become a page for families."""

from __future__ import annotations

from corridors.model import PublicCorridor, PublicPlace, PublicPlan, PublicRole


def only_public(public: object) -> None:
    """Nothing if ``public`` is exactly a ``PublicPlan``, made of public parts only.

    Raises
    ------
    TypeError
        For anything else, a subclass included.
    """
    if type(public) is not PublicPlan or any(
        type(c) is not PublicCorridor
        or any(type(r) is not PublicRole for r in c.roles)
        or any(type(p) is not PublicPlace for p in c.places)
        for c in public.corridors
    ):
        raise TypeError(f"a public page is made from a PublicPlan, not from {type(public)}")
