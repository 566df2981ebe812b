"""Long-running processes: the web server, the worker and the demo."""
