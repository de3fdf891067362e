"""Names, home towns, avatar colours and trades from which the demo's people are made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerProfile:
    """A trade. All of it hold `skills`, given as (code, lowest level); some hold `side_skills`.
    `share` is how many of 60 workers have it; `serves_everywhere` means all districts."""

    code: str
    name_zh: str
    name_en: str
    share: int
    skills: tuple[tuple[str, int], ...]
    side_skills: tuple[str, ...]
    female_share: float
    serves_everywhere: bool
    radius_km: int
    max_visits_a_day: int
    trade_zh: str
    boasts: tuple[str, ...]


PROFILES: tuple[WorkerProfile, ...] = (
    WorkerProfile(
        code="cleaner",
        name_zh="保洁员",
        name_en="Cleaner",
        share=20,
        skills=(("cleaning", 2),),
        side_skills=("furniture_care", "floor_care", "hood_cleaning"),
        female_share=0.85,
        serves_everywhere=False,
        radius_km=15,
        max_visits_a_day=4,
        trade_zh="从事家庭保洁",
        boasts=("厨房去油污是我的强项，", "收纳整理有条理，", "抹布分区使用，干净卫生，"),
    ),
    WorkerProfile(
        code="deep_cleaner",
        name_zh="深度保洁员",
        name_en="Deep cleaner",
        share=8,
        skills=(("cleaning", 2), ("deep_cleaning", 1)),
        side_skills=("floor_care", "furniture_care"),
        female_share=0.5,
        serves_everywhere=True,
        radius_km=40,
        max_visits_a_day=3,
        trade_zh="专做开荒与深度保洁",
        boasts=("熟悉各类除胶除垢药剂，", "擅长玻璃与瓷砖缝隙处理，", "和搭档配合默契，"),
    ),
    WorkerProfile(
        code="appliance",
        name_zh="家电清洗师",
        name_en="Appliance cleaner",
        share=6,
        skills=(("aircon_cleaning", 2), ("washer_cleaning", 1), ("hood_cleaning", 2)),
        side_skills=(),
        female_share=0.15,
        serves_everywhere=True,
        radius_km=40,
        max_visits_a_day=5,
        trade_zh="从事家电拆洗",
        boasts=("各大品牌空调都拆洗过，", "滚筒洗衣机拆洗经验丰富，", "施工防护做得细，"),
    ),
    WorkerProfile(
        code="all_round",
        name_zh="保洁与家电清洗师",
        name_en="Cleaner of homes and appliances",
        share=6,
        skills=(("cleaning", 2), ("aircon_cleaning", 1), ("hood_cleaning", 1)),
        side_skills=("deep_cleaning", "washer_cleaning", "furniture_care"),
        female_share=0.4,
        serves_everywhere=True,
        radius_km=40,
        max_visits_a_day=4,
        trade_zh="保洁和家电清洗都做",
        boasts=("一次上门把屋子和空调都弄干净，", "做事利落不拖拉，"),
    ),
    WorkerProfile(
        code="upkeep",
        name_zh="家居养护师",
        name_en="Floor and furniture carer",
        share=4,
        skills=(("floor_care", 2), ("furniture_care", 2)),
        side_skills=("cleaning",),
        female_share=0.3,
        serves_everywhere=True,
        radius_km=40,
        max_visits_a_day=3,
        trade_zh="从事地板与家具养护",
        boasts=("熟悉实木、红木和真皮的护理，", "打蜡均匀，先试样再施工，"),
    ),
    WorkerProfile(
        code="nanny",
        name_zh="保姆",
        name_en="Nanny",
        share=4,
        skills=(("childcare", 1),),
        side_skills=("cleaning", "elder_care"),
        female_share=1.0,
        serves_everywhere=True,
        radius_km=60,
        max_visits_a_day=1,
        trade_zh="做家务和带孩子",
        boasts=("粤菜家常菜都拿手，", "带过从半岁到六岁的孩子，"),
    ),
    WorkerProfile(
        code="maternity",
        name_zh="月嫂",
        name_en="Maternity carer",
        share=3,
        skills=(("maternity_care", 2), ("childcare", 2)),
        side_skills=(),
        female_share=1.0,
        serves_everywhere=True,
        radius_km=60,
        max_visits_a_day=1,
        trade_zh="从事母婴护理",
        boasts=("照顾过许多新生儿，", "会做广式月子餐和催乳汤水，"),
    ),
    WorkerProfile(
        code="carer",
        name_zh="护理员",
        name_en="Carer of elders and patients",
        share=5,
        skills=(("elder_care", 1), ("patient_care", 2)),
        side_skills=(),
        female_share=0.8,
        serves_everywhere=True,
        radius_km=60,
        max_visits_a_day=2,
        trade_zh="从事老人与病人照护",
        boasts=("熟悉卧床护理和翻身拍背，", "有耐心，会用普通话和粤语聊天，"),
    ),
    WorkerProfile(
        code="repair",
        name_zh="维修师傅",
        name_en="Repairer",
        share=4,
        skills=(("plumbing_electrical", 2), ("drain_clearing", 1), ("locksmith", 2)),
        side_skills=("aircon_cleaning",),
        female_share=0.0,
        serves_everywhere=True,
        radius_km=40,
        max_visits_a_day=6,
        trade_zh="从事水电维修",
        boasts=("持低压电工证上岗，", "开锁已备案，先验证件再动手，", "小毛病当场修好，"),
    ),
)

BIO_CLOSERS: tuple[str, ...] = (
    "做事踏实守时。",
    "回头客很多。",
    "待人客气，尊重客户隐私。",
    "会讲普通话和粤语。",
    "用心对待每一户人家。",
    "做完请您验收，不满意返工。",
    "没有不良嗜好，身体健康。",
)

HOMETOWNS: tuple[str, ...] = (
    "广东梅州",
    "广东湛江",
    "广东茂名",
    "广东清远",
    "广东韶关",
    "广东肇庆",
    "广西玉林",
    "广西桂林",
    "湖南衡阳",
    "湖南永州",
    "江西赣州",
    "湖北荆州",
    "四川南充",
    "重庆万州",
    "河南信阳",
    "贵州遵义",
)

# Each has a contrast of at least 4.5 : 1 with white text.
AVATAR_COLOURS: tuple[str, ...] = (
    "#b42318",
    "#b54708",
    "#854d0e",
    "#3f6212",
    "#166534",
    "#0f766e",
    "#0e7490",
    "#1d4ed8",
    "#4338ca",
    "#6d28d9",
    "#a21caf",
    "#be185d",
)

# surname -> how common it is around Guangzhou
SURNAMES: dict[str, int] = dict(
    zip(
        "陈李黄张梁林刘吴罗杨何郑谢曾邓冯叶苏周谭卢潘蔡钟王赵徐胡朱郭马高彭曹许丁魏韩莫廖江邱温赖",
        [12, 10, 10, 8, 8, 7, 6, 5, 5, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2] + [1] * 20,
        strict=True,
    )
) | {"欧阳": 1, "司徒": 1}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEMALE_NAMES: tuple[str, ...] = _words(
    "秀英 桂芳 丽娟 美玲 玉兰 春梅 小燕 雪梅 婉婷 佩珊 嘉欣 晓琳 惠芳 月娥 彩霞 少芬 凤英 丽华 "
    "海燕 静怡 思敏 咏仪 雅琴 倩雯 慧玲 淑贞 艳芳 金凤 红梅 秋菊 爱华 巧云 翠兰 玉珍 文静 晓霞 "
    "诗韵 梓晴 可欣 子悦 芷晴 若琳 敏 燕 婷 娟 颖 丹 琼 霞 芬 莹"
)
MALE_NAMES: tuple[str, ...] = _words(
    "志明 建国 国强 伟强 家豪 俊杰 永康 海涛 文辉 志伟 少华 锦荣 德胜 建华 卫东 振宇 浩然 子轩 "
    "嘉俊 伟杰 启明 永强 国华 耀辉 庆华 天佑 泽林 思远 立新 春生 水生 金荣 树根 炳坤 柏林 志勇 "
    "宏宇 景行 勇 军 斌 涛 鹏 辉 亮 波 峰 磊"
)
