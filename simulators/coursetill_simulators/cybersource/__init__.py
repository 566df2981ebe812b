"""
A simulator of CyberSource that runs on this machine and moves no money.

It implements CyberSource's HTTP API, verifies the signature of every request, and has its own
ledger, from which a test can read how much money moved. It imports neither the core nor the
adapter under test.

It implements Unified Checkout (manual and automatic, with 3-D Secure), Microform sessions,
payments, captures, refunds, voids, reversals, search, details, reports, webhooks and Secure
Acceptance. Requests are authenticated by JWT (shared secret or P12) or by HTTP Signature, which can
be switched off; their bodies may be encrypted. Its page and control API (`control`) inject faults.
It sends messages only to loopback addresses.

The routes are in `sessions`, `payments`, `reports`, `subscriptions`, `payment_pages` and `control`;
payments and their outcomes in `state`; messages to the merchant in `webhooks` and
`secure_acceptance`; signatures and encryption in `authentication`; faults in `faults`; formats of
fields in `wire_format`. `app` composes the simulator, `registry` holds its parts, and `middleware`
verifies each request and sends each reply.

docs/simulator.md lists the routes, faults, cards and switches, and the assumptions made where the
vendor's documents are silent.
"""

from coursetill_simulators.cybersource.app import create_simulator
from coursetill_simulators.cybersource.guards import (
    BesideProduction,
    NotLoopback,
    refuse_production,
)
from coursetill_simulators.cybersource.profiles import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
    Profile,
)
from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)

__all__ = [
    "DEMO_ACCESS_KEY",
    "DEMO_KEY_ID",
    "DEMO_MERCHANT_ID",
    "DEMO_PROFILE_ID",
    "DEMO_PROFILE_SECRET",
    "DEMO_SECRET",
    "BesideProduction",
    "NotLoopback",
    "Profile",
    "RunningSimulator",
    "SimulatorSettings",
    "create_simulator",
    "refuse_production",
]
