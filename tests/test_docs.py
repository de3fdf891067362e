"""Documents that are made from the code say what the code says."""

from app.server import parameter_docs, role_docs


def test_the_parameters_are_documented_as_declared():
    assert parameter_docs.FILE.read_text(encoding="utf-8") == parameter_docs.text(), "make docs"


def test_the_roles_are_documented_as_they_are():
    assert role_docs.FILE.read_text(encoding="utf-8") == role_docs.text(), "make docs"
