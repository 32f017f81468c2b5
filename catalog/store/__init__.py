"""The only SQL in the project: facts verbatim and content-addressed, judgements derived."""
