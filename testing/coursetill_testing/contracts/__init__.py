"""The promises of each port, as tests that an adapter's own test module imports.

A module of tests takes a suite whole, and gives it the fixture that the suite names:

    from coursetill_testing.contracts.orders import *

    @pytest.fixture
    def shop(): ...
"""
