"""The app that is registered with SuperOffice Online."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


@dataclass(frozen=True, kw_only=True, slots=True)
class App:
    """What SuperOffice knows of an app.

    client_secret: also the application token.
    redirect_uris: where people may be sent after they signed in.
    public_key: what the app's system user is checked with; None where it has none.
    """

    client_id: str = "stand-in-client"
    client_secret: str = field(default="stand-in-secret", repr=False)
    redirect_uris: tuple[str, ...] = ("http://127.0.0.1/callback",)
    public_key: RSAPublicKey | None = field(default=None, repr=False)
