"""What WeChat Pay documents about the fields of the two money calls (WECHAT.md 4.1, 4.2)."""
from __future__ import annotations

from typing import Any

from common import is_callback_url
from matching import Field, Invalid, check_fields, text, whole

SCENE = "1011"
"""Enterprise compensation, the one scene this merchant has opened."""

FINAL = ("SUCCESS", "FAIL", "CANCELLED")
STATES = ("ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM", "TRANSFERING", "CANCELING") + FINAL
REFUND_STATUSES = ("SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL")
USER_NAME_FROM = 200_000
USER_NAME_NOT_UNDER = 30

ID = r"[0-9A-Za-z_-]+"
OUT_REFUND_NO = r"[0-9A-Za-z_\-|*@]+"
OUT_BILL_NO = r"[0-9A-Za-z]+"


def _callback_url(value: Any) -> None:
    if not is_callback_url(value):
        raise Invalid("", "must be https (plain http on loopback only), at most 256, without a query")


def _from(value: list[Any]) -> None:
    for item in value:
        check_fields(item, {"account": Field(str, True, one_of=("AVAILABLE", "UNAVAILABLE")),
                            "amount": whole(1, True)})


def _goods(value: list[Any]) -> None:
    for item in value:
        check_fields(item, {
            "merchant_goods_id": text(32, True), "wechatpay_goods_id": text(32),
            "goods_name": text(256), "unit_price": whole(0, True),
            "refund_amount": whole(0, True), "refund_quantity": whole(1, True)})


def _refund_amount(value: dict[str, Any]) -> None:
    check_fields(value, {
        "refund": whole(1, True), "total": whole(1, True),
        "currency": Field(str, True, one_of=("CNY",)),
        "from": Field(list, least=1, most=10, check=_from)})


NOTIFY_URL = Field(str, check=_callback_url)

REFUND = {
    "sub_mchid": text(32, pattern=r"[0-9]+"),
    "transaction_id": text(32, pattern=ID),
    "out_trade_no": Field(str, least=6, most=32, pattern=r"[0-9A-Za-z_\-|*]+"),
    "out_refund_no": text(64, True, pattern=OUT_REFUND_NO),
    "reason": text(80),
    "notify_url": NOTIFY_URL,
    "funds_account": Field(str, one_of=("AVAILABLE", "UNSETTLED")),
    "amount": Field(dict, True, check=_refund_amount),
    "goods_detail": Field(list, least=1, most=50, check=_goods),
}


def check_refund(body: Any) -> None:
    """Raises Invalid when the body is not a documented refund request."""
    check_fields(body, REFUND)
    if "transaction_id" not in body and "out_trade_no" not in body:
        raise Invalid("transaction_id", "transaction_id or out_trade_no is required")
    if body["amount"]["refund"] > body["amount"]["total"]:
        raise Invalid("amount.refund", "is above amount.total")


def _style(value: dict[str, Any]) -> None:
    check_fields(value, {"type": Field(str, True, one_of=("CONFIRM_PAGE", "RED_PACKET"))})


def _report_infos(value: list[Any]) -> None:
    for item in value:
        check_fields(item, {"info_type": Field(str, True, one_of=("赔付原因",)),
                            "info_content": text(32, True)})


TRANSFER = {
    "appid": text(32, True),
    "out_bill_no": text(32, True, pattern=OUT_BILL_NO),
    "transfer_scene_id": text(36, True),
    "openid": text(64, True, pattern=ID),
    "user_name": Field(str, least=1),
    "transfer_amount": whole(10, True),
    "transfer_remark": text(32, True),
    "notify_url": NOTIFY_URL,
    "user_recv_perception": Field(str, one_of=("退款", "商家赔付")),
    "user_recv_style": Field(dict, check=_style),
    "transfer_scene_report_infos": Field(list, True, least=1, most=1, check=_report_infos),
}


def check_transfer(body: Any, appid: str) -> None:
    """Raises Invalid when the body is not a documented request for scene 1011."""
    check_fields(body, TRANSFER)
    if body["appid"] != appid:
        raise Invalid("appid", "does not belong to this mchid")
    amount = body["transfer_amount"]
    if "user_name" not in body and amount >= USER_NAME_FROM:
        raise Invalid("user_name", f"is required from {USER_NAME_FROM} fen")
    if "user_name" in body and amount < USER_NAME_NOT_UNDER:
        raise Invalid("user_name", f"is refused under {USER_NAME_NOT_UNDER} fen")
