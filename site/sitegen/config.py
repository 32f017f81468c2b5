"""The publisher's own settings of a site: one TOML file.

title = "Tools at Orchard Ltd."
accent = "#0a6b4f"
accent_dark = "#5fd3ac"
footer = "Kept by the platform team."
base_url = "https://tools.example.org/"
report_url = "mailto:tools@example.org?subject=Wrong%20verdict%3A%20{tool}"
templates = "templates"

[[pages]]
slug = "help"
title = "How to get a tool approved"
file = "help.md"
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.errors import InputError
from sitegen.parts import ExtraPage, SiteOptions
from sitegen.slugs import slug

# Bytes of one page of the publisher's own.
_LONGEST_PAGE = 1_000_000

# First folders of our own pages.
_TAKEN = {"api", "assets", "attacks", "category", "changes", "method", "pagefind", "products", "risk", "rules"} | {
    "search",
    "servers",
}


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    title: str = Field(min_length=1, max_length=160)
    file: str = Field(min_length=1)


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(default=None, min_length=1, max_length=160)
    accent: str | None = Field(default=None, pattern=r"^#[0-9a-fA-F]{6}$")
    accent_dark: str | None = Field(default=None, pattern=r"^#[0-9a-fA-F]{6}$")
    footer: str = Field(default="", max_length=1_000)
    base_url: str | None = None
    report_url: str | None = None
    templates: str | None = None
    pages: tuple[_Page, ...] = ()


def read_config(file: Path, options: SiteOptions) -> SiteOptions:
    """Return ``options`` with what ``file`` says; what is set in ``options`` already wins. Paths are relative to it.

    Raises: InputError naming the file and what is wrong in it.
    """
    config = _parsed(file)
    slugs = [page.slug for page in config.pages]
    if twice := next((slug for slug in slugs if slugs.count(slug) > 1), None):
        raise InputError(f"{str(file)!r} has two pages with the slug {twice!r}; give each its own")
    templates = file.parent / config.templates if config.templates else None
    if templates is not None and not templates.is_dir():
        raise InputError(f"{str(file)!r} names templates in {config.templates!r}, which is no folder beside it")
    return replace(
        options,
        title=config.title or options.title,
        accent=config.accent,
        accent_dark=config.accent_dark,
        footer=config.footer,
        base_url=options.base_url or config.base_url,
        report_url=options.report_url or config.report_url,
        templates=templates,
        extra_pages=tuple(_page(page, file) for page in config.pages),
    )


def _parsed(file: Path) -> _Config:
    try:
        return _Config.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"cannot read {str(file)!r}: {error.strerror}; correct --site-config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{str(file)!r} is not TOML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise InputError(f"{str(file)!r} is wrong: {wrong}") from error


def _page(page: _Page, file: Path) -> ExtraPage:
    if page.slug in _TAKEN or slug(page.slug, distinct=page.slug) != page.slug:
        raise InputError(f"{str(file)!r}: the slug {page.slug!r} is one of our own folders or a device; choose another")
    place = file.parent / page.file
    try:
        with place.open("rb") as opened:
            content = opened.read(_LONGEST_PAGE + 1)
    except OSError as error:
        raise InputError(f"{str(file)!r} names the page {page.file!r}: {error.strerror}") from error
    if len(content) > _LONGEST_PAGE:
        raise InputError(f"{str(place)!r} is longer than {_LONGEST_PAGE:,} bytes")
    text = re.sub(r"\A\ufeff", "", content.decode("utf-8", "replace"))
    return ExtraPage(slug=page.slug, title=page.title, markdown=text)
