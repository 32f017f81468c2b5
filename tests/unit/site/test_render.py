"""Templates: each of ours has a fast form, a publisher's own come first, and what is wrong with one is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.errors import UsageError
from sitegen.pages.base import Link
from sitegen.pages.missing import not_found_page
from sitegen.parts import SiteOptions
from sitegen.render import Renderer

PAGE = not_found_page()


def renderer(folder: Path, **templates: str) -> Renderer:
    for name, text in templates.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return Renderer(SiteOptions(title="Farm", templates=folder))


def own(folder: Path, content: str) -> Renderer:
    return renderer(folder, **{"404": content})


def test_a_template_of_the_publishers_stands_in_front_of_ours(tmp_path: Path) -> None:
    assert own(tmp_path, "<p>{{ page.title }} & more").html(PAGE) == b"<p>No such page & more"


def test_a_template_of_the_publishers_may_fill_a_block_of_ours(tmp_path: Path) -> None:
    html = own(tmp_path, '{% extends "base.html" %}{% block content %}<p>Gone.{% endblock %}').html(PAGE).decode()
    assert '<main id="main" class="wrap">\n<p>Gone.' in html
    assert "<title>No such page · Farm</title>" in html


def test_a_base_of_the_publishers_stands_around_our_pages(tmp_path: Path) -> None:
    html = renderer(tmp_path, base="<main>{% block content %}{% endblock %}</main>").html(PAGE).decode()
    assert html.startswith('<main><header class="lead">')


@pytest.mark.parametrize(
    "template",
    [
        "EACH{{ loop.index }}/{{ loop.length }} {{ each.text }}{{ ', ' if not loop.last }}END",
        "EACH{% for letter in each.text|list %}{{ loop.first }}{% endfor %}{{ loop.last }}END",
        "EACH{% for letter in each.text|list %}{{ loop.cycle(0, 1) }}{% endfor %}{{ loop.last }}END",
        "EACH{{ loop.cycle('odd', 'even') }}{{ loop.first }}END",
        "{% for each in page.crumbs if each.to %}{{ loop.index0 }}{{ each.text }}{% else %}none{% endfor %}",
        "{% for x in page.crumbs %}EACH{{ loop.index }}{{ x.text }}END{{ loop.index }}{% endfor %}",
        "{% set name = page.title %}{{ name }}EACH{% set name = each.text %}END{{ name }}",
        "{% macro twice(text, mark='!') %}{{ text }}{{ text }}{{ mark }}{% endmacro %}{{ twice(page.title) }}",
        "{% from 'parts.html' import risk with context %}{{ risk('<High>') }}{{ risk('Low')|upper }}",
        "{% from 'parts.html' import risk as badge with context %}{{ badge('High') }}",
        "GREET{% for page in page.crumbs %}{{ greet(page.text) }}{% endfor %}",
        "GREET{{ both('a&b', last='c') }}{{ greet('x', mark='?') }}EACH{{ greet(each.text) }}{{ loop.index }}END",
        "{% for each in ['ab<', 'c'] recursive %}{{ each }}{{ loop(each) if each|length > 1 }}{% endfor %}",
        "{% import 'own.html' as own with context %}{{ own.greet('a') }}",
        "{% include 'own.html' %}{% with x = page.title %}{{ x ~ 1 ~ '<' }}{% endwith %}",
        "{% block one %}1{% block two %}{{ page.title|lower }}{% endblock %}{% endblock %}{{ self.two() }}",
        "{% block one %}1{% block two %}{{ page.title|lower }}{% endblock %}{% endblock %}",
        "{{ page.title|safe }}{{ '<b>'|safe ~ page.title }}{{ '{a}\\\\\\'' }}{{ page.missing is defined }}",
        "{{ page.missing|default('none') }}{{ page.crumbs|length }}{{ page.title[:3] }}{{ page.crumbs[0].text }}",
        "{{ 1.5 }}{{ none }}{{ true }}{{ 2 ** 3 }}{{ [1, 2]|join('<') }}{{ {'a': 1}.a }}{a}'\"\\\\",
        "{% filter upper %}{{ page.title }}{% endfilter %}",
        "\u200b{{ page.title }} {{ canonical }} {{ link('rules/') }} {{ link(target='rules/') }}",
    ],
)
def test_whatever_a_template_uses_it_means_what_jinja2_says(tmp_path: Path, template: str) -> None:
    own_macros = (
        "{% macro greet(name, mark='!') %}{{ page.title }}, {{ name }}{{ mark }}{% endmacro %}\n"
        "{% macro both(first, last) %}{{ greet(first) }} {{ greet(last) }}{% endmacro %}"
    )
    template = template.replace("EACH", "{% for each in page.crumbs %}").replace("END", "{% endfor %}")
    template = template.replace("GREET", "{% from 'own.html' import greet, both with context %}")
    made = renderer(tmp_path, own=own_macros, **{"404": template})
    crumbs = (Link(text="A<b", to="a/"), Link(text="C", to=""), Link(text="“é” {}", to="c/d/"))
    page = replace(PAGE, crumbs=crumbs)
    assert made.html(page) == made.plain(page)


@pytest.mark.parametrize(
    ("template", "place", "reason"),
    [
        ("<p>\n{% if page.title %}\n", "404.html', line 2", "Unexpected end of template"),
        ("<p>\n{{ page.colour }}", "404.html', line 2", "has no attribute 'colour'"),
        ("\n\n{{ colour }}", "404.html', line 3", "'colour' is undefined"),
        ("\n{{ page.title + 1 }}", "404.html', line 2", "concatenate"),
        ("\n{{ 1 / 0 }}", "404.html', line 2", "zero"),
        ("\n{{ page.title|shout }}", "404.html', line 2", "No filter named 'shout'"),
        ("\n{% extends 'frame.html' %}", "'frame.html'", "no template"),
        ("\n{% from 'parts.html' import rsk with context %}{{ rsk('x') }}", "404.html', line 2", "rsk"),
    ],
)
def test_an_error_in_a_template_names_the_file_the_line_and_the_reason(
    tmp_path: Path, template: str, place: str, reason: str
) -> None:
    with pytest.raises(UsageError) as error:
        own(tmp_path, template).html(PAGE)
    assert place in str(error.value)
    assert reason in str(error.value)


def test_what_a_template_of_the_publishers_marks_as_safe_hides_nothing_either(tmp_path: Path) -> None:
    hidden = replace(PAGE, summary="a\u202eb<i>\ud800")
    html = own(tmp_path, "<p>{{ page.summary|e }}").html(hidden).decode()
    assert html == "<p>a⟦U+202E⟧b&lt;i&gt;⟦U+D800⟧"


def test_a_template_that_is_not_utf8_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_bytes("<p>é".encode("latin-1"))
    with pytest.raises(UsageError, match="not UTF-8"):
        Renderer(SiteOptions(templates=tmp_path)).html(PAGE)


def test_a_template_that_includes_one_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"404\.html', line 2: there is no template 'nowhere.html'"):
        own(tmp_path, "<p>\n{% include 'nowhere.html' %}").html(PAGE)
