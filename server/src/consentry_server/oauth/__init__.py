"""OAuth2 and OpenID Connect: where apps send members, and where they get their tokens. The only home of the toolkit."""
