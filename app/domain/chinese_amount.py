"""Amounts in words (大写), as the People's Bank's rules for cheques and vouchers write them.

Source: 支付结算办法, annex 1 正确填写票据和结算凭证的基本规定 (中国人民银行 1997).
"""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
LIMIT_FEN = 10**14


def chinese_amount(fen: int) -> str:
    """Return the amount in words: 123456 -> "人民币壹仟贰佰叁拾肆元伍角陆分".

    Whole amounts end in 整; a negative one begins with 负. Raises ValueError from 10^12 yuan.
    """
    if abs(fen) >= LIMIT_FEN:
        raise ValueError(f"{fen} fen is too large to be written in words")
    yuan, rest = divmod(abs(fen), 100)
    return f"人民币{'负' if fen < 0 else ''}{_yuan(yuan)}{_small(rest, after_yuan=yuan > 0)}"


def _yuan(yuan: int) -> str:
    return f"{_whole(yuan)}元" if yuan else ""


def _small(fen: int, *, after_yuan: bool) -> str:
    jiao, rest = divmod(fen, 10)
    if not fen:
        return "整" if after_yuan else "零元整"
    if not jiao:
        return f"{'零' if after_yuan else ''}{DIGITS[rest]}分"
    return f"{DIGITS[jiao]}角" + (f"{DIGITS[rest]}分" if rest else "整")


def _whole(number: int) -> str:
    """Read groups of four digits; one 零 stands for any gap between what is read."""
    words = ""
    for index in reversed(range(len(GROUPS))):
        group = number // 10_000**index % 10_000
        if not group:
            continue
        gap = words and (group < 1_000 or number // 10_000 ** (index + 1) % 10 == 0)
        words += ("零" if gap else "") + _group(group) + GROUPS[index]
    return words


def _group(group: int) -> str:
    words, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + PLACES[place]
        gap = digit == 0
    return words
