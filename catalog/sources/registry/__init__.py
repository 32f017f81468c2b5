"""Servers that an MCP registry lists: its API read page by page, each entry turned into the servers that it names."""
