"""A tenant that is served, and how tests visit it."""

import base64
import hashlib
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from licbot.testing.superoffice import App, Online, Onsite, Tenant, serve

Json = Any
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CALLBACK = "http://127.0.0.1:1/callback"
APP = App(
    client_id="client",
    client_secret="app-token",
    redirect_uris=(CALLBACK,),
    public_key=KEY.public_key(),
)
VERIFIER = "a-verifier-that-is-long-enough-to-be-one-of-s256"
ADMIN = 101
PLAIN_USER = 110
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Reading the certificates of the world takes longer than a test; the loopback needs none."""


@dataclass(kw_only=True)
class Site:
    """An address with a tenant at it. headers: how requests to the API come in."""

    tenant: Tenant
    address: str
    endpoint: str
    http: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, **query: str) -> httpx.Response:
        """Ask for a path below ``/api/v1``; write ``_select`` for ``$select``."""
        params = {name.replace("_", "$", 1): value for name, value in query.items()}
        return await self.http.get(self.url(path), params=params, headers=self.headers)

    async def put(self, path: str, body: Json) -> httpx.Response:
        """Put a body to a path below ``/api/v1``."""
        return await self.http.put(self.url(path), json=body, headers=self.headers)

    async def agent(self, method: str, **fields: Json) -> httpx.Response:
        """Call a method such as ``License/GetLicenseFromDB``."""
        url = self.url(f"/Agents/{method}")
        if not fields:
            return await self.http.post(url, headers=self.headers)
        return await self.http.post(url, json=fields, headers=self.headers)

    async def send(self, method: str, content: str) -> httpx.Response:
        """Call a method of the License agent with a body as it is."""
        headers = {**self.headers, "Content-Type": "application/json"}
        url = self.url(f"/Agents/License/{method}")
        return await self.http.post(url, content=content.encode(), headers=headers)

    def url(self, path: str) -> str:
        """The address of a path below ``/api/v1``."""
        return f"{self.endpoint}/api/v1{path}"


@dataclass(kw_only=True)
class OnlineSite(Site):
    """A tenant Online."""

    online: Online

    async def sign_in(self, user: int) -> Json:
        """Sign a user in; gives the tokens and uses them from then on."""
        back = await self.online.approve(authorize_url(self.address), user)
        tokens = (await self.redeem(code_of(back))).json()
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return tokens

    async def redeem(self, code: str, **changes: str) -> httpx.Response:
        """Ask for the tokens of a code."""
        form = {
            "grant_type": "authorization_code",
            "client_id": APP.client_id,
            "client_secret": APP.client_secret,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await self.tokens({**form, **changes})

    async def refresh(self, token: str, **changes: str) -> httpx.Response:
        """Ask for a new access token."""
        form = {
            "grant_type": "refresh_token",
            "client_id": APP.client_id,
            "client_secret": APP.client_secret,
            "refresh_token": token,
        }
        return await self.tokens({**form, **changes})

    async def tokens(self, form: Mapping[str, str]) -> httpx.Response:
        """Send a form to the token endpoint; empty values are left out."""
        url = f"{self.address}/login/common/oauth/tokens"
        return await self.http.post(url, data={k: v for k, v in form.items() if v})


@asynccontextmanager
async def online_site(tenant: Tenant) -> AsyncIterator[OnlineSite]:
    """A tenant Online, with nobody signed in."""
    online = Online(tenant, app=APP)
    async with serve(online.app) as address, httpx.AsyncClient(verify=NO_TLS) as http:
        yield OnlineSite(
            tenant=tenant,
            address=address,
            endpoint=f"{address}/{tenant.host}/{tenant.customer}",
            http=http,
            headers={},
            online=online,
        )


@asynccontextmanager
async def onsite_site(tenant: Tenant, user: int = ADMIN) -> AsyncIterator[Site]:
    """A tenant onsite, visited by a user."""
    who = tenant.users[user]
    async with serve(Onsite(tenant).app) as address, httpx.AsyncClient(verify=NO_TLS) as http:
        yield Site(
            tenant=tenant,
            address=address,
            endpoint=f"{address}/WebApi",
            http=http,
            headers=basic(who.login, who.password),
        )


def basic(login: str, password: str) -> dict[str, str]:
    """The header of Basic authentication."""
    return {"Authorization": f"Basic {base64.b64encode(f'{login}:{password}'.encode()).decode()}"}


def authorize_url(address: str, **changes: str) -> str:
    """Where an app sends a browser; empty values are left out."""
    query = {
        "client_id": APP.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "the-state",
        "acr_values": "tenant:Cust12345",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    kept = {name: value for name, value in query.items() if value}
    return f"{address}/login/common/oauth/authorize?{urlencode(kept)}"


def challenge(verifier: str) -> str:
    """The challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def code_of(back: str) -> str:
    """The code in the address to which a browser is sent back."""
    return parse_qs(urlsplit(back).query)["code"][0]


def claims_of(jwt: str) -> dict[str, Json]:
    """What a JWT says, unverified."""
    claims: dict[str, Json] = json.loads(decoded(jwt.split(".")[1]))
    return claims


def decoded(text: str) -> bytes:
    """The bytes of Base64 for addresses."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_token(token: str, at: datetime, key: rsa.RSAPrivateKey = KEY) -> str:
    """A system token, signed."""
    content = f"{token}.{at:%Y%m%d%H%M}"
    signature = key.sign(content.encode(), padding.PKCS1v15(), SHA256())
    return f"{content}.{base64.b64encode(signature).decode()}"
