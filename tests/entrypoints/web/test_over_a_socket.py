"""Anything at all over real sockets: to the server that shops run on, and as the gateway's replies.

None of it is a fault of ours, and no order moves without a message that was verified.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from adapters.http_client import Timeouts
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from coursetill_testing.contracts.gateway_world import new_id
from coursetill_testing.running_gateways import pages_of, with_parts
from entrypoints.composition.shop import Shop
from entrypoints.processes.web_server import claimed, page_server
from entrypoints.settings.gateways.secure_acceptance import CANCELLED, RETURN, TOLD
from tests.adapters.cybersource.notifier import KEY, a_message, a_payment, compact, signed
from tests.adapters.cybersource.worlds import settings as account
from tests.adapters.http_client.stubs import Stub, http
from tests.entrypoints.web.hosted_town import Away, goes_there, hosted_town
from tests.entrypoints.web.hosted_town import signed as signed_form
from tests.entrypoints.web.test_webhooks import BODIES, DOOR, HEADERS

FORM = "application/x-www-form-urlencoded"
STRANGER = SharedKey(key_id=KEY.key_id, secret="c29tZWJvZHktZWxzZXMtc2VjcmV0LWtleQ==")
LARGE = b"<html>" + b"\xe9 " * 200_000


class Babbler(Stub):
    """A gateway that answers whatever it was told to last."""

    def says(self, reply: bytes) -> None:
        self._pieces = (reply,)


@attrs.frozen
class Attacked:
    """A shop on a socket, an order of its that waits for money, and a gateway that babbles."""

    port: int
    away: Away
    gateway: Babbler
    numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer to this post."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        host = self.away.town.settings.shop_url.partition("//")[2]
        try:
            connection.putrequest("POST", address, skip_host=True, skip_accept_encoding=True)
            for name, text in {**headers, "Host": host, "Content-Length": str(len(body))}.items():
                connection.putheader(name, text.encode("latin-1"))
            connection.endheaders(body)
            reply = connection.getresponse()
            reply.read()
            return reply.status
        finally:
            connection.close()

    @property
    def at(self) -> int:
        """The moment in milliseconds."""
        return int(self.away.town.clock.now.timestamp() * 1000)

    def payment(self) -> dict[str, Any]:
        """What the gateway would tell had our attempt been paid."""
        form = self.away.form
        amount = {"authorizedAmount": form["amount"], "currency": form["currency"]}
        code = {"code": form["reference_number"], "transactionId": self.away.attempt}
        return a_payment(
            id=f"{next(self.numbers):022}",
            clientReferenceInformation=code,
            orderInformation={"amountDetails": amount},
        )

    def sends_a_hint(self) -> int:
        """The gateway's payload under an envelope that nobody signed: the shop asks about it."""
        payload = self.payment()
        return self.post(DOOR, compact(a_message(payload)), signed(compact(payload), KEY, self.at))

    def nothing_moved(self) -> bool:
        town, reference = self.away.town, self.away.form["reference_number"]
        with town.records.read() as work:
            money = work.transactions.of(town.order(reference).reference)
        states = [attempt.state for attempt in town.attempts(reference)]
        return (town.order(reference).state, states, list(money)) == (
            OrderState.PENDING,
            [AttemptState.OPEN],
            [],
        )


@contextmanager
def served(shop: Shop) -> Iterator[int]:
    """The port of this shop's pages."""
    with claimed("127.0.0.1", 0, retry="") as listening:
        port: int = listening.getsockname()[1]
        server: Any = page_server(shop, listening)

        def run() -> None:
            # Its sockets are taken away while it waits for them: it has no other way to end.
            with suppress(OSError, ValueError):
                server.run()

        thread = Thread(target=run, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            server.close()
            thread.join(10)


@pytest.fixture(scope="module")
def attacked() -> Iterator[Attacked]:
    """One shop for all that moves nothing."""
    with an_attacked_shop() as attacked:
        yield attacked


@contextmanager
def an_attacked_shop() -> Iterator[Attacked]:
    ada = hosted_town().person("Ada Lovelace")
    away = goes_there(ada, ada.orders("STATS-1"))
    with Babbler(b"") as gateway:
        told = account(gateway.url, timeouts=Timeouts(connect=2, read=2))
        real = CyberSourceGateway(told, now=ada.town.clock, new_id=new_id)
        reader = WebhookReader(WebhookSettings(account=real.account, keys=(KEY,)))
        shop = attrs.evolve(ada.town.shop, gateway=real)
        shop = with_parts(shop, pages=pages_of(shop), doors={"cybersource": reader})
        with served(shop) as port:
            yield Attacked(port, away, gateway)


over_a_socket = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@over_a_socket
@given(body=BODIES, headers=HEADERS)
@example(body=b"", headers={})
@example(body=LARGE, headers={"content-type": "text/html; charset=latin-1"})
@example(body=b"x" * 1_000_001, headers={})
def test_an_unsigned_webhook_changes_nothing(
    attacked: Attacked, body: bytes, headers: dict[str, str]
) -> None:
    before = attacked.away.town.records._records
    assert attacked.post(DOOR, body, headers) in (200, 400, 413)
    paid = compact(a_message(attacked.payment()))
    elsewhere = signed(paid, KEY, attacked.at)
    assert attacked.post(DOOR, paid, headers) == 400
    assert attacked.post(DOOR, paid, signed(paid, STRANGER, attacked.at)) == 400
    assert attacked.post(DOOR, paid.replace(b'"7', b'"8', 1) + body[:9] + b" ", elsewhere) == 400
    assert attacked.away.town.records._records is before


@over_a_socket
@given(
    cut=st.integers(0, 1200),
    tail=st.binary(max_size=40),
    kind=st.sampled_from(
        [FORM, "text/html", "multipart/form-data; boundary=x", "application/json"]
    ),
    to=st.sampled_from([TOLD, RETURN, CANCELLED]),
)
@example(cut=0, tail=LARGE, kind=FORM, to=TOLD)
@example(cut=0, tail=b"decision=ACCEPT&decision=\xe9", kind=FORM, to=RETURN)
def test_an_unsigned_notification_changes_nothing(
    attacked: Attacked, cut: int, tail: bytes, kind: str, to: str
) -> None:
    genuine = urlencode(attacked.away.reply("ACCEPT", "100")).encode()
    broken = genuine[: min(cut, len(genuine) - 60)] + tail
    unsigned = urlencode({**attacked.away.form, "decision": "ACCEPT"}).encode() + tail
    post = attacked.away.reply("ACCEPT", "100")
    guessed = urlencode(signed_form(post, "a secret that somebody guessed")).encode()
    changed = urlencode({**post, "transaction_id": f"{cut:022}"}).encode()
    for body in (tail, broken, unsigned, guessed, changed):
        assert attacked.post(to, body, {"Content-Type": kind}) < 500
    assert attacked.nothing_moved()


STATUSES = st.sampled_from(["200 OK", "201 Created", "302 Found", "401 No", "404 No", "502 Bad"])
FOUND = json.dumps({"_embedded": {"transactionSummaries": [{"id": "7" * 22}]}}).encode()
SAID = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=60).map(lambda text: f"<html>{text}</html>".encode("latin-1", "replace")),
    st.integers(0, len(FOUND)).map(lambda end: FOUND[:end]),
    st.integers(0, len(FOUND)).map(lambda at: FOUND[:at] + b"\xe9" + FOUND[at:]),
    st.sampled_from([FOUND, b"[" * 50_000, LARGE, b"{}", b""]),
)
REPLIES = st.one_of(
    st.builds(http, STATUSES, SAID),
    st.builds(lambda status, said: http(status, said)[:-7], STATUSES, SAID),
    st.binary(max_size=80),
)


@over_a_socket
@given(reply=REPLIES)
@example(reply=http("200 OK", b'"' + b"x" * 20_000_000))
def test_a_message_is_stored_and_changes_nothing_whatever_the_gateway_replies(
    attacked: Attacked, reply: bytes
) -> None:
    attacked.gateway.says(reply)
    assert attacked.sends_a_hint() == 200
    assert attacked.gateway.requests
    attacked.gateway.requests.clear()
    assert attacked.nothing_moved()


def test_a_signed_message_pays_the_order() -> None:
    with an_attacked_shop() as attacked:
        genuine = urlencode(attacked.away.reply("ACCEPT", "100")).encode()
        assert attacked.post(TOLD, genuine, {"Content-Type": FORM}) == 200
        assert not attacked.nothing_moved()
