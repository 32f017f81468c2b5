"""Crawl MCP servers' tool lists, classify every tool, publish the catalogue and recommend policies."""
