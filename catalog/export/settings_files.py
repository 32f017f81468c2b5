"""Settings files on the disk: read as text, and replaced as a whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from catalog.errors import InputError


def read_settings(path: Path) -> str:
    """Return the text of a settings file, nothing where there is none. Raises: InputError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise InputError(f"{str(path)!r} is not UTF-8 at byte {error.start}; settings are left as they are") from error
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}") from error


def write_settings(path: Path, text: str) -> None:
    """Replace a settings file, its folders made where they are missing; it is never half written.

    A file that is read-only is not replaced, though its folder would let us: somebody meant it to stay.

    Raises: InputError where it cannot be written.
    """
    target = path.resolve()  # what a link leads to is replaced, not the link
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        if target.exists() and not (target.is_file() and os.access(target, os.W_OK) and target.stat().st_mode & 0o222):
            raise InputError(f"{str(path)!r} is read-only or no file; make it writable, or write elsewhere with -o")
        target.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, encoding="utf-8")
        if target.exists():
            new.chmod(target.stat().st_mode & 0o777)
        new.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}; write elsewhere with -o") from error
    finally:
        with suppress(OSError):
            new.unlink()
