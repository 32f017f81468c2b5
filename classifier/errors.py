"""What can be wrong with the rules themselves. A tool definition never raises: it gets a verdict."""


class RuleError(Exception):
    """A rule or lexicon file is not valid; the text names the file and says what to do."""
