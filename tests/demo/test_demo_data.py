import pytest

from app.demo import catalogue, geography, people, staff

from .measures import DISTRICT_REACH_KM, SEEDS, TODAY, doubles, kilometres, seeded

# Geography


def test_guangzhou_has_its_eleven_districts_with_official_codes() -> None:
    assert {code: row.name_zh for code, row in geography.DISTRICTS.items()} == {
        "440103": "荔湾区",
        "440104": "越秀区",
        "440105": "海珠区",
        "440106": "天河区",
        "440111": "白云区",
        "440112": "黄埔区",
        "440113": "番禺区",
        "440114": "花都区",
        "440115": "南沙区",
        "440117": "从化区",
        "440118": "增城区",
    }


def test_each_region_comes_after_its_parent_and_shares_its_code() -> None:
    seen: dict[str, geography.Region] = {}
    for row in geography.REGIONS:
        assert row.code not in seen
        if row.parent_code is None:
            assert row.level == "province"
        else:
            assert row.code.startswith(seen[row.parent_code].code.rstrip("0"))
        seen[row.code] = row


def test_each_neighbourhood_is_in_the_city_and_near_its_district() -> None:
    for place in geography.NEIGHBOURHOODS:
        centre = geography.DISTRICTS[place.district_code]
        away = kilometres(place.lat, place.lng, centre.lat, centre.lng)
        assert geography.CITY_BOUNDS.contains(place.lat, place.lng), place
        assert away <= DISTRICT_REACH_KM[place.district_code], (place, away)


def test_no_neighbourhood_is_listed_twice_and_each_district_has_several() -> None:
    places = geography.NEIGHBOURHOODS
    assert doubles(f"{place.subdistrict_zh}{place.name_zh}" for place in places) == []
    assert doubles(f"{place.lat},{place.lng}" for place in places) == []
    assert all(place.name_en.isascii() for place in places)
    assert min(len(geography.neighbourhoods_of(code)) for code in geography.DISTRICTS) >= 5


def test_each_district_is_in_one_service_area_and_the_centre_is_free() -> None:
    served = [code for area in geography.SERVICE_AREAS for code in area.district_codes]
    assert sorted(served) == sorted(geography.DISTRICTS)
    assert doubles(area.code for area in geography.SERVICE_AREAS) == []
    fees = [area.travel_fee_fen for area in geography.SERVICE_AREAS]
    assert fees == sorted(fees)
    assert geography.area_of("440106").travel_fee_fen == 0
    assert geography.area_of("440117").travel_fee_fen == 4000


def test_neighbouring_districts_are_neighbours_both_ways() -> None:
    assert set(geography.ADJACENT) == set(geography.DISTRICTS)
    for code, others in geography.ADJACENT.items():
        assert all(code in geography.ADJACENT[other] for other in others), code


@pytest.mark.parametrize("seed", SEEDS)
def test_addresses_lie_within_200_metres_of_a_neighbourhood_of_their_district(seed: int) -> None:
    homes = geography.addresses(seeded(seed), 300)
    assert len(homes) == 300
    assert {home.district_code for home in homes} == set(geography.DISTRICTS)
    for home in homes:
        (place,) = (
            place
            for place in geography.neighbourhoods_of(home.district_code)
            if home.street == f"{place.subdistrict_zh}{place.name_zh}"
        )
        assert kilometres(home.lat, home.lng, place.lat, place.lng) <= 0.2
        assert home.detail.endswith("房")


def test_addresses_can_be_limited_to_districts() -> None:
    homes = geography.addresses(seeded(1), 20, ["440115"])
    assert {home.district_code for home in homes} == {"440115"}


# Catalogue


def all_options() -> list[catalogue.OptionSpec]:
    return [o for s in catalogue.SERVICES for group in s.groups for o in group.options]


def test_the_catalogue_offers_everything_that_the_company_does() -> None:
    assert [(service.code, service.name_zh) for service in catalogue.SERVICES] == [
        ("clean.home", "全屋日常保洁"),
        ("clean.kitchen", "厨房保洁"),
        ("clean.bathroom", "卫生间保洁"),
        ("clean.deep", "深度保洁"),
        ("appliance.aircon", "空调清洗"),
        ("appliance.washer", "洗衣机清洗"),
        ("appliance.hood", "油烟机清洗"),
        ("upkeep.floor", "地板打蜡"),
        ("upkeep.furniture", "家具擦拭保养"),
        ("care.nanny", "保姆（白班）"),
        ("care.maternity", "月嫂（白班）"),
        ("care.elder", "老人护理"),
        ("care.patient", "病人护理"),
        ("care.night", "夜间陪护"),
        ("repair.plumbing_electrical", "水电维修"),
        ("repair.drain", "管道疏通"),
        ("repair.lock", "开锁换锁"),
    ]


def test_codes_of_services_skills_and_categories_are_unique() -> None:
    assert doubles(service.code for service in catalogue.SERVICES) == []
    assert doubles(skill.code for skill in catalogue.SKILLS) == []
    assert doubles(category.code for category in catalogue.CATEGORIES) == []


def test_each_category_comes_after_its_parent_and_each_leaf_has_a_service() -> None:
    seen: list[str] = []
    for category in catalogue.CATEGORIES:
        assert category.parent_code is None or category.parent_code in seen
        seen.append(category.code)
    parents = {category.parent_code for category in catalogue.CATEGORIES}
    used = {service.category_code for service in catalogue.SERVICES}
    assert used == {code for code in seen if code not in parents}


@pytest.mark.parametrize("service", catalogue.SERVICES, ids=lambda service: service.code)
def test_each_service_has_what_publishing_asks_for(service: catalogue.ServiceSpec) -> None:
    assert service.price_fen > 0
    assert 30 <= service.minutes <= 720
    assert service.skill_code in {skill.code for skill in catalogue.SKILLS}
    assert service.skill_level in catalogue.SKILL_LEVELS
    assert service.unit in catalogue.UNITS
    assert service.crew_size >= 1
    assert service.visits_max >= 1
    assert service.warranty_days >= 0
    assert min(service.buffer_before_minutes, service.buffer_after_minutes) >= 0
    assert service.demand > 0 or service.hours
    assert service.description_zh.endswith("。")
    assert service.name_en.isascii()


@pytest.mark.parametrize("service", catalogue.SERVICES, ids=lambda service: service.code)
def test_each_option_group_can_be_answered(service: catalogue.ServiceSpec) -> None:
    assert service.groups
    assert doubles(group.code for group in service.groups) == []
    for group in service.groups:
        assert doubles(option.code for option in group.options) == []
        assert group.choice == "single" or not group.required
        default = group.options[0]
        if group.required:
            assert len(group.options) >= 2
            assert (default.price_fen, default.minutes, default.skill_code) == (0, 0, None)


def test_no_option_lowers_price_or_time_and_extra_skills_exist() -> None:
    skills = {skill.code for skill in catalogue.SKILLS}
    for option in all_options():
        assert option.price_fen >= 0
        assert option.minutes >= 0
        assert option.skill_code is None or option.skill_code in skills
    assert any(option.skill_code for option in all_options())


def test_counts_add_the_same_for_each_further_piece() -> None:
    units = catalogue.SERVICES_BY_CODE["appliance.aircon"].groups[0]
    assert [(o.name_zh, o.price_fen, o.minutes) for o in units.options] == [
        ("1台", 0, 0),
        ("2台", 8800, 40),
        ("3台", 17600, 80),
        ("4台", 26400, 120),
        ("5台", 35200, 160),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_choice_answers_required_groups_and_fits_one_day(seed: int) -> None:
    rng = seeded(seed)
    for _ in range(400):
        service = catalogue.pick_service(rng)
        choice = catalogue.pick_options(rng, service)
        groups = {group.code: group for group in service.groups}
        minutes = service.minutes
        for code, picked in choice.items():
            known = {option.code: option for option in groups[code].options}
            assert len(picked) == 1 or groups[code].choice == "multi"
            minutes += sum(known[option].minutes for option in picked)
        assert all(group.code in choice for group in service.groups if group.required)
        assert minutes <= 720


# Staff


def test_staff_have_a_login_for_each_role_and_three_for_finance() -> None:
    assert {login.username: login.role for login in staff.STAFF} == {
        "ops": "operations",
        "hr": "hr",
        "dispatcher": "dispatcher",
        "finance_make": "finance",
        "finance_approve": "finance",
        "finance_pay": "finance",
        "admin_second": "administrator",
        "service": "service",
        "auditor": "auditor",
        "partner": "partner",
    }
    assert doubles(login.email for login in staff.STAFF) == []
    assert doubles(login.name_zh for login in staff.STAFF) == []
    assert set(staff.ROLE_CODES) == {login.role for login in staff.STAFF}


# Seeds


def everything(seed: int) -> list[object]:
    rng = seeded(seed)
    drawn: list[object] = [*geography.addresses(rng, 20), *people.customers(rng, 20, TODAY)]
    drawn += people.workers(rng, 20, TODAY)
    drawn += [catalogue.pick_options(rng, service) for service in catalogue.SERVICES]
    drawn += [
        people.review(rng, "clean.home"),
        people.order_note(rng, "care.elder"),
        people.reject_reason(rng),
    ]
    return drawn


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert everything(11) == everything(11)
    assert everything(11) != everything(12)
