"""Ours against a named baseline, in the same run. `make bench`, or `make bench B=start` for one."""
