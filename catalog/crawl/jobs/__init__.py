"""The same crawl on many machines: servers wait in PostgreSQL, workers anywhere look at them (Procrastinate)."""
