"""HTTP and HTTPS servers on loopback, in a thread."""
