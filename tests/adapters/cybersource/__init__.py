"""CyberSource's adapter."""
