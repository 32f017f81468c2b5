"""Unpack the Chromium of the npm package @sparticuz/chromium: unpack_chromium.py PACKAGE_DIR OUTPUT_DIR.

The package holds the browser, the libraries that a bare system lacks, and fonts, all compressed with brotli. Its own
script would put them into /tmp, for whoever comes first.
"""

import io
import sys
import tarfile
from pathlib import Path

import brotli

LIBRARIES, FONTS, BROWSER = "al2023.tar.br", "fonts.tar.br", "chromium.br"


def main() -> None:
    """Leave ``chromium``, ``lib/`` and ``fonts/`` in the output directory."""
    package, output = map(Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for name in (LIBRARIES, FONTS):
        content = brotli.decompress((package / "bin" / name).read_bytes())
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(output, filter="data")
    browser = output / "chromium"
    browser.write_bytes(brotli.decompress((package / "bin" / BROWSER).read_bytes()))
    browser.chmod(0o755)


main()
