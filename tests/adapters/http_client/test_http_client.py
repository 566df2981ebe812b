"""The conclusion from each kind of network error."""

import gzip

import pytest

from adapters.http_client import HttpClient, HttpRequest, Lost, NotSent, Timeouts
from tests.adapters.http_client.stubs import Stub, free_port, http

QUICK = Timeouts(connect=2, read=0.3)


def post(url: str) -> HttpRequest:
    return HttpRequest("POST", url, {"Content-Type": "application/json"}, b'{"pay": "247.51"}')


def test_a_reply_is_returned_as_sent():
    with Stub(http("201 Created", b'{"ok": 1}', "X-Requestid: 7\r\n")) as stub:
        reply = HttpClient(QUICK).send(post(stub.url))
    assert (reply.status, reply.headers["x-requestid"], reply.body) == (201, "7", b'{"ok": 1}')
    assert stub.requests[0].endswith(b'\r\n\r\n{"pay": "247.51"}')


def test_a_refused_connection_means_nothing_was_sent():
    with pytest.raises(NotSent):
        HttpClient(QUICK).send(post(f"http://127.0.0.1:{free_port()}"))


def test_an_unresolvable_host_means_nothing_was_sent():
    with pytest.raises(NotSent):
        # An address on a network card that there is not: the look-up fails, without a network.
        HttpClient(QUICK).send(post("http://[fe80::1%25no-such-card]"))


def test_an_invalid_address_means_nothing_was_sent():
    with pytest.raises(NotSent):
        HttpClient(QUICK).send(post("http://[half-an-address"))


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((), id="hung-up-without-a-word"),
        pytest.param(
            (b'HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n{"status": "AUTHO',),
            id="cut-in-the-body",
        ),
        pytest.param(
            (b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"status"',),
            id="cut-in-a-chunk",
        ),
        pytest.param((b"220 mail.example.org ESMTP\r\n",), id="no-http-at-all"),
        pytest.param((http("201 Created", b"x" * 2000),), id="longer-than-is-bearable"),
        pytest.param(
            (http("201 Created", gzip.compress(b"x" * 2000), "Content-Encoding: gzip\r\n"),),
            id="longer-once-unpacked",
        ),
        pytest.param(
            (http("201 Created", b"not gzip", "Content-Encoding: gzip\r\n"),), id="badly-packed"
        ),
    ],
)
def test_an_error_after_sending_leaves_the_result_unknown_and_is_not_retried(pieces):
    with Stub(*pieces) as stub, pytest.raises(Lost):
        HttpClient(QUICK, largest=1000).send(post(stub.url))
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((), id="says-nothing"),
        pytest.param((b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{",), id="stops-half-way"),
    ],
)
def test_a_hanging_server_leaves_the_result_unknown_and_is_not_retried(pieces):
    with Stub(*pieces, holds=True) as stub, pytest.raises(Lost):
        HttpClient(QUICK).send(post(stub.url))
    assert len(stub.requests) == 1


def test_an_endless_reply_is_aborted():
    begun = b"HTTP/1.1 201 Created\r\n\r\n"
    with Stub(begun, endlessly=b"x") as stub, pytest.raises(Lost, match="too long"):
        HttpClient(QUICK, largest=10**12).send(post(stub.url))


def test_a_get_request_is_not_retried_either():
    with Stub() as stub, pytest.raises(Lost):
        HttpClient(QUICK).send(HttpRequest("GET", stub.url, {}))
    assert len(stub.requests) == 1


def test_a_redirect_is_not_followed():
    with Stub(http("200 OK", b"{}")) as elsewhere:
        with Stub(http("307 Moved", b"", f"Location: {elsewhere.url}/\r\n")) as stub:
            assert HttpClient(QUICK).send(post(stub.url)).status == 307
        assert elsewhere.requests == []


def test_a_proxy_from_the_environment_is_not_used(monkeypatch):
    with Stub(http("502 Bad Gateway", b"")) as proxy, Stub(http("200 OK", b"{}")) as stub:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert HttpClient(QUICK).send(post(stub.url)).status == 200
        assert proxy.requests == []


def test_a_cookie_is_not_sent_back():
    headers = "Set-Cookie: seen=yes\r\nConnection: close\r\n"
    with Stub(http("200 OK", b"{}", headers)) as stub:
        wire = HttpClient(QUICK)
        wire.send(post(stub.url))
        wire.send(post(stub.url))
    assert b"cookie" not in stub.requests[1].lower()
    assert len(stub.requests) == 2


def test_printed_requests_and_replies_show_no_headers_or_bodies():
    with Stub(http("201 Created", b'{"token": "hush"}', "X-Token: hush\r\n")) as stub:
        request = HttpRequest("POST", stub.url, {"Authorization": "hush"}, b"hush")
        reply = HttpClient(QUICK).send(request)
    assert "hush" not in repr(request) + repr(reply)
