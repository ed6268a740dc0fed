"""What every room may use: errors, ids, strict input, keys. Under 300 lines for ever."""
