"""What people of the demo write: reviews, order notes, and reasons to reject an offer."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoReview:
    """Stars are 1 to 5; the text fits their mean."""

    quality: int
    attitude: int
    skill: int
    text: str


@dataclass(frozen=True, slots=True)
class RejectReason:
    """Why a worker rejects an offer; `weight` is how often it is given in made-up history."""

    code: str
    name_zh: str
    name_en: str
    weight: int


REJECT_REASONS: tuple[RejectReason, ...] = (
    RejectReason("too_far", "距离太远", "Too far away", 30),
    RejectReason("time_conflict", "时间冲突", "Busy at that time", 28),
    RejectReason("unwell", "身体不适", "Not feeling well", 12),
    RejectReason("family_matter", "家中有事", "Family matter", 10),
    RejectReason("tools_missing", "缺少工具或耗材", "Tools or supplies missing", 7),
    RejectReason("beyond_skill", "超出技能范围", "Beyond my skills", 6),
    RejectReason("customer_history", "与该客户有过不愉快", "Trouble with this customer before", 4),
    RejectReason("other", "其他原因", "Other", 3),
)

STAR_WEIGHTS: dict[int, int] = {5: 68, 4: 21, 3: 6, 2: 3, 1: 2}

# service -> what a happy customer says of the work
PRAISE: dict[str, tuple[str, ...]] = {
    "clean.home": (
        "打扫得非常干净，边角都照顾到了",
        "地板和窗台一尘不染，家里清爽多了",
        "做事麻利，还帮忙归置了杂物",
        "自带的工具很齐全，抹布分色使用，很放心",
    ),
    "clean.kitchen": (
        "厨房的油渍擦得很亮，和新的一样",
        "灶台和墙砖的油污都去掉了",
        "水槽除垢很彻底，台面也整理好了",
    ),
    "clean.bathroom": (
        "水垢都处理掉了，没有异味",
        "淋浴房玻璃擦得透亮",
        "马桶和地漏都消毒了，做得很细",
    ),
    "clean.deep": (
        "两个人配合得很好，柜顶和门窗轨道都擦到了",
        "入住前做了一次，胶印和灰尘都清干净了",
        "重油污的地方处理得很彻底",
    ),
    "appliance.aircon": (
        "洗完风大了，味道也没有了",
        "拆洗很仔细，脏水都给我看了，装回去试机正常",
        "铺了防护布，做完把地面也擦干净了",
    ),
    "appliance.washer": (
        "里面的霉斑都清掉了，衣服没有味道了",
        "内桶拆出来洗得很干净，装回去没有异响",
        "讲解了日常怎么保养，很实用",
    ),
    "appliance.hood": (
        "吸力明显变好，油网像新的一样",
        "叶轮拆下来洗得很干净，灶台也顺手擦了",
        "防护做得好，墙面没有溅到油",
    ),
    "upkeep.floor": (
        "打蜡后光泽很均匀，一点不滑",
        "先做小面积试样再动手，很专业",
        "家具都挪开做，边角没有漏",
    ),
    "upkeep.furniture": (
        "红木家具擦得很亮，用的油没有刺鼻味道",
        "沙发护理后皮面柔软了很多",
        "桌面的水印处理掉了，看不出痕迹",
    ),
    "care.nanny": (
        "饭菜合口味，孩子很喜欢阿姨",
        "家务有条理，孩子也带得细心",
        "会讲粤语，和家里老人相处得很好",
    ),
    "care.maternity": (
        "宝宝的作息调整得很好，妈妈也休息好了",
        "月子餐清淡又有营养，天天不重样",
        "新生儿护理很专业，还教会了我们洗澡抚触",
    ),
    "care.elder": (
        "照顾老人很有耐心，会陪着聊天散步",
        "老人很喜欢她，吃药都记得提醒",
        "陪同复诊跑前跑后，省了我们很多心",
    ),
    "care.patient": (
        "翻身擦身动作轻，护理记录写得清楚",
        "术后照顾得很周到，家人都放心",
        "观察仔细，有情况马上告诉家属",
    ),
    "care.night": (
        "夜里起来几次都很及时，家人终于睡了整觉",
        "早上交接清楚，夜间情况记得明明白白",
        "老人半夜不舒服，她马上叫醒了我们",
    ),
    "repair.plumbing_electrical": (
        "很快找到问题，修好之后没有再出毛病",
        "先报价再动手，没有乱收费",
        "排查得很细，还提醒了老化的线路",
    ),
    "repair.drain": (
        "通得很彻底，试水三遍才走",
        "工具专业，十几分钟就通了",
        "疏通完把地面冲洗干净了",
    ),
    "repair.lock": (
        "开锁很快，核对了证件，很规范",
        "没有损坏门锁，收费和报价一致",
        "换的锁芯当面拆封，很放心",
    ),
}

# family -> (so-so, complaint)
CRITICISM: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clean": (
        ("整体还可以，有些角落没有照顾到", "表面干净了，还有水印", "比约定时间多花了一会儿"),
        ("好几处污渍没有擦掉", "地面有水渍，打扫得不细", "赶时间，很多地方一带而过"),
    ),
    "appliance": (
        ("洗得不错，收尾时地上留了些水", "清洗效果一般，味道还有一点", "洗好了，只是用时比说的长"),
        ("装回去之后有异响，又来了一次", "面板没有擦干净", "零件卡扣弄松了"),
    ),
    "upkeep": (
        ("效果还行，边角处不太均匀", "整体满意，味道散了一天", "做得可以，速度慢了些"),
        ("留下了明显的印子，需要返工", "没有按说好的范围做完", "没做防护，墙边蹭脏了"),
    ),
    "care": (
        ("人很实在，做饭口味偏咸", "照顾得可以，记录写得简单了些", "刚开始不太熟悉，后来好多了"),
        ("中途一直看手机，不够上心", "对注意事项不熟悉，需要反复提醒", "提前走了半个小时"),
    ),
    "repair": (
        ("修好了，费用比预想的贵一点", "技术可以，等配件花了些时间", "问题解决了，现场没怎么收拾"),
        ("第二天又出了同样的问题", "修完没有清理现场", "报价前后不一致"),
    ),
}

# (praise, so-so, complaint): what is said of manners and punctuality
MANNER_WORDS: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] = (
    (
        "，准时到达，态度很好。",
        "，沟通顺畅，进门自觉穿鞋套。",
        "。师傅有礼貌，下次还约。",
        "，价格透明，值得推荐。",
        "。提前打了电话确认，很贴心。",
        "，辛苦了，谢谢！",
        "。已经是第三次预约，一如既往地满意。",
        "，走之前还请我验收了一遍。",
    ),
    ("，态度还不错。", "。迟到了十分钟，提前说明了。", "，总体可以接受。", "，希望下次更细致。"),
    (
        "，沟通也不太耐心。",
        "，而且迟到了半小时。",
        "，不太满意，希望改进。",
        "，联系客服后才处理。",
    ),
)

GENERAL_NOTES: tuple[str, ...] = (
    "家里有老人休息，请尽量轻声",
    "家里有小孩，请不要使用刺激性气味的产品",
    "养了一只猫，请注意关门",
    "希望安排上次来的师傅",
    "到之前请提前半小时打电话",
    "只能停车一小时，请先联系我",
    "需要开发票",
)
SERVICE_NOTES: dict[str, tuple[str, ...]] = {
    "clean.home": ("书房的文件请不要挪动", "希望安排女师傅", "阳台玻璃很久没擦了"),
    "clean.kitchen": ("重点清洁灶台后面的墙", "橱柜里的东西我会提前清空"),
    "clean.bathroom": ("淋浴房玻璃水垢比较重", "请使用自带的马桶刷"),
    "clean.deep": ("刚装修完，有不少胶印", "下个月入住，请把柜体内部也擦到"),
    "appliance.aircon": ("主卧空调装得比较高，请带梯子", "客厅空调有点漏水，顺便看一下"),
    "appliance.washer": ("用了五年没有洗过", "洗衣机在阳台，位置比较窄"),
    "appliance.hood": ("油烟机噪音大，请帮忙看看", "油烟机是侧吸的，用了三年"),
    "upkeep.floor": ("木地板有轻微划痕，请注意", "家具比较重，请两人搬或不搬"),
    "upkeep.furniture": ("红木沙发请不要用含酒精的产品", "皮沙发是浅色的"),
    "care.nanny": ("孩子对花生过敏", "下午四点半去幼儿园接孩子"),
    "care.maternity": ("产妇剖腹产，需要多照顾", "宝宝混合喂养"),
    "care.elder": ("老人听力不好，请大声一点", "需要控盐控糖饮食", "最好会讲粤语"),
    "care.patient": ("病人刚出院，行动不便", "晚饭后需要服药，请提醒"),
    "care.night": ("老人夜里要起来两三次", "卧室有小床，请自带换洗衣物"),
    "repair.plumbing_electrical": ("总阀在厨房水槽下面", "请先报价再维修"),
    "repair.drain": ("已经用过疏通剂，请注意", "物业要求施工登记，请带证件"),
    "repair.lock": ("钥匙断在锁芯里了", "人在门口等，请尽快"),
}


def review(rng: random.Random, service_code: str) -> DemoReview:
    """What a customer may say of that service; most are happy."""
    star = rng.choices(list(STAR_WEIGHTS), list(STAR_WEIGHTS.values()))[0]
    quality, attitude, skill = (_near(rng, star) for _ in range(3))
    tone = _tone((quality + attitude + skill) / 3)
    text = rng.choice(_work_words(service_code, tone)) + rng.choice(MANNER_WORDS[tone])
    return DemoReview(quality, attitude, skill, text)


def order_note(rng: random.Random, service_code: str) -> str:
    """Special requirements; empty for half of the orders."""
    if rng.random() < 0.5:
        return ""
    return rng.choice(GENERAL_NOTES + SERVICE_NOTES[service_code])


def reject_reason(rng: random.Random) -> RejectReason:
    return rng.choices(REJECT_REASONS, [reason.weight for reason in REJECT_REASONS])[0]


def _work_words(service_code: str, tone: int) -> tuple[str, ...]:
    if tone == 0:
        return PRAISE[service_code]
    return CRITICISM[service_code.partition(".")[0]][tone - 1]


def _near(rng: random.Random, star: int) -> int:
    return min(5, max(1, star + rng.choice((-1, 0, 0, 0, 0, 1))))


def _tone(mean: float) -> int:
    """Index into the words: 0 praise, 1 so-so, 2 complaint."""
    if mean >= 3.7:
        return 0
    return 1 if mean >= 2.5 else 2
