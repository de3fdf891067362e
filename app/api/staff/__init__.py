"""The staff's REST resources: FAB's, made of tables, for staff tokens. /api/staff/v1."""

from app.api.staff import changes, customers, money, office, people, plans, quality, rules
from app.api.staff.catalogue import (
    StaffCategoryApi,
    StaffOptionApi,
    StaffOptionGroupApi,
    StaffServiceApi,
)
from app.api.staff.orders import StaffOrderApi, StaffVisitApi
from app.api.staff.workers import StaffShiftApi, StaffWorkerApi

APIS = (
    StaffCategoryApi, StaffServiceApi, StaffOptionGroupApi, StaffOptionApi, StaffOrderApi,
    StaffVisitApi, StaffWorkerApi, StaffShiftApi, *rules.APIS, *customers.APIS, *people.APIS,
    *changes.APIS, *quality.APIS, *money.APIS, *office.APIS, *plans.APIS,
)  # fmt: skip
