"""Support for tests with the simulators: a merchant's server, and forms of pages."""
