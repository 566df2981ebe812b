"""Support for tests of programs that use the simulators: a merchant's server, forms of pages."""
