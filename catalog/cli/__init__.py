"""The command line: one module per command; the only place that wires parts together and prints."""

import typer

app = typer.Typer(
    name="catalog", rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, no_args_is_help=True
)


@app.callback()
def root() -> None:
    """Know what the tools of AI agents can do, and bound it."""


def main() -> None:
    """Run the command line."""
    app()
