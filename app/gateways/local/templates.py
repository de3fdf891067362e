"""The approved text message templates of the local gateway's one SMS account."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """{1}, {2}... are the parameters, as in Tencent's templates."""

    id: str
    name: str
    text: str

    @property
    def parameters(self) -> int:
        return self.text.count("{")

    def filled(self, params: list[str]) -> str:
        text = self.text
        for position, value in enumerate(params, start=1):
            text = text.replace(f"{{{position}}}", value)
        return text


_ALL = (
    Template("1000001", "login", "您的登录验证码是{1},请勿告诉他人。"),
    Template("1000002", "order_assigned", "您的订单{1}已安排{2}上门,时间:{3}。"),
    Template("1000003", "offer", "您有新的订单{1},时间:{2},请尽快确认。"),
    Template("1000004", "visit_reminder", "提醒:订单{1}将于{2}开始服务。"),
)
TEMPLATES = {template.id: template for template in _ALL}
