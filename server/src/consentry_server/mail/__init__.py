"""Mail, as plain text, through whatever the settings name, in the language of whoever reads it."""
