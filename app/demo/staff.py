"""Staff logins of the demo company. The administrator is not here: `flask init` creates the first.

Three people share the finance role, because who makes a settlement neither approves nor pays it.
Passwords are no data: the loader sets them. The mail domain is reserved (RFC 2606), so that nothing
is ever delivered.
"""

from dataclasses import dataclass
from typing import Literal, get_args

RoleCode = Literal[
    "administrator", "operations", "hr", "dispatcher", "finance", "service", "auditor", "partner"
]
ROLE_CODES: tuple[RoleCode, ...] = get_args(RoleCode)
EMAIL_DOMAIN = "homecare.example"


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """A person of the back office; Chinese names are surname + given name."""

    username: str
    surname_zh: str
    given_name_zh: str
    name_en: str
    role: RoleCode
    duty_zh: str
    duty_en: str

    @property
    def name_zh(self) -> str:
        return f"{self.surname_zh}{self.given_name_zh}"

    @property
    def email(self) -> str:
        return f"{self.username}@{EMAIL_DOMAIN}"


STAFF: tuple[StaffLogin, ...] = (
    StaffLogin("ops", "陈", "慧敏", "Chen Huimin", "operations", "运营主管", "Operations lead"),
    StaffLogin("hr", "黄", "婉仪", "Huang Wanyi", "hr", "人事审核", "Vetting of workers"),
    StaffLogin("dispatcher", "梁", "志强", "Liang Zhiqiang", "dispatcher", "调度员", "Dispatcher"),
    StaffLogin("finance_make", "林", "晓彤", "Lin Xiaotong", "finance", "制单", "Makes"),
    StaffLogin("finance_approve", "吴", "国栋", "Wu Guodong", "finance", "审批", "Approves"),
    StaffLogin("finance_pay", "郑", "雅文", "Zheng Yawen", "finance", "付款", "Pays"),
    StaffLogin(
        "admin_second",
        "罗",
        "启明",
        "Luo Qiming",
        "administrator",
        "第二管理员",
        "Second administrator",
    ),
    StaffLogin("service", "何", "嘉敏", "He Jiamin", "service", "客服", "Customer service"),
    StaffLogin("auditor", "冯", "伟明", "Feng Weiming", "auditor", "审计", "Auditor"),
    StaffLogin("partner", "何", "敏仪", "He Minyi", "partner", "合作伙伴", "An agency's login"),
)
