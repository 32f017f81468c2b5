"""Adapters that ask the engines which enforce exported policies; one module each."""
