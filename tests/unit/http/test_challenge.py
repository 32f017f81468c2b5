"""What a ``WWW-Authenticate`` header says, however it is written."""

import pytest

from catalog.probe.http.authorization import Challenge, parse_challenge


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], Challenge()),
        (["Bearer"], Challenge()),
        (["Basic realm=x, scope=y"], Challenge()),
        (['Bearer scope="read write read"'], Challenge(scopes=("read", "write"))),
        (['bearer SCOPE=read, realm="a, Basic b"'], Challenge(scopes=("read",))),
        (['Digest nonce="n", Bearer scope="read", Basic scope="no"'], Challenge(scopes=("read",))),
        (['Basic realm="a"', 'Bearer scope = "read"'], Challenge(scopes=("read",))),
        (
            ['Bearer resource_metadata="https://a.example/m?x=1"'],
            Challenge(resource_metadata="https://a.example/m?x=1"),
        ),
        (["Bearer resource_metadata=https://a.example/m"], Challenge(resource_metadata="https://a.example/m")),
        (['Bearer resource_metadata="/relative"'], Challenge()),
        (['Bearer scope="a\\"b"'], Challenge(scopes=('a"b',))),
        (['Bearer scope="\x1b[31m"'], Challenge(scopes=(r"\x1b[31m",))),
    ],
)
def test_the_bearer_challenge_is_read(headers: list[str], expected: Challenge) -> None:
    assert parse_challenge(headers) == expected
