"""What a page may load and run (Content Security Policy, level 3): nothing but the site's own files.

Nothing inline runs and nothing is loaded from elsewhere, whatever a server managed to write into a page.
"""

PLAIN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)

FETCHING = f"{PLAIN}; connect-src 'self'"
"""For pages that read files of the site: the search page, and all of a site that is being worked on."""

COMPUTING = FETCHING.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""For the search page where its engine is WebAssembly."""

PAGE_POLICIES = frozenset({PLAIN, FETCHING})
"""What a page may have."""

SEARCH_POLICIES = frozenset({FETCHING, COMPUTING})
"""What the search page may have."""
