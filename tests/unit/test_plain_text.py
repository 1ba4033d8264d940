"""Notes without markup: harmless as HTML, and readable as text."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, strategies as st

from handlers.plain_text import without_markup


class Found(HTMLParser):
    """Everything in a text that a browser would take for more than text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.markup: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.markup.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.markup.append(tag)

    def handle_comment(self, data: str) -> None:
        self.markup.append(data)

    def handle_decl(self, decl: str) -> None:
        self.markup.append(decl)

    def handle_pi(self, data: str) -> None:
        self.markup.append(data)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("See you at 8", "See you at 8"),
        ("R&B, AT&T & 3 < 4 > 2, a<3", "R&B, AT&T & 3 < 4 > 2, a<3"),
        ("one\ntwo\n\n\tthree", "one\ntwo\n\n\tthree"),
        ("'quoted' \"twice\"", "'quoted' \"twice\""),
        ("<b>bold</b> <i>words</i>", "bold words"),
        ("<script>alert(1)</script>hello", "hello"),
        ("<SCRIPT src=//evil>x</SCRIPT>hello", "hello"),
        ("<style>*{}</style>x", "x"),
        ("<img src=x onerror=alert(1)>", ""),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<svg/onload=alert(1)>", "&lt;svg/onload=alert(1)>"),
        ("<template>at noon</template>", "&lt;template>at noon&lt;/template>"),
        ("aaa <math>bbb<a>ccc", "aaa &lt;math>bbbccc"),
        ("I forgot <script> and <style>", "I forgot &lt;script> and &lt;style>"),
        ("<b disabled>x</b> <input type='text' disabled/>", "x"),
        ("<scr<script>ipt>alert(1)</script>", "&lt;scr"),
        ("<xss onmouseover=alert(1)>x</xss>", "&lt;xss onmouseover=alert(1)>x&lt;/xss>"),
        ("<img src=x onerror=alert(1)", "&lt;img src=x onerror=alert(1)"),
        ("<input autofocus onfocus>", "&lt;input autofocus onfocus>"),
        ("<!-- hidden -->shown", "shown"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("fish &amp; chips", "fish &amp; chips"),
        ("meet if a<b and c>d then go", "meet if a&lt;b and c>d then go"),
        ("see <you at the door, important", "see &lt;you at the door, important"),
        ("mail <ada@x.org>", "mail &lt;ada@x.org>"),
        ("http://x.y/?a=1&lt=2&copy=3", "http://x.y/?a=1&lt=2&copy=3"),
        ("سلام، چای بیار", "سلام، چای بیار"),
        ("🍵 & 🍰", "🍵 & 🍰"),
        ("a < b <", "a < b &lt;"),
        (" tea < \n", "tea &lt;"),
        ("", ""),
    ],
)
def test_what_is_kept_of_notes(told: str, kept: str) -> None:
    assert without_markup(told) == kept


@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from("<>&;/!?\"'=abltgmpscri# \n-"), st.characters(exclude_categories=["Cs"])
        )
    )
)
@example("<<b>script>alert(1)<</b>/script>")
@example("&amp;lt;img onerror=1&amp;gt;")
@example("&#60;script&#62;")
@example("a<\x00b")
@example("<\u00adb>")
@example("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<img src=1>'>")
def test_nothing_that_is_kept_is_markup(text: str) -> None:
    assert Found(without_markup(text)).markup == []


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "&",
        "<a ",
        "x=y ",
        "x = ",
        "<!--",
        "<!-- -->",
        "a='",
        "/",
        " ",
        " x=1/",
        "<b>",
        "</b",
        "<b x='",
    ],
)
def test_the_longest_notes_come_to_an_end(unit: str) -> None:
    # A pattern that tries every way to read them would go on for years.
    for start in ("", "<a", "<a x", "<a x="):
        assert Found(without_markup((start + unit * 2_000)[:2_000])).markup == []
