"""Guangzhou for the demo: its neighbourhoods, service areas and made-up addresses.

Codes are the official ones (GB/T 2260). Coordinates are GCJ-02, as Chinese maps use them. District
centres are the usual map centres; a neighbourhood's point is approximate (some hundred metres),
which is enough for travel times and must not be used as a survey. Streets and estates are real,
buildings and rooms are invented.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.regions_gz import CITY_CODE, DISTRICTS, REGIONS, Region

__all__ = ["CITY_CODE", "DISTRICTS", "REGIONS", "Region"]

METRES_PER_DEGREE = 111_320
SCATTER_METRES = 180


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box of degrees."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, lat: float, lng: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lng <= self.east


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """An estate (buildings on a compound) or a road (house numbers) inside a subdistrict."""

    district_code: str
    kind: Literal["estate", "road"]
    subdistrict_zh: str
    name_zh: str
    name_en: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class ServiceArea:
    """Districts that share one travel fee."""

    code: str
    name_zh: str
    name_en: str
    district_codes: tuple[str, ...]
    travel_fee_fen: int


@dataclass(frozen=True, slots=True)
class DemoAddress:
    """A home to visit: `street` down to the estate or road, `detail` the building and room."""

    district_code: str
    street: str
    detail: str
    lat: float
    lng: float
    access_note: str


CITY_BOUNDS = Bounds(south=22.44, west=112.95, north=23.94, east=114.06)

# How many of 20 households (and of 20 workers' homes) are in a district: dense in the centre.
DISTRICT_SHARE: dict[str, int] = {
    "440106": 4,
    "440104": 3,
    "440105": 3,
    "440111": 2,
    "440113": 2,
    "440103": 1,
    "440112": 1,
    "440114": 1,
    "440115": 1,
    "440117": 1,
    "440118": 1,
}

ADJACENT: dict[str, tuple[str, ...]] = {
    "440103": ("440104", "440105", "440111", "440113"),
    "440104": ("440103", "440105", "440106", "440111"),
    "440105": ("440103", "440104", "440106", "440112", "440113"),
    "440106": ("440104", "440105", "440111", "440112"),
    "440111": ("440103", "440104", "440106", "440112", "440114", "440117"),
    "440112": ("440105", "440106", "440111", "440113", "440117", "440118"),
    "440113": ("440103", "440105", "440112", "440115"),
    "440114": ("440111", "440117"),
    "440115": ("440113",),
    "440117": ("440111", "440112", "440114", "440118"),
    "440118": ("440112", "440117"),
}

SERVICE_AREAS: tuple[ServiceArea, ...] = (
    ServiceArea("gz.core", "中心城区", "City centre", ("440103", "440104", "440105", "440106"), 0),
    ServiceArea("gz.ring", "近郊", "Inner suburbs", ("440111", "440112", "440113"), 1000),
    ServiceArea("gz.outer", "远郊", "Outer suburbs", ("440114", "440118"), 2500),
    ServiceArea("gz.far", "南沙从化", "Nansha and Conghua", ("440115", "440117"), 4000),
)

NEIGHBOURHOODS: tuple[Neighbourhood, ...] = (
    Neighbourhood("440103", "road", "逢源街道", "逢源路", "Fengyuan Road", 23.1213, 113.2392),
    Neighbourhood("440103", "road", "多宝街道", "多宝路", "Duobao Road", 23.1178, 113.2400),
    Neighbourhood("440103", "estate", "华林街道", "荔湾广场", "Liwan Plaza", 23.1157, 113.2478),
    Neighbourhood("440103", "road", "金花街道", "金花直街", "Jinhua Street", 23.1318, 113.2469),
    Neighbourhood("440103", "road", "西村街道", "西湾路", "Xiwan Road", 23.1392, 113.2430),
    Neighbourhood("440103", "estate", "南源街道", "富力广场", "R&F Plaza", 23.1283, 113.2325),
    Neighbourhood("440103", "estate", "东漖街道", "芳村花园", "Fangcun Garden", 23.0836, 113.2318),
    Neighbourhood("440103", "estate", "茶滘街道", "怡芳苑", "Yifang Court", 23.0975, 113.2215),
    Neighbourhood("440104", "road", "北京街道", "大马站", "Damazhan", 23.1240, 113.2672),
    Neighbourhood("440104", "road", "洪桥街道", "小北路", "Xiaobei Road", 23.1330, 113.2695),
    Neighbourhood("440104", "road", "东山街道", "署前路", "Shuqian Road", 23.1219, 113.2962),
    Neighbourhood("440104", "road", "梅花村街道", "梅花路", "Meihua Road", 23.1275, 113.3010),
    Neighbourhood("440104", "road", "黄花岗街道", "水荫路", "Shuiyin Road", 23.1405, 113.3045),
    Neighbourhood("440104", "road", "建设街道", "建设六马路", "Jianshe 6th Rd", 23.1357, 113.2868),
    Neighbourhood("440104", "road", "农林街道", "农林下路", "Nonglin Lower Rd", 23.1296, 113.2962),
    Neighbourhood("440104", "road", "大东街道", "东华西路", "Donghua West Rd", 23.1210, 113.2840),
    Neighbourhood("440104", "road", "六榕街道", "六榕路", "Liurong Road", 23.1297, 113.2583),
    Neighbourhood("440104", "road", "矿泉街道", "瑶台西街", "Yaotai West St", 23.1509, 113.2520),
    Neighbourhood("440105", "road", "江南中街道", "紫山大街", "Zishan Street", 23.0966, 113.2702),
    Neighbourhood("440105", "road", "海幢街道", "同福中路", "Tongfu Middle Rd", 23.1050, 113.2610),
    Neighbourhood(
        "440105", "estate", "昌岗街道", "晓园新村", "Xiaoyuan Village", 23.0875, 113.2790
    ),
    Neighbourhood("440105", "road", "新港街道", "怡乐路", "Yile Road", 23.0948, 113.2878),
    Neighbourhood("440105", "road", "赤岗街道", "赤岗北路", "Chigang North Rd", 23.0985, 113.3275),
    Neighbourhood("440105", "road", "凤阳街道", "五凤大街", "Wufeng Street", 23.0855, 113.2930),
    Neighbourhood("440105", "estate", "瑞宝街道", "金碧花园", "Jinbi Garden", 23.0723, 113.2690),
    Neighbourhood(
        "440105", "estate", "沙园街道", "光大花园", "Everbright Garden", 23.0835, 113.2590
    ),
    Neighbourhood("440105", "estate", "琶洲街道", "琶洲新村", "Pazhou Village", 23.1005, 113.3702),
    Neighbourhood("440106", "estate", "天河南街道", "六运小区", "Liuyun Estate", 23.1302, 113.3243),
    Neighbourhood("440106", "estate", "林和街道", "天誉花园", "Tianyu Garden", 23.1440, 113.3255),
    Neighbourhood("440106", "road", "石牌街道", "龙口西路", "Longkou West Rd", 23.1369, 113.3355),
    Neighbourhood("440106", "estate", "五山街道", "五山花园", "Wushan Garden", 23.1540, 113.3476),
    Neighbourhood("440106", "estate", "猎德街道", "星汇园", "Xinghui Garden", 23.1205, 113.3275),
    Neighbourhood("440106", "road", "员村街道", "员村二横路", "Yuancun 2nd Rd", 23.1192, 113.3604),
    Neighbourhood("440106", "estate", "棠下街道", "棠德花苑", "Tangde Garden", 23.1348, 113.3842),
    Neighbourhood("440106", "estate", "天园街道", "骏景花园", "Junjing Garden", 23.1288, 113.3745),
    Neighbourhood("440106", "road", "车陂街道", "车陂北街", "Chebei North St", 23.1262, 113.3946),
    Neighbourhood("440106", "road", "沙东街道", "粤垦路", "Yueken Road", 23.1580, 113.3170),
    Neighbourhood(
        "440111", "road", "三元里街道", "松柏岗大街", "Songbaigang St", 23.1598, 113.2578
    ),
    Neighbourhood("440111", "road", "景泰街道", "景泰直街", "Jingtai Street", 23.1628, 113.2740),
    Neighbourhood("440111", "estate", "同德街道", "泽德花苑", "Zede Garden", 23.1671, 113.2310),
    Neighbourhood("440111", "estate", "金沙街道", "金沙洲新社区", "Jinshazhou", 23.1520, 113.2010),
    Neighbourhood(
        "440111", "estate", "新市街道", "汇侨新城", "Huiqiao New City", 23.1905, 113.2540
    ),
    Neighbourhood("440111", "estate", "黄石街道", "黄石花园", "Huangshi Garden", 23.2060, 113.2690),
    Neighbourhood("440111", "estate", "京溪街道", "云景花园", "Yunjing Garden", 23.1800, 113.3190),
    Neighbourhood("440111", "estate", "永平街道", "岭南新世界", "Lingnan World", 23.2230, 113.2960),
    Neighbourhood("440111", "road", "嘉禾街道", "望岗大街", "Wanggang Street", 23.2345, 113.2790),
    Neighbourhood("440111", "road", "太和镇", "太和中路", "Taihe Middle Road", 23.2945, 113.3575),
    Neighbourhood("440112", "estate", "大沙街道", "怡港花园", "Yigang Garden", 23.1050, 113.4435),
    Neighbourhood("440112", "estate", "黄埔街道", "港湾新村", "Harbour Village", 23.1005, 113.4530),
    Neighbourhood("440112", "road", "鱼珠街道", "茅岗路", "Maogang Road", 23.1180, 113.4240),
    Neighbourhood("440112", "road", "文冲街道", "石化路", "Shihua Road", 23.1120, 113.4690),
    Neighbourhood("440112", "estate", "萝岗街道", "万科东荟城", "Vanke Donghui", 23.1785, 113.4970),
    Neighbourhood("440112", "road", "联和街道", "科学大道", "Kexue Avenue", 23.1650, 113.4400),
    Neighbourhood("440113", "road", "市桥街道", "大北路", "Dabei Road", 22.9440, 113.3570),
    Neighbourhood("440113", "estate", "东环街道", "东怡新区", "Dongyi Estate", 22.9520, 113.3660),
    Neighbourhood("440113", "estate", "桥南街道", "华荟明苑", "Huahui Court", 22.9245, 113.3690),
    Neighbourhood(
        "440113", "estate", "钟村街道", "祈福新邨", "Clifford Estates", 22.9730, 113.3260
    ),
    Neighbourhood("440113", "estate", "南村镇", "锦绣香江", "Jinxiu Xiangjiang", 23.0040, 113.3640),
    Neighbourhood("440113", "estate", "南村镇", "华南碧桂园", "Huanan Garden", 23.0090, 113.3480),
    Neighbourhood("440113", "road", "大石街道", "群贤路", "Qunxian Road", 23.0125, 113.3120),
    Neighbourhood("440113", "estate", "洛浦街道", "洛溪新城", "Luoxi New Town", 23.0425, 113.2995),
    Neighbourhood("440113", "road", "石碁镇", "市莲路", "Shilian Road", 22.9620, 113.4330),
    Neighbourhood("440114", "road", "新华街道", "公益路", "Gongyi Road", 23.3940, 113.2130),
    Neighbourhood("440114", "road", "新华街道", "商业大道", "Shangye Avenue", 23.3860, 113.2110),
    Neighbourhood("440114", "road", "花城街道", "云山大道", "Yunshan Avenue", 23.4085, 113.2220),
    Neighbourhood("440114", "estate", "新雅街道", "合和新城", "Hehe New City", 23.3720, 113.2400),
    Neighbourhood("440114", "road", "秀全街道", "秀全大道", "Xiuquan Avenue", 23.3930, 113.1850),
    Neighbourhood("440114", "road", "狮岭镇", "阳光路", "Yangguang Road", 23.4620, 113.1690),
    Neighbourhood("440115", "estate", "南沙街道", "南沙境界", "Nansha Jingjie", 22.7935, 113.5480),
    Neighbourhood("440115", "estate", "南沙街道", "南沙奥园", "Nansha Aoyuan", 22.7985, 113.5330),
    Neighbourhood("440115", "road", "南沙街道", "金沙路", "Jinsha Road", 22.7880, 113.5370),
    Neighbourhood("440115", "estate", "黄阁镇", "时代南湾", "Times South Bay", 22.8170, 113.5010),
    Neighbourhood("440115", "road", "东涌镇", "培贤东路", "Peixian East Road", 22.8930, 113.4520),
    Neighbourhood("440115", "road", "大岗镇", "豪岗大道", "Haogang Avenue", 22.8080, 113.3990),
    Neighbourhood("440117", "road", "街口街道", "西宁中路", "Xining Middle Rd", 23.5490, 113.5780),
    Neighbourhood("440117", "road", "街口街道", "城内路", "Chengnei Road", 23.5465, 113.5810),
    Neighbourhood("440117", "road", "城郊街道", "环市东路", "Huanshi East Rd", 23.5560, 113.5940),
    Neighbourhood("440117", "road", "江埔街道", "从城大道", "Congcheng Avenue", 23.5380, 113.6070),
    Neighbourhood("440117", "road", "太平镇", "广从南路", "Guangcong South", 23.4520, 113.4860),
    Neighbourhood("440118", "road", "荔城街道", "荔景大道", "Lijing Avenue", 23.2870, 113.8200),
    Neighbourhood("440118", "road", "荔城街道", "和平路", "Heping Road", 23.2935, 113.8270),
    Neighbourhood("440118", "road", "增江街道", "东桥东路", "Dongqiao East Rd", 23.2960, 113.8490),
    Neighbourhood("440118", "estate", "荔湖街道", "荔湖城", "Lihu Town", 23.2540, 113.8050),
    Neighbourhood("440118", "estate", "永宁街道", "凤凰城", "Phoenix City", 23.1690, 113.6290),
    Neighbourhood("440118", "road", "新塘镇", "解放北路", "Jiefang North Rd", 23.1270, 113.6110),
    Neighbourhood("440118", "road", "朱村街道", "朱村大道", "Zhucun Avenue", 23.2870, 113.7080),
)

ACCESS_NOTES: tuple[str, ...] = (
    "",
    "",
    "",
    "到楼下请打电话，我下来开门",
    "小区需登记身份证，从东门进",
    "没有电梯，五楼步梯",
    "门铃坏了，请敲门",
    "地下车库可停电动车，走B区电梯",
    "保安处报业主姓名即可放行",
    "楼道较窄，大件工具请走货梯",
    "入户请穿鞋套，玄关有备用",
    "家里有小狗，进门前请先说一声",
)


def neighbourhoods_of(district_code: str) -> tuple[Neighbourhood, ...]:
    return tuple(place for place in NEIGHBOURHOODS if place.district_code == district_code)


def area_of(district_code: str) -> ServiceArea:
    """The one service area of a district; KeyError when the district is not served."""
    for area in SERVICE_AREAS:
        if district_code in area.district_codes:
            return area
    raise KeyError(district_code)


def scatter(rng: random.Random, lat: float, lng: float) -> tuple[float, float]:
    """A point up to SCATTER_METRES away, evenly over the disc, as six decimals."""
    metres = SCATTER_METRES * math.sqrt(rng.random())
    angle = rng.uniform(0, 2 * math.pi)
    north = metres * math.cos(angle) / METRES_PER_DEGREE
    east = metres * math.sin(angle) / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lat + north, 6), round(lng + east, 6)


def addresses(
    rng: random.Random, n: int, districts: Sequence[str] | None = None
) -> list[DemoAddress]:
    """`n` homes, more of them where more people live; `districts` limits where they may be."""
    codes = list(DISTRICT_SHARE if districts is None else districts)
    weights = [DISTRICT_SHARE[code] for code in codes]
    return [_address(rng, code) for code in rng.choices(codes, weights, k=n)]


def _address(rng: random.Random, district_code: str) -> DemoAddress:
    place = rng.choice(neighbourhoods_of(district_code))
    lat, lng = scatter(rng, place.lat, place.lng)
    return DemoAddress(
        district_code=district_code,
        street=f"{place.subdistrict_zh}{place.name_zh}",
        detail=_building_and_room(rng, place.kind),
        lat=lat,
        lng=lng,
        access_note=rng.choice(ACCESS_NOTES),
    )


def _building_and_room(rng: random.Random, kind: Literal["estate", "road"]) -> str:
    if kind == "road":
        return f"{rng.randint(2, 188)}号{rng.randint(2, 9)}0{rng.randint(1, 4)}房"
    room = f"{rng.randint(2, 30)}{rng.randint(1, 6):02d}房"
    return rng.choice((f"{rng.randint(1, 28)}栋{room}", f"{rng.choice('ABCDEF')}座{room}"))
