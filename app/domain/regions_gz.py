"""Guangzhou's administrative regions, which every company starts with.

Codes are the official ones (GB/T 2260). Coordinates are GCJ-02, as Chinese maps use them: the
usual map centres.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Region:
    """A row of the region tree; the parent is always listed before its children."""

    code: str
    parent_code: str | None
    level: Literal["province", "city", "district"]
    name_zh: str
    name_en: str
    lat: float
    lng: float


CITY_CODE = "440100"

REGIONS: tuple[Region, ...] = (
    Region("440000", None, "province", "广东省", "Guangdong", 23.1325, 113.2665),
    Region("440100", "440000", "city", "广州市", "Guangzhou", 23.1252, 113.2806),
    Region("440103", "440100", "district", "荔湾区", "Liwan", 23.1249, 113.2430),
    Region("440104", "440100", "district", "越秀区", "Yuexiu", 23.1256, 113.2807),
    Region("440105", "440100", "district", "海珠区", "Haizhu", 23.1031, 113.2620),
    Region("440106", "440100", "district", "天河区", "Tianhe", 23.1356, 113.3354),
    Region("440111", "440100", "district", "白云区", "Baiyun", 23.1623, 113.2628),
    Region("440112", "440100", "district", "黄埔区", "Huangpu", 23.1032, 113.4508),
    Region("440113", "440100", "district", "番禺区", "Panyu", 22.9386, 113.3646),
    Region("440114", "440100", "district", "花都区", "Huadu", 23.3921, 113.2112),
    Region("440115", "440100", "district", "南沙区", "Nansha", 22.7945, 113.5374),
    Region("440117", "440100", "district", "从化区", "Conghua", 23.5453, 113.5874),
    Region("440118", "440100", "district", "增城区", "Zengcheng", 23.2905, 113.8296),
)
DISTRICTS: dict[str, Region] = {row.code: row for row in REGIONS if row.level == "district"}
