"""HTML from templates: escaped, strict about missing values, closed to every outside source."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib import resources
from typing import Final

import jinja2
from jinja2.ext import extract_from_ast
from markupsafe import Markup, escape

from corridors.publish.wording import clean, clean_name

_LONGEST_WHOLE: Final = 16  # letters
_PIECE: Final = re.compile(r".{1,12}", re.DOTALL)
_WORD: Final = re.compile(r"\s+|\S+")
_TEMPLATES: Final = resources.files("corridors.publish").joinpath("templates")


def asset(name: str) -> str:
    """Text of a file that ships with the templates."""
    return _TEMPLATES.joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def render(
    template: str,
    *,
    style: str,
    scripts: tuple[str, ...] = (),
    pictures_from: str = "",
    **values: object,
) -> str:
    """A page whose policy lets in its own style and scripts, by hash, and nothing else.

    Parameters
    ----------
    template : file name.
    style, scripts : trusted text, put into the page as ``style`` and ``scripts``.
    pictures_from : scheme and host of the one server that may be asked for pictures, if any.
    values : the rest of the template's context; text in it is cleaned and escaped.

    Raises
    ------
    jinja2.UndefinedError
        If the template names a value that is not there.
    """
    for text in (style, *scripts):
        if "</" in text and ("</script" in text.lower() or "</style" in text.lower()):
            raise ValueError("a script or style would end the element that it is put into")
    return (
        _environment()
        .get_template(template)
        .render(
            policy=_policy(style, scripts, pictures_from),
            style=Markup(style),  # noqa: S704 - our own files, checked above
            scripts=tuple(Markup(s) for s in scripts),  # noqa: S704 - as above
            **values,
        )
    )


def sentences_in(template: str, function: str = "say") -> tuple[str, ...]:
    """The sentences that a template has translated: first arguments of ``say``, each once."""
    tree = _environment().parse(asset(template))
    found = extract_from_ast(tree, (function,), babel_style=False)
    return tuple(dict.fromkeys(words[0] for _, _, words in found if words and words[0]))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["short"] = clean_name
    made.filters["breakable"] = _breakable
    return made


def _breakable(text: str) -> Markup:
    """Text in which a very long word may break, and no other: columns keep plain words whole."""
    parts = (
        Markup("<wbr>").join(_PIECE.findall(word)) if len(word) > _LONGEST_WHOLE else word
        for word in _WORD.findall(clean(text))
    )
    return Markup("").join(parts)


def _finalize(value: object) -> object:
    # Numbers and trusted markup as they are; all other text is hostile until cleaned.
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _policy(style: str, scripts: tuple[str, ...], pictures_from: str) -> Markup:
    parts = ["default-src 'none'", f"style-src {_hashed(style)}"]
    if scripts:
        parts.append(f"script-src {' '.join(_hashed(s) for s in scripts)}")
    if pictures_from:
        parts.append(f"img-src {pictures_from}")
    # Markup, since cleaning takes the scheme off an address.
    return escape("; ".join([*parts, "base-uri 'none'", "form-action 'none'"]))


def _hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
