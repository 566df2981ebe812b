"""Letters handed to real mail servers, and to bad ones."""
