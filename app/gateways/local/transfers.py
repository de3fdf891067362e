"""Merchant transfers (商家转账): the payee confirms in the app, or it fails after a day."""

import re
import secrets
from typing import Any

from flask import request

from app.gateways.local.context import (
    ApiError,
    Gateway,
    fen_field,
    gateway,
    text_field,
    url_field,
    wire_time,
)
from app.gateways.local.merchant_api import api, body
from app.gateways.local.signing import decrypted_name
from app.gateways.local.store import Row

CONFIRM_SECONDS = 24 * 3600
NAME_REQUIRED_FROM_FEN = 200_000
NAME_ALLOWED_FROM_FEN = 30
_NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")
_PATH = "/fund-app/mch-transfer/transfer-bills"
_IDENTITY = ("scene_id", "openid", "user_name", "amount_fen", "remark", "notify_url")


@api.post(_PATH)
def create_transfer() -> Row:
    wanted, local = _wanted(body()), gateway()
    with local.store.transaction():
        known = _find(local, wanted["out_bill_no"])
        if known is None:
            known = _new_transfer(local, wanted)
        elif any(known[name] != wanted[name] for name in _IDENTITY):
            raise ApiError(400, "INVALID_REQUEST", "商户单号重复,参数与首次不一致")
    told = _told_first(known)
    if known["state"] == "WAIT_USER_CONFIRM":
        told["package_info"] = known["package_info"]
    return told


@api.get(_PATH + "/out-bill-no/<out_bill_no>")
def query_transfer(out_bill_no: str) -> Row:
    expire_transfers(gateway())
    transfer = _find(gateway(), out_bill_no)
    if transfer is None:
        raise ApiError(404, "NOT_FOUND", "记录不存在")
    # The app id is told by a query only.
    return _told(gateway(), transfer) | {"appid": gateway().keys.app_id}


def confirm(local: Gateway, out_bill_no: str) -> Row:
    """The payee takes the money. Raises ApiError when there is none waiting."""
    expire_transfers(local)
    return _finish(local, out_bill_no, "SUCCESS", None)


def fail(local: Gateway, out_bill_no: str) -> Row:
    """The payee's account cannot take it."""
    return _finish(local, out_bill_no, "FAIL", "PAYEE_ACCOUNT_ABNORMAL")


def expire_transfers(local: Gateway) -> None:
    overdue = local.store.all(
        "SELECT out_bill_no FROM transfers WHERE state = 'WAIT_USER_CONFIRM' AND created_at <= ?",
        local.now() - CONFIRM_SECONDS,
    )
    for row in overdue:
        try:
            _finish(local, row["out_bill_no"], "FAIL", "OVERDUE_CLOSE")
        except ApiError:
            continue  # another thread was first


def _finish(local: Gateway, out_bill_no: str, state: str, fail_reason: str | None) -> Row:
    with local.store.transaction():
        changed = local.store.run(
            "UPDATE transfers SET state = ?, fail_reason = ?, updated_at = ?"
            " WHERE out_bill_no = ? AND state = 'WAIT_USER_CONFIRM'",
            *(state, fail_reason, local.now(), out_bill_no),
        )
        transfer = _find(local, out_bill_no)
        if transfer is None:
            raise ApiError(404, "NOT_FOUND", "记录不存在")
        if not changed:
            raise ApiError(409, "NOT_WAITING", "该笔转账不在待确认状态")
        event, url = "MCHTRANSFER.BILL.FINISHED", transfer["notify_url"]
        local.notifier.queue("transfer", event, url, _told(local, transfer))
    local.notifier.wake()
    return transfer


def _wanted(data: dict[str, Any]) -> Row:
    number = text_field(data, "out_bill_no", 32)
    if not _NUMBER.fullmatch(number) or "appid" not in data:
        raise ApiError(400, "PARAM_ERROR", "参数错误: out_bill_no, appid")
    _check_report(data.get("transfer_scene_report_infos"))
    amount_fen = fen_field(data, "transfer_amount")
    return {
        "out_bill_no": number,
        "scene_id": text_field(data, "transfer_scene_id", 36),
        "openid": text_field(data, "openid", 64),
        "user_name": _user_name(data, amount_fen),
        "amount_fen": amount_fen,
        "remark": text_field(data, "transfer_remark", 32),
        "notify_url": url_field(data, "notify_url") if data.get("notify_url") else None,
    }


def _check_report(infos: Any) -> None:
    if not isinstance(infos, list) or not infos:
        raise ApiError(400, "PARAM_ERROR", "参数错误: transfer_scene_report_infos")
    for info in infos:
        text_field(info if isinstance(info, dict) else {}, "info_type", 15)
        text_field(info, "info_content", 32)


def _user_name(data: dict[str, Any], amount_fen: int) -> str | None:
    keys = gateway().keys
    cipher = data.get("user_name")
    if cipher is None and amount_fen < NAME_REQUIRED_FROM_FEN:
        return None
    if cipher is None or amount_fen < NAME_ALLOWED_FROM_FEN:
        raise ApiError(400, "PARAM_ERROR", "参数错误: user_name")
    if request.headers.get("Wechatpay-Serial") != keys.public_key_id:
        raise ApiError(400, "PARAM_ERROR", "Wechatpay-Serial与加密公钥不一致")
    try:
        return decrypted_name(keys.platform_key, cipher)
    except (TypeError, ValueError):
        raise ApiError(400, "PARAM_ERROR", "user_name解密失败") from None


def _new_transfer(local: Gateway, wanted: Row) -> Row:
    transfer = {
        **wanted,
        "transfer_bill_no": "13300" + str(secrets.randbelow(10**32)).zfill(32),
        "state": "WAIT_USER_CONFIRM",
        "package_info": secrets.token_urlsafe(48),
        "fail_reason": None,
        "created_at": local.now(),
        "updated_at": local.now(),
    }
    local.store.insert("transfers", **transfer)
    return transfer


def _find(local: Gateway, out_bill_no: str) -> Row | None:
    return local.store.one("SELECT * FROM transfers WHERE out_bill_no = ?", out_bill_no)


def _told_first(transfer: Row) -> Row:
    return {
        "out_bill_no": transfer["out_bill_no"],
        "transfer_bill_no": transfer["transfer_bill_no"],
        "create_time": wire_time(transfer["created_at"]),
        "state": transfer["state"],
    }


def _told(local: Gateway, transfer: Row) -> Row:
    """In the words of WeChat Pay's notice; fail_reason only where there is one."""
    told = _told_first(transfer) | {
        "mch_id": local.keys.merchant_id,
        "transfer_amount": transfer["amount_fen"],
        "transfer_remark": transfer["remark"],
        "openid": transfer["openid"],
        "update_time": wire_time(transfer["updated_at"]),
    }
    if transfer["fail_reason"]:
        told["fail_reason"] = transfer["fail_reason"]
    return told
