"""Data files: storing, listing, deleting, who may read them, links, and the ledger of accesses."""
