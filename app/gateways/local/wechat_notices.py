"""How WeChat Pay puts a notice: encrypted JSON, signed in its headers."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from app.gateways.local.keys import LocalKeys
from app.gateways.local.signing import encrypted, signed_headers
from app.gateways.local.store import Row

# 24 hours and 4 minutes in all; after the last one only a query tells the merchant.
RETRY_SECONDS = (
    *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600),
    *(10800, 10800, 10800, 21600, 21600),
)
_ORIGINALS = {"payment": "transaction", "refund": "refund", "transfer": "mch_payment"}
_AMOUNTS = {"payment": ("amount", "total"), "refund": ("amount", "refund")}


class WechatSpeaker:
    """A Speaker of app.gateways.local.notices."""

    def __init__(self, keys: LocalKeys, retry_seconds: Sequence[int] = RETRY_SECONDS) -> None:
        self._keys = keys
        self.retry_seconds = retry_seconds

    def changed(self, fault: str, kind: str, resource: Row) -> Row:
        told: dict[str, Any] = json.loads(json.dumps(resource))
        if fault == "wrong_merchant":
            told["mch_id" if "mch_id" in told else "mchid"] = "1900000999"
        elif fault == "wrong_app":
            told["appid"] = "wx0000000000000999"
        else:
            place, name = told, "transfer_amount"
            if kind in _AMOUNTS:
                outer, name = _AMOUNTS[kind]
                place = told[outer]
            place[name] += 1
        return told

    def message(
        self, row: Row, resource: Row, now: int, *, forged: bool
    ) -> tuple[dict[str, str], bytes]:
        body = self._body(row, resource)
        key = self._stranger if forged else self._keys.platform_key
        signed = signed_headers(key, self._keys.public_key_id, now, body)
        return {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", **signed}, body

    def is_taken(self, status: int, text: str) -> bool:
        return status in (200, 204)

    def _body(self, row: Row, resource: Row) -> bytes:
        original, envelope = _ORIGINALS[row["kind"]], json.loads(row["envelope"])
        plain = json.dumps(resource, ensure_ascii=False).encode()
        message = {
            "id": row["notice_id"],
            "resource_type": "encrypt-resource",
            "summary": "本地网关通知",
            "event_type": envelope["event_type"],
            "create_time": envelope["create_time"],
            "resource": {
                **encrypted(self._keys.api_v3_key, plain, original),
                "original_type": original,
            },
        }
        return json.dumps(message, ensure_ascii=False).encode()

    @cached_property
    def _stranger(self) -> RSAPrivateKey:
        return generate_private_key(65537, 2048)
