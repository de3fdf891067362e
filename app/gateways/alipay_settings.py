"""What the Alipay adapter is told, apart from its cryptography so that it imports for free."""

from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path

BEIJING = timezone(timedelta(hours=8))
REAL_GATEWAY = "https://openapi.alipay.com/gateway.do"


@dataclass(frozen=True)
class AlipaySettings:
    """An application in certificate mode, which transfers need.

    seller_id is the merchant's own number (2088...). timeout_seconds is (connect, read).
    """

    app_id: str
    seller_id: str
    app_key_file: Path
    app_cert_file: Path
    alipay_cert_file: Path
    root_cert_file: Path
    gateway_url: str | None = None
    timeout_seconds: tuple[float, float] = (5.0, 15.0)

    @property
    def url(self) -> str:
        return self.gateway_url or REAL_GATEWAY
