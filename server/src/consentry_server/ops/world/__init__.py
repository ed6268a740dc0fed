"""The demo world: people, projects, what they share, and the facts that outside clients read."""
