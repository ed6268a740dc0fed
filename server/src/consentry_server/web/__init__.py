"""Pages for people: one module per journey, plain HTML forms, no JavaScript needed."""
