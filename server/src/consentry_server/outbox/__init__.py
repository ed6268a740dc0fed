"""Effects that must happen after a commit: rows that workers lease, retry, and park when they give up."""
