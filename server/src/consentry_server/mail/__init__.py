"""Mail, as plain text, through whatever the settings name."""
