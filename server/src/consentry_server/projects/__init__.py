"""Projects: whoever asks for data, brings it, or both; what they ask for, and their approval."""
