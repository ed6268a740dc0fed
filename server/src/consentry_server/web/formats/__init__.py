"""How pages write days and hours, a module a language; the rest is Django's."""
