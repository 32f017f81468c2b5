"""Whatever a server writes, its words stay words: in Markdown, in JSON and in the data block of a page."""

import json
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from catalog_testing.catalogued import catalogued, parts_of
from catalog_testing.view import entry_row, evidence, memory_view, server_row, verdict
from classifier.verdict import Category, Level, Recoverability
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.documents.encoding import encoded
from sitegen.markdown.text import MarkdownText, code, escaped
from sitegen.pages.server import server_pages
from sitegen.pages.tool import ToolPage, tool_page
from sitegen.related import Neighbours
from sitegen.structured import structured_data
from sitegen.twins import server_twins, tool_twins
from sitegen.visible import embeddable, embeddable_json, visible

MARKUP = st.text(alphabet="`~#>+-=_*[]()<>&!|\\:.1 \n\r\t\0xé“\u202e\ud800", max_size=30)
WORDS = MARKUP | st.text(max_size=60)
# Without line ends of other kinds, which become spaces where words are brought onto one line.
LINES = WORDS.map(lambda text: "".join(each for each in text if each in " \n" or not each.isspace()))
NOT_BLANK = WORDS.filter(lambda text: bool(text.strip()))
# A star is a pattern to the policy's target, so the file comes with a note more.
NAMES = NOT_BLANK.filter(lambda text: "*" not in text)


def parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shapes(text: str) -> list[str]:
    """Return the blocks of a Markdown document, and what stands inside its lines besides text."""
    found = []
    for token in parser().parse(text):
        found.append(token.type)
        found += [part.type for part in token.children or [] if part.type not in ("text", "text_special")]
    return found


@given(LINES)
@example("1. ")
@example("- x")
@example("\u2003# x")
@example("a_b _c_ d")
@example("==")
def test_words_in_a_line_are_text_and_read_as_they_were_written(words: str) -> None:
    text = MarkdownText()
    text.write("- ", words, "\n")
    item = [token for token in parser().parse(text.encoded().decode()) if token.type == "inline"]
    parts = [part for token in item for part in token.children or []]
    assert {part.type for part in parts} <= {"text", "text_special"}
    assert "".join("".join(part.content for part in parts).split()) == "".join(visible(words).split())


@given(st.lists(WORDS))
@example(["\x85"])
@example(["1.\xa0x"])
@example(["\u0661. x"])
def test_looking_through_words_together_finds_what_looking_at_each_would(words: Sequence[str]) -> None:
    text = MarkdownText()
    for each in words:
        text.write("- ", each, "\n")
    assert text.encoded().decode() == visible("".join(f"- {escaped(each)}\n" for each in words))


@given(WORDS)
@example("```\n````\n~~~")
@example("`" * 10)
def test_a_fence_holds_whatever_stands_inside(words: str) -> None:
    text = MarkdownText()
    text.untrusted(words)
    text.write("## After\n")
    tokens = parser().parse(text.encoded().decode())
    assert [token.type for token in tokens] == ["fence", "heading_open", "inline", "heading_close"]
    assert tokens[0].content == visible(f"{words.rstrip()}\n")


@given(NOT_BLANK)
@example("`")
@example("``a`b``")
def test_a_code_span_holds_whatever_stands_inside(words: str) -> None:
    (token,) = [token for token in parser().parse(f"- {visible(code(words))}") if token.type == "inline"]
    assert [(part.type, part.content) for part in token.children or []] == [
        ("code_inline", visible(" ".join(words.split())))
    ]


@given(st.recursive(WORDS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)))
def test_a_document_has_the_value_that_it_was_made_from_and_no_markup(value: object) -> None:
    data = encoded(value)
    assert json.loads(data) == value
    assert not set(b"<>&") & set(data)


@given(WORDS.filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text)))
def test_json_as_bytes_is_escaped_as_json_in_text_is(words: str) -> None:
    document = json.dumps(words, ensure_ascii=False)
    assert embeddable(document.encode()) == embeddable_json(document).encode()


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
@given(NAMES, NOT_BLANK, NOT_BLANK)
@example("</script>", "</script><script>alert(1)</script>", "<!--")
@example("`x`", "```\n# y", "- z")
def test_no_words_of_a_server_change_what_a_twin_or_a_data_block_is_made_of(name: str, words: str, title: str) -> None:
    plain, wild = made("prune", "Cuts a tree.", "orchard"), made(name, words, title)
    for (_, ours), (_, theirs) in zip(twins(*plain)[1::2], twins(*wild)[1::2], strict=True):
        assert shapes(theirs.decode()) == shapes(ours.decode())
    for _, data in twins(*wild)[::2]:
        assert not set(b"<>&") & set(data)
    page = wild[0]
    block = LexborHTMLParser(f"<!doctype html><title>x</title>{structured_data(page, None)}<p>after").css("script")
    assert len(block) == 1
    graph = json.loads(block[0].text())["@graph"]
    assert [question["acceptedAnswer"]["text"] for question in graph[-1]["mainEntity"]] == [
        visible(item.answer) for item in page.questions
    ]


def twins(page: ToolPage, entry: CataloguedEntry, server: CataloguedServer) -> tuple[tuple[str, bytes], ...]:
    first, *_ = server_pages(server, parts_of(memory_view()))
    return (*tool_twins(page, entry, server), *server_twins(first, server))


def made(name: str, words: str, title: str) -> tuple[ToolPage, CataloguedEntry, CataloguedServer]:
    """Return a tool's page; all that its server says is ``name``, ``words`` and ``title``."""
    judged = verdict(
        Category.DELETE,
        Level.HIGH,
        Recoverability.R1,
        inverse=words,
        evidence=[
            evidence("category/delete-verb", "name", name, "category", "Delete"),
            evidence("trait/bulk-destroy", "description", words, "trait", "bulk-destroy"),
            evidence("severity/bulk-destroy", f"param:{name}", name, "severity", "High"),
        ],
    )
    row = entry_row(name, judged, description=words, properties={name: {"type": "string", "description": words}})
    server = replace(server_row(title=title, product=None), publisher=title, environment=(words,))
    view = memory_view((server, [row]))
    (found,) = catalogued(view)
    (entry,) = found.entries
    return tool_page(entry, found, Neighbours(found.entries), parts_of(view)), entry, found
