"""
The merchant post of Secure Acceptance: results for the merchant's own server.

Each is sent once. The vendor documents no retry, so a failed delivery is lost.
`merchant_post_retries` adds retries, one minute apart; the vendor does not promise them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from threading import Lock, RLock

import attrs

from coursetill_simulators.cybersource.faults.message_faults import (
    Channel,
    MessageFault,
    MessageFaultKind,
    MessageFaultQueue,
)
from coursetill_simulators.cybersource.http_client import MerchantClient
from coursetill_simulators.cybersource.secure_acceptance.replies import (
    Fields,
    encoded,
    pairs_of,
    posted,
)
from coursetill_simulators.cybersource.switches import Switchboard

_RETRY_AFTER = timedelta(minutes=1)
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


@attrs.frozen(kw_only=True)
class MerchantPost:
    """One result for one URL. `state` is waiting, held, delivered, failed or dropped."""

    place: int
    url: str
    fields: Fields
    secret: str = attrs.field(repr=False)
    due_at: datetime
    state: str = "waiting"
    message_fault: MessageFault | None = None
    body: bytes = b""
    answers: tuple[int | None, ...] = ()


class MerchantPosts:
    """Sends each result when it is due."""

    def __init__(
        self,
        *,
        switches: Switchboard,
        http_client: MerchantClient,
        message_faults: MessageFaultQueue,
        now: Callable[[], datetime],
    ) -> None:
        self._switches = switches
        self._http_client = http_client
        self._message_faults = message_faults
        self._now = now
        self._lock = RLock()
        self._sending = Lock()
        self._places = count()
        self._posts: dict[int, MerchantPost] = {}

    def put(self, url: str, fields: Fields, secret: str) -> None:
        """Queue a result. Without a URL, nothing is sent."""
        if not url:
            return
        message_fault = self._message_faults.take(
            Channel.MERCHANT_POST, fields.get("req_reference_number", "")
        )
        kind = message_fault.kind if message_fault else None
        late = message_fault.seconds if message_fault and kind is MessageFaultKind.DELAY else 0.0
        states = {MessageFaultKind.DROP: "dropped", MessageFaultKind.REORDER: "held"}
        with self._lock:
            for _ in range(
                message_fault.copies if message_fault and kind is MessageFaultKind.DUPLICATE else 1
            ):
                self._keep(
                    MerchantPost(
                        place=next(self._places),
                        url=url,
                        fields=fields,
                        secret=secret,
                        due_at=self._now() + timedelta(seconds=late),
                        state=states.get(kind, "waiting") if kind else "waiting",
                        message_fault=message_fault,
                    )
                )
            if kind is not MessageFaultKind.REORDER:
                self._release()

    def send_due(self) -> int:
        """Send due posts. Returns their number."""
        with self._sending:
            now = self._now()
            due = [each for each in self.posts() if each.state == "waiting" and each.due_at <= now]
            sent = 0
            for post in sorted(due, key=lambda each: (each.due_at, each.place)):
                # A post without an answer may have delayed later posts.
                if self._posts[post.place].due_at <= now:
                    self._send(post)
                    sent += 1
            return sent

    def posts(self) -> list[MerchantPost]:
        """Every post, oldest first."""
        with self._lock:
            return list(self._posts.values())

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._posts.clear()

    def _keep(self, post: MerchantPost) -> None:
        with self._lock:
            self._posts[post.place] = post

    def _release(self) -> None:
        """Release held messages after the message that was just queued."""
        for each in self.posts():
            if each.state == "held":
                self._posts.pop(each.place)
                place = next(self._places)
                self._keep(attrs.evolve(each, place=place, state="waiting", due_at=self._now()))

    def _send(self, post: MerchantPost) -> None:
        signed = posted(post.fields, post.secret, now=self._now(), message_fault=post.message_fault)
        body = encoded(pairs_of(signed, post.message_fault), post.message_fault)
        answer = self._http_client.post(post.url, _HEADERS, body)
        post = attrs.evolve(post, body=body, answers=(*post.answers, answer))
        if answer is not None and 200 <= answer < 300:
            self._keep(attrs.evolve(post, state="delivered"))
        elif len(post.answers) > self._switches.settings.merchant_post_retries:
            self._keep(attrs.evolve(post, state="failed"))
        else:
            self._keep(attrs.evolve(post, due_at=self._now() + _RETRY_AFTER))
        if answer is None:
            self._hold_up(post)

    def _hold_up(self, unanswered: MerchantPost) -> None:
        """Delay later posts after a slow receiver."""
        pause = timedelta(seconds=self._switches.settings.merchant_post_pause_seconds)
        for each in self.posts():
            if each.state == "waiting" and each.place > unanswered.place:
                self._keep(attrs.evolve(each, due_at=max(each.due_at, self._now() + pause)))
