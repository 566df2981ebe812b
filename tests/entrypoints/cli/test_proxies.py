"""Whose address the shop believes a request comes from, behind proxies and without one."""

from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.proxy_headers import proxy_headers_middleware

from entrypoints.processes.web_server import proxied


def address_seen(proxies: int, forwarded_for: str) -> str:
    """The address that the application is told, for a request that arrives from 10.0.0.1."""
    told = Adjustments(**proxied(proxies))
    seen: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return [b""]

    behind = proxy_headers_middleware(
        application,
        trusted_proxy=told.trusted_proxy,
        trusted_proxy_count=told.trusted_proxy_count or 1,
        trusted_proxy_headers=told.trusted_proxy_headers,
        clear_untrusted=told.clear_untrusted_proxy_headers,
    )
    request = {
        "REMOTE_ADDR": "10.0.0.1",
        "REMOTE_HOST": "10.0.0.1",
        "REMOTE_PORT": "4711",
        "SERVER_NAME": "shop",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "HTTP_X_FORWARDED_FOR": forwarded_for,
    }
    behind(request, lambda *_: None)
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "believed"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
    ],
)
def test_a_forwarded_address_is_trusted_for_the_configured_number_of_proxies(
    proxies: int, forwarded_for: str, believed: str
) -> None:
    assert address_seen(proxies, forwarded_for) == believed
