"""Recommended policies: from a classification to rules a gateway can enforce. Pure."""
