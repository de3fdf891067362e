"""The sheets of the settlement workbook, one module each, and what they are made from."""
