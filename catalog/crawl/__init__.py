"""Look at servers: install, run, probe, store; typed events out, no console."""
