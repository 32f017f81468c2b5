"""Compile Python sources and import none of them: a program of its own, run inside the sandbox (bytecode.py).

Reads sources from standard input, each after its length (four bytes, big-endian), and writes for each one the compiled
module the same way; length 0 means that it does not compile. An input length of LAST ends it. Compiled modules carry
the hash of their source and say that nobody need check it (PEP 552): the same on every machine, whatever the dates.
"""

import importlib.util
import marshal
import struct
import sys

LAST = 0xFFFFFFFF

# PEP 552: hash-based, and the source is not looked at again.
_UNCHECKED_HASH = 1


def compiled(source: bytes) -> bytes:
    """Return the content of a ``.pyc`` for ``source``; empty where it is not valid Python."""
    try:
        code = compile(source, "<compiled>", "exec", dont_inherit=True, optimize=0)
        content = marshal.dumps(code)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return b""
    flags = struct.pack("<I", _UNCHECKED_HASH)
    return importlib.util.MAGIC_NUMBER + flags + importlib.util.source_hash(source) + content


def main() -> None:
    """Answer until LAST comes or the input ends."""
    read, write = sys.stdin.buffer, sys.stdout.buffer
    while len(head := read.read(4)) == 4:
        (length,) = struct.unpack(">I", head)
        if length == LAST:
            return
        content = compiled(read.read(length))
        write.write(struct.pack(">I", len(content)) + content)
        write.flush()


if __name__ == "__main__":
    main()
