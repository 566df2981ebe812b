"""What pytest loads before all tests: fixtures, steps of features, settings of Hypothesis."""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

# Only this conftest, the first of all, may name plugins.
pytest_plugins = [
    # Its entry point loads it too; this line serves an environment that was made before it.
    "pytester",
    "coursetill_testing.plugin",
    *(
        f"tests.features.steps.{subject}"
        for subject in (
            *("baskets", "bulk_codes", "catalogue", "discounts", "emails", "hosted_page"),
            *("order_actions", "orders", "payments", "personal_data", "platform", "products"),
            *("refund_requests", "refunds", "webhooks"),
        )
    ),
]

BUILD = Path(__file__).parent.parent / "build"

# Where changes are judged, the same examples every time; at a desk, fewer and new ones, and those
# that failed before come first. `make check` takes the quick profile;
# `--hypothesis-profile=thorough` looks for a long time.
set_hypothesis_home_dir(BUILD / "hypothesis")
# Time is not judged: no test fails because the machine is busy.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("judged", patient, database=None, derandomize=True, print_blob=True)
settings.register_profile("desk", patient, max_examples=50)
settings.register_profile("quick", patient, max_examples=20)
settings.register_profile("thorough", patient, max_examples=5_000)
settings.load_profile("judged" if os.environ.get("CI") else "desk")
