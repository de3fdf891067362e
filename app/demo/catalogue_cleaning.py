"""Demo services: daily and deep cleaning."""



from app.demo.catalogue_specs import (
    OptionSpec,
    ServiceSpec,
    cleaning_level,
    count_choice,
    eco_supplies,
    floor_area,
    multi_choice,
)

CLEANING_FOCUS = multi_choice(
    "focus",
    "重点区域",
    "Focus areas",
    OptionSpec("kitchen", "厨房", "Kitchen", 3000, 30),
    OptionSpec("bathroom", "卫生间", "Bathroom", 3000, 30),
    OptionSpec("balcony", "阳台", "Balcony", 2000, 20),
    OptionSpec("windows", "窗户内侧", "Windows, inside", 4000, 40),
    OptionSpec("fridge", "冰箱内部", "Inside the fridge", 3000, 30),
)

CLEANING: tuple[ServiceSpec, ...] = (
    ServiceSpec(
        "clean.home",
        "clean.daily",
        "全屋日常保洁",
        "Whole home cleaning",
        "客厅、卧室、厨房、卫生间台面与地面的日常清洁，含除尘、拖地、垃圾清运。",
        15800,
        "visit",
        180,
        "cleaning",
        1,
        (
            floor_area((80, 0, 0), (120, 5000, 60), (160, 10000, 120)),
            cleaning_level(6000, 60),
            CLEANING_FOCUS,
            eco_supplies(1500),
        ),
        warranty_days=1,
        demand=30,
    ),
    ServiceSpec(
        "clean.kitchen",
        "clean.daily",
        "厨房保洁",
        "Kitchen cleaning",
        "灶台、台面、墙砖、橱柜外立面与地面去油污，水槽除垢。",
        12800,
        "visit",
        120,
        "cleaning",
        2,
        (
            cleaning_level(5000, 60),
            multi_choice(
                "focus",
                "重点区域",
                "Focus areas",
                OptionSpec("cabinets", "橱柜内部", "Inside the cupboards", 4000, 30),
                OptionSpec("tiles", "墙砖缝隙", "Tile joints", 3000, 30),
                OptionSpec(
                    "hood", "油烟机拆洗", "Range hood, taken apart", 9900, 45, "hood_cleaning"
                ),
            ),
            eco_supplies(1000),
        ),
        warranty_days=1,
        demand=14,
    ),
    ServiceSpec(
        "clean.bathroom",
        "clean.daily",
        "卫生间保洁",
        "Bathroom cleaning",
        "马桶、洗手台、淋浴房、镜面与地面清洁消毒，去水垢皂垢。",
        8800,
        "visit",
        60,
        "cleaning",
        1,
        (
            count_choice("rooms", "卫生间数量", "Bathrooms", ("间", "room(s)"), 3, (6800, 50)),
            cleaning_level(4000, 30),
            multi_choice(
                "focus",
                "重点区域",
                "Focus areas",
                OptionSpec("glass", "淋浴房玻璃除垢", "Shower glass descaling", 2500, 20),
                OptionSpec("mould", "胶条除霉", "Mould on the seals", 3000, 20),
            ),
            eco_supplies(800),
        ),
        warranty_days=1,
        demand=10,
    ),
    ServiceSpec(
        "clean.deep",
        "clean.thorough",
        "深度保洁",
        "Deep cleaning",
        "两人上门，含重油污、重水垢处理，家电表面、门窗轨道、灯具及柜顶清洁，适合换季或入住前。",
        56800,
        "visit",
        240,
        "deep_cleaning",
        2,
        (
            floor_area((80, 0, 0), (120, 18000, 60), (160, 36000, 120)),
            multi_choice(
                "focus",
                "重点区域",
                "Focus areas",
                OptionSpec("windows", "窗户内外侧（安全范围内）", "Windows, both sides", 9900, 45),
                OptionSpec("cabinets", "柜体内部", "Inside the cabinets", 8000, 40),
                OptionSpec("mites", "床垫除螨", "Mattress dust mites", 12000, 40),
            ),
            eco_supplies(3000),
        ),
        crew_size=2,
        warranty_days=3,
        buffer_after_minutes=20,
        demand=8,
    ),
)
