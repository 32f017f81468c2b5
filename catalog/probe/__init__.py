"""Ask one running server for its tools and return an Outcome."""
