"""How Alipay puts a notice: a signed form; the merchant answers with the word success."""

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from app.gateways.local.alipay_door import wire_time
from app.gateways.local.alipay_keys import AlipayKeys
from app.gateways.local.alipay_signing import notice_signature
from app.gateways.local.store import Row

# A day and an hour in all.
RETRY_SECONDS = (240, 600, 600, 3600, 7200, 21600, 54000)
_CHANGED = {"wrong_merchant": "seller_id", "wrong_app": "app_id"}
_AMOUNTS = {"payment": "total_amount", "refund": "refund_fee"}


class AlipaySpeaker:
    """A Speaker of app.gateways.local.notices."""

    def __init__(self, keys: AlipayKeys, retry_seconds: Sequence[int] = RETRY_SECONDS) -> None:
        self._keys = keys
        self.retry_seconds = retry_seconds

    def changed(self, fault: str, kind: str, resource: Row) -> Row:
        name = _CHANGED.get(fault) or _AMOUNTS[kind]
        told = str(resource[name])
        if fault == "wrong_amount":
            amount = int(told.replace(".", "")) + 1
            return resource | {name: f"{amount // 100}.{amount % 100:02d}"}
        return resource | {name: told[:4] + "9" * 12}

    def message(
        self, row: Row, resource: Row, now: int, *, forged: bool
    ) -> tuple[dict[str, str], bytes]:
        """Each attempt tells its own time; the notice's number stays."""
        fields = {
            **{name: str(value) for name, value in resource.items()},
            "notify_id": row["notice_id"].replace("-", ""),
            "notify_time": wire_time(now),
            "sign_type": "RSA2",
        }
        key = self._stranger if forged else self._keys.alipay_key
        fields["sign"] = notice_signature(key, fields)
        content_type = "application/x-www-form-urlencoded; charset=utf-8"
        return {"Content-Type": content_type}, urlencode(fields).encode()

    def is_taken(self, status: int, text: str) -> bool:
        return status == 200 and text == "success"

    @cached_property
    def _stranger(self) -> RSAPrivateKey:
        return generate_private_key(65537, 2048)
