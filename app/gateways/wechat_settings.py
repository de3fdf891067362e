"""What the WeChat Pay adapter is told, apart from the library so that it imports for free."""

from dataclasses import dataclass
from pathlib import Path

# 佣金报酬, with the two facts that WeChat Pay asks about such transfers.
COMMISSION_SCENE = "1005"


@dataclass(frozen=True)
class WechatSettings:
    """A merchant in public-key mode. gateway_url None is WeChat Pay's own host.

    timeout_seconds is (connect, read): create and refund usually take under a second.
    """

    merchant_id: str
    app_id: str
    api_v3_key: str
    merchant_serial: str
    merchant_key_file: Path
    public_key_file: Path
    public_key_id: str
    gateway_url: str | None = None
    transfer_scene_id: str = COMMISSION_SCENE
    timeout_seconds: tuple[float, float] = (5.0, 15.0)
