"""The hook program: decides on one call for a client that asks before it makes it."""
