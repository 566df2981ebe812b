"""The contract of each port, as tests that an adapter's test module imports.

A test module imports a whole suite, and defines the fixture that the suite requires:

    from coursetill_testing.contracts.orders import *

    @pytest.fixture
    def shop(): ...
"""
