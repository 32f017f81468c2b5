"""Speak MCP with a server over HTTP: guarded addresses, bounded bodies, both transports, how one is let in."""  # noqa: A005  # absolute imports only; beside stdio.py its name is its transport
