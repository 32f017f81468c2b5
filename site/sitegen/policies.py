"""What a page may load and run (Content Security Policy, level 3): nothing but the site's own files.

Nothing inline runs and nothing is loaded from elsewhere, whatever a server managed to write into a page.
"""

PLAIN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)

SEARCH = PLAIN.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'") + "; connect-src 'self'"
"""The search page loads parts of an index, and one of the engines is WebAssembly."""

LIVE = f"{PLAIN}; connect-src 'self'"
"""A site that is being worked on asks whether it was built again."""

PAGE_POLICIES = frozenset({PLAIN, SEARCH, LIVE})
