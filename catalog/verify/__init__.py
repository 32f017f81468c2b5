"""Prove exported policies: ask the engine that enforces them and compare with the reference evaluator."""
