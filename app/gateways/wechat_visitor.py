"""Who looks at a page inside WeChat: asked of WeChat, which does not ask the visitor (snsapi_base).

developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l

from app.domain.errors import OutsideError
from app.gateways.trust import is_loopback

TIMEOUT_SECONDS = (5.0, 10.0)


@dataclass(frozen=True)
class WechatVisitorSettings:
    """The official account whose app id the merchant is bound to, and WeChat's two hosts."""

    app_id: str
    app_secret: str
    page_host: str = "https://open.weixin.qq.com"
    api_host: str = "https://api.weixin.qq.com"


class WechatVisitor:
    """`load` is called at the first use, so that building it is free."""

    def __init__(self, load: Callable[[], WechatVisitorSettings]) -> None:
        self._load = load

    @cached_property
    def _settings(self) -> WechatVisitorSettings:
        return self._load()

    def address(self, return_url: str) -> str:
        """Where the browser goes; it comes back to `return_url` with ?code=."""
        asked = {
            "appid": self._settings.app_id,
            "redirect_uri": return_url,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "pay",
        }
        page = f"{self._settings.page_host}/connect/oauth2/authorize"
        return f"{page}?{urlencode(asked)}#wechat_redirect"

    def openid(self, code: str) -> str:
        """Who came back with this code, which is good once. Raises OutsideError."""
        import requests  # here: most processes never meet a visitor

        asked = {
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        url = f"{self._settings.api_host}/sns/oauth2/access_token"
        try:
            with requests.Session() as session:
                session.trust_env = not is_loopback(url)
                answer = session.get(url, params=asked, timeout=TIMEOUT_SECONDS).json()
            return str(answer["openid"])
        except (requests.RequestException, KeyError, TypeError, ValueError) as exc:
            raise OutsideError(
                _l("WeChat did not tell who you are. Please open the page again"),
                code="wechat_visitor_unknown",
            ) from exc
