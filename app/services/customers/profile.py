"""What customers say of themselves."""

from app.domain.actors import Actor
from app.models import CustomerAccount
from app.services.transactions import locked, retrying, transaction


@retrying
def change_profile(
    customer_id: int, *, name: str | None = None, locale: str | None = None, actor: Actor
) -> CustomerAccount:
    """Change what is given; None leaves a value as it is."""
    with transaction(actor) as session:
        customer = locked(session, CustomerAccount, customer_id)
        if name is not None:
            customer.name = name
        if locale is not None:
            customer.locale = locale
        return customer
