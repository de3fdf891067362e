"""Finding customers again."""
