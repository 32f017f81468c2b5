"""Reads a built site back and reports what is broken in it. Nothing here knows how a page was made."""

from sitegen.check.checker import SiteProblem, check_site

__all__ = ["SiteProblem", "check_site"]
