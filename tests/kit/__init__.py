"""Private servers, databases and signed-in clients for the tests."""
