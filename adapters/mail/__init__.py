"""Mail: messages are composed from letters and sent by SMTP."""
