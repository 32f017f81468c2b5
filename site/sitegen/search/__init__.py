"""Search: an index of our own for any size, and Pagefind's for sites that it can hold.

A reader sees one page (sitegen.pages.search, static/search.js) whichever of the two answers.
"""
