"""Certificates of a test's own: an authority that only the test's client trusts."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def context(self, folder: Path) -> ssl.SSLContext:
        """Return what a server uses; ``folder`` holds the files that Python reads it from."""
        path = folder / "server.pem"
        path.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + self.certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def client(self) -> ssl.SSLContext:
        """Return what a client uses that trusts this authority and no other."""
        return ssl.create_default_context(cadata=self.own().decode())

    def own(self) -> bytes:
        """Return the authority's own certificate (PEM)."""
        own = self._sign("authority.example", self.key.public_key(), days=10, authority=True)
        return own.public_bytes(serialization.Encoding.PEM)

    def server(self, name: str, *, days: int = 10) -> Certificate:
        """Return a certificate for ``name`` that holds for ``days`` from now; below 0 it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        return Certificate(certificate=self._sign(name, key.public_key(), days=days, authority=False), key=key)

    def _sign(self, name: str, key: ec.EllipticCurvePublicKey, *, days: int, authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority.example")])
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName([_general(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def loopback_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context for 127.0.0.1, and the file with the certificate of its authority."""
    authority, trusted = Authority(), folder / "authority.pem"
    trusted.write_bytes(authority.own())
    return authority.server("127.0.0.1").context(folder), trusted
