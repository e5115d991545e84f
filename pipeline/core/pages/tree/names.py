"""Tags by what they do to the text around them, and characters that stand for others while trafilatura runs."""

from __future__ import annotations

#: Stands where a block ends inside an element that cannot be split (a cell, a list item, <b>). A printable character,
#: because trafilatura removes others; no text uses it.
BOUNDARY = "\u241e"
#: Stand for the zero-width joiners, for the same reason.
NON_JOINER, JOINER = "\u241f", "\u241d"
#: Elements without text.
DEAD = ("script", "style", "svg", "iframe", "head", "object", "embed", "applet", "audio", "video", "canvas", "map",
        "picture", "source", "track", "link", "param", "area", "use", "annotation", "annotation-xml",
        "rp", "rt", "rtc", "select", "textarea", "datalist", "input", "option", "optgroup", "frameset",
        "fencedframe")  # fmt: skip
#: Containers that usually hold no text of the article, but sometimes the article itself.
CONTAINERS = ("aside", "footer", "nav", "noscript", "menu", "dialog", "fieldset", "template")
#: Removed unless they stand in a running sentence.
LOOSE = ("time", "output", "label", "button", "noindex", "progress", "meter", "marquee", "legend", "menuitem")
#: Everything that is not text by its tag, after the exceptions have other tags.
ASIDE = (*CONTAINERS, *LOOSE)
#: Removed in C with its words when this is an element's tag; unwrapped in C when the second one is.
REMOVED, UNWRAPPED = "noindex", "nobr"
#: Tags that do not matter for the structure; their text stays.
UNWRAP = ("img", "small", "font", "meta", "wbr", "ins", "abbr", "acronym", "cite", "mark", "tbody", "tfoot", "thead",
          "big", "bdi", "bdo", "dfn", "nobr", "ruby", "rb", "data", "hgroup", "kbd", "samp", "var", "tt", "blink",
          "slot", "colgroup", "col", "base", "basefont", "math", "semantics")  # fmt: skip
#: Elements inside a line of text.
INLINE = frozenset((*UNWRAP, "a", "b", "i", "em", "strong", "span", "u", "s", "strike", "del", "sub", "sup", "code",
                    "q", "time", "output", "label", "button", "meter", "progress", "noindex"))  # fmt: skip
#: Elements that stand on lines of their own.
BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "dd", "dt", "dl", "figcaption", "caption",
          "div", "section", "article", "main", "header", "footer", "aside", "nav", "tr", "ul", "ol", "table", "hr",
          "figure", "details", "summary", "form", "address", "center", "fieldset", "legend", "dir", "listing", "xmp",
          "title", "body", "html", "head", "td", "th", "menu", "dialog", "noscript", "template",
          "search")  # fmt: skip
KNOWN = frozenset((*DEAD, *ASIDE, *UNWRAP, *INLINE, *BLOCKS, "br"))
