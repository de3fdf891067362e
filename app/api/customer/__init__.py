"""What the customers' client asks for: /api/customer/v1."""

from app.api.customer.addresses import AddressApi
from app.api.customer.auth import CustomerAuthApi
from app.api.customer.catalogue import CatalogueApi
from app.api.customer.coupons import CouponApi
from app.api.customer.holds import HoldApi
from app.api.customer.me import CustomerMeApi
from app.api.customer.moves import CustomerMoveApi
from app.api.customer.order_changes import OrderChangeApi
from app.api.customer.order_troubles import OrderTroubleApi
from app.api.customer.orders import OrderApi
from app.api.customer.payments import PaymentApi
from app.api.customer.plans import PlanApi, PlanChangeApi
from app.api.customer.quotes import QuoteApi
from app.api.customer.workers import WorkerApi

APIS = (
    CustomerAuthApi, CustomerMeApi, CatalogueApi, AddressApi, CouponApi, QuoteApi, HoldApi, OrderApi,
    OrderChangeApi, CustomerMoveApi, OrderTroubleApi, PaymentApi, PlanApi,
    PlanChangeApi, WorkerApi,
)  # fmt: skip
