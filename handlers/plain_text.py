"""Text without markup, harmless wherever a page puts it."""

import re
from typing import Final

import nh3

DROPPED: Final = {"script", "style"}
"""Elements that go with all that is in them."""
NAMES: Final = "|".join(
    sorted(
        nh3.ALLOWED_TAGS
        | {
            "applet", "audio", "base", "body", "button", "canvas", "embed", "form", "frame",
            "frameset", "head", "html", "iframe", "input", "link", "main", "meta", "noscript",
            "object", "option", "section", "select", "slot", "source", "textarea", "title",
            "track", "video",
        }
    )
)  # fmt: skip
SWITCHES: Final = (
    "async|autofocus|autoplay|checked|controls|defer|disabled|hidden|loop|multiple|muted|novalidate|"
    "open|readonly|required|reversed|selected"
)
ATTRIBUTE: Final = (
    r"""[\s/]++(?:[^\s"'<>/=]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++)"""
    rf"|(?:{SWITCHES})(?=[\s/>]))"
)
NO_MARKUP: Final = re.compile(
    rf"<(?!/?(?:{NAMES})(?:{ATTRIBUTE})*+\s*+/?>|/(?:script|style)\s*+>|!--.*?-->"
    rf"|(script|style)(?:{ATTRIBUTE})*+\s*+/?>.*</\1\s*+>)",
    re.IGNORECASE | re.DOTALL,
)
"""A sign that opens nothing that a page would show differently from text."""
HARMLESS_LESS: Final = re.compile(r"&lt;(?=[^a-zA-Z/!?])")
"""A sign that begins no markup: browsers take it for text unless one of these follows. What will
follow the last one nobody knows."""


def without_markup(text: str) -> str:
    """Take all markup out, and leave what people write, but for blanks around it.

    `a < b`, `R&B` and `<ada@example.org>` stay. The text must not hold halves of characters.

    A sign that a browser might take for the beginning of markup is left as `&lt;`, so the result
    is harmless as HTML too; as text it is shown as it stands.
    """
    # What is no markup must not be read as such: it would go with all that follows.
    meant = NO_MARKUP.sub("&lt;", text.replace("&", "&amp;"))
    cleaned = nh3.clean(meant, tags=set(), clean_content_tags=DROPPED, link_rel=None)
    cleaned = cleaned.replace("&nbsp;", "\u00a0").strip()
    readable = HARMLESS_LESS.sub("<", cleaned).replace("&gt;", ">")
    return readable.replace("&amp;", "&")
