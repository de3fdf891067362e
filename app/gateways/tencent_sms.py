"""Tencent Cloud's SMS client with our clock. Loaded at the first message: slow to import."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.sms_client import SmsClient

from app.gateways.sms import TencentSmsSettings

REGION = "ap-guangzhou"


class TencentClient(SmsClient):
    """The SDK's client; only the signing (its clock) and the way to a loopback host are ours."""

    def __init__(self, settings: TencentSmsSettings, clock: Callable[[], datetime]) -> None:
        credential = Credential(settings.secret_id, settings.secret_key)
        super().__init__(credential, REGION, ClientProfile(httpProfile=_http_profile(settings)))
        self.settings = settings
        self._clock = clock
        if settings.endpoint:
            # Neither the SDK nor requests may send a loopback call through a proxy.
            self.request.conn.proxy = None
            self.request.conn._session.trust_env = False

    def send_one(self, phone: str, template_id: str, params: list[str]) -> tuple[str, str]:
        """The provider's code ("Ok" when sent) and its message id."""
        body = {
            "PhoneNumberSet": [phone],
            "SmsSdkAppId": self.settings.app_id,
            "SignName": self.settings.sign_name,
            "TemplateId": template_id,
            "TemplateParamSet": params,
        }
        try:
            status = self.call_json("SendSms", body)["Response"]["SendStatusSet"][0]
            return status["Code"], status["SerialNo"]
        except TencentCloudSDKException as exc:
            return str(exc.get_code()), ""
        except (KeyError, IndexError, TypeError, ValueError, OSError) as exc:
            # OSError includes requests' errors while the body is being read.
            return f"ServerNetworkError.{type(exc).__name__}", ""

    def _build_req_with_tc3_signature(
        self, action: str, params: dict[str, Any], req: Any, options: dict[str, Any] | None = None
    ) -> None:
        """The SDK's method, except that it does not read the machine's clock."""
        now = self._clock().astimezone(UTC)
        date = now.strftime("%Y-%m-%d")
        req.header.update(
            {
                "Content-Type": "application/json",
                "Host": self._get_endpoint(options=options),
                "X-TC-Action": action,
                "X-TC-RequestClient": self.request_client,
                "X-TC-Timestamp": str(int(now.timestamp())),
                "X-TC-Version": self._apiVersion,
                "X-TC-Region": self.region,
                "X-TC-Language": self.profile.language,
            }
        )
        req.data = json.dumps(params)
        secret_id, secret_key, _ = self.credential.get_credential_info()
        signature = self._get_tc3_signature(params, req, date, self._service, secret_key, options)
        req.header["Authorization"] = (
            f"TC3-HMAC-SHA256 Credential={secret_id}/{date}/{self._service}/tc3_request, "
            f"SignedHeaders=content-type;host, Signature={signature}"
        )


def _http_profile(settings: TencentSmsSettings) -> HttpProfile:
    profile = HttpProfile(reqTimeout=settings.timeout_seconds)
    if settings.endpoint:
        url = urlsplit(settings.endpoint)
        profile.scheme = profile.protocol = url.scheme
        profile.endpoint = url.netloc
    return profile
