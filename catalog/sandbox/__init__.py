"""Run a program isolated: no network, a minimal read-only root, limits, and nothing left behind."""
