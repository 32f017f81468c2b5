"""Fetch a package and run none of its code; return how to run its server."""
