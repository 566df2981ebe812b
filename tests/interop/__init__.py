"""The vendor's own Python client against the simulator. It is no test of pytest: `make interop`."""
