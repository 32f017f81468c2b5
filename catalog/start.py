"""Where the ``catalog`` command begins: the hook program, which a client waits for, starts without the command line."""

import sys


def main() -> None:
    """Run the hook program, or the command line."""
    if sys.argv[1:2] == ["hook"] and not {"--help", "-h"}.intersection(sys.argv[2:]):
        _hook(sys.argv[2:])
    else:
        from catalog.cli import main as command_line

        command_line()


def _hook(arguments: list[str]) -> None:
    try:
        from catalog.hook.standin import install

        install()
        from catalog.hook.program import main as hook
    except Exception as error:  # noqa: BLE001  # a broken installation must block calls too, and 1 would not
        sys.stderr.write(f"catalog hook: cannot start: {error!a}\n")
        sys.exit(2)
    hook(arguments)
