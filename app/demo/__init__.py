"""Data of the demo company: pure tables and seeded generators, without a database or a clock."""
