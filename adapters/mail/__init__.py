"""Letters by electronic mail: handed to a mail server, or caught by one on this machine."""
