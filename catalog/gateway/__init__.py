"""The enforcing gateway: stands between an MCP client and servers and lets through what a policy lets through."""
