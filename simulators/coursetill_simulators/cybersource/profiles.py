"""A Secure Acceptance profile: its result addresses and its keys."""

from collections.abc import Mapping

import attrs

DEMO_PROFILE_ID = "00000000-0000-4000-8000-00000000D3A0"
DEMO_ACCESS_KEY = "00000000000040008000000000000000"
# Plain text, unlike the REST secret; it is valid only at a simulator.
DEMO_PROFILE_SECRET = "worthless-secret-of-the-simulated-profile"  # noqa: S105 (a published one)


@attrs.frozen(kw_only=True)
class Profile:
    """
    One Hosted Checkout profile. `keys` maps access keys to secrets; several may be active.

    The addresses apply if a request has none of its own.
    """

    id: str
    keys: Mapping[str, str] = attrs.field(repr=False)
    receipt_page: str = ""
    cancel_page: str = ""
    merchant_post_url: str = ""


def demo_profiles() -> tuple[Profile, ...]:
    """The profile of the demo, without addresses."""
    return (Profile(id=DEMO_PROFILE_ID, keys={DEMO_ACCESS_KEY: DEMO_PROFILE_SECRET}),)
