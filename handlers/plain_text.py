"""Text without markup, harmless wherever a page puts it."""

import re
from typing import Final

import nh3

DROPPED: Final = {"script", "style", "template", "textarea", "title", "noscript", "iframe"}
"""Elements that go with all that is in them."""
HARMLESS_LESS: Final = re.compile(r"&lt;(?=[^a-zA-Z/!?])")
"""A sign that begins no markup: browsers take it for text unless one of these follows. What will
follow the last one nobody knows."""


def without_markup(text: str) -> str:
    """Take all markup out, and leave what people write: `a < b`, `R&B`, lines.

    What looks like markup but was written as text stays escaped, so the result is harmless as
    HTML too; as text it is shown as it stands.
    """
    cleaned = nh3.clean(text, tags=set(), clean_content_tags=DROPPED, link_rel=None)
    readable = HARMLESS_LESS.sub("<", cleaned).replace("&gt;", ">")
    return readable.replace("&nbsp;", "\u00a0").replace("&amp;", "&")
