"""A Secure Acceptance profile: where results go, and the keys that sign for it."""

from collections.abc import Mapping

import attrs

DEMO_PROFILE_ID = "00000000-0000-4000-8000-00000000D3A0"
DEMO_ACCESS_KEY = "00000000000040008000000000000000"
# Plain text, unlike the REST secret; it opens nothing but a simulator.
DEMO_PROFILE_SECRET = "worthless-secret-of-the-simulated-profile"  # noqa: S105 (a published one)


@attrs.frozen(kw_only=True)
class Profile:
    """
    One Hosted Checkout profile. Several keys may be active at once, access key to secret.

    The addresses are used where a request names none of its own.
    """

    id: str
    keys: Mapping[str, str] = attrs.field(repr=False)
    receipt_page: str = ""
    cancel_page: str = ""
    merchant_post_url: str = ""


def demo_profiles() -> tuple[Profile, ...]:
    """The profile of the demo, without addresses of its own."""
    return (Profile(id=DEMO_PROFILE_ID, keys={DEMO_ACCESS_KEY: DEMO_PROFILE_SECRET}),)
