"""Who is calling, said by a bearer token: minting, hashing, rotating."""
