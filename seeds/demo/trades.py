"""What the 20,000 demo targets are: trades with their industries, kinds and counts.

`yinchuan` fixes how many of the `count` lie in Yinchuan; without it the regions' weights decide.
The counts of the general trades are set so that the kinds come out near the real register: some 70 %
individual businesses, 25 % enterprises, 2 % cooperatives, the rest organisations.
"""

from dataclasses import dataclass

TOTAL = 20_000
ENTERPRISE, INDIVIDUAL, COOPERATIVE = "enterprise", "individual", "cooperative"
SOCIAL, PUBLIC, FOREIGN, OTHER = "social_organisation", "public_institution", "foreign_office", "other"


@dataclass(frozen=True)
class Trade:
    """`kinds`: kind and weight; `tags`: specialty and share of the targets that need it;
    `prefixes`: first two characters of the code where the kind's own do not fit."""

    industry: str
    count: int
    kinds: tuple[tuple[str, int], ...]
    suffixes: tuple[str, ...]
    yinchuan: int | None = None
    tags: tuple[tuple[str, float], ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()


_LETTERS = {
    "e": ENTERPRISE, "i": INDIVIDUAL, "c": COOPERATIVE, "s": SOCIAL, "p": PUBLIC, "f": FOREIGN, "o": OTHER,
}  # fmt: skip


def _mix(**weights: int) -> tuple[tuple[str, int], ...]:
    return tuple((_LETTERS[letter], weight) for letter, weight in weights.items())


_LIFT = (("特种设备", 0.6),)
_CANTEEN = (("食品", 0.8),)

OF_THE_ITEMS = (
    Trade("6110", 130, _mix(e=1), ("大酒店", "饭店", "国际酒店"), 60, _LIFT + (("食品", 0.7),)),
    Trade("6121", 130, _mix(e=9, i=1), ("快捷酒店", "连锁酒店"), 70, _LIFT),
    Trade("6129", 280, _mix(e=3, i=7), ("宾馆", "旅馆", "招待所"), 110),
    Trade("6130", 80, _mix(e=1, i=6), ("民宿", "客栈"), 20),
    Trade("8310", 220, _mix(p=9, s=10, e=1), ("幼儿园",), tags=_CANTEEN),
    Trade("8321", 120, _mix(p=97, s=3), ("小学",), tags=_CANTEEN),
    Trade("8331", 60, _mix(p=95, s=5), ("初级中学",), tags=_CANTEEN),
    Trade("8334", 25, _mix(p=8, s=2, e=1), ("高级中学",), tags=_CANTEEN),
    Trade("8336", 15, _mix(p=8, s=2, e=1), ("职业技术学校",), tags=_CANTEEN),
    Trade("8391", 40, _mix(e=8, s=2), ("职业技能培训学校",)),
    Trade("8393", 120, _mix(e=14, s=5, i=1), ("艺术培训中心",)),
    Trade("8399", 60, _mix(e=7, s=3), ("教育培训中心",)),
    Trade("8760", 30, _mix(e=1), ("影城", "电影院"), tags=(("特种设备", 0.3),)),
    Trade("8820", 10, _mix(p=1, e=1), ("剧院", "音乐厅")),
    Trade("9011", 120, _mix(e=4, i=6), ("歌舞厅", "量贩歌城")),
    Trade("9012", 50, _mix(e=5, i=5), ("游艺厅", "电玩城")),
    Trade("8930", 90, _mix(e=7, i=3), ("游泳馆", "游泳健身中心")),
    Trade("5211", 60, _mix(e=9, i=1), ("百货商场", "购物中心"), tags=_LIFT),
    Trade("5212", 600, _mix(e=1, i=3), ("超市", "生活超市"), tags=(("食品", 1.0),)),
    Trade("2319", 60, _mix(e=1), ("印刷厂", "包装印刷有限公司")),
    Trade("5243", 120, _mix(e=4, i=6), ("书店", "图书文具店")),
    Trade("6429", 60, _mix(e=1), ("网络文化有限公司", "文化传媒有限公司")),
    Trade("6422", 20, _mix(e=1), ("游戏科技有限公司",)),
    Trade("7481", 60, _mix(e=1), ("工程造价咨询有限公司", "工程咨询有限公司")),
    Trade("7461", 20, _mix(e=4, p=1), ("环境监测有限公司", "生态环境监测站")),
    Trade("7452", 50, _mix(e=1), ("机动车检测有限公司",)),
    Trade("5261", 150, _mix(e=9, i=1), ("汽车销售服务有限公司", "汽车销售部")),
    Trade("5951", 20, _mix(e=1), ("粮食储备库", "粮库有限公司")),
    Trade("1311", 60, _mix(e=6, i=3, c=1), ("米业", "粮食加工厂")),
    Trade("5111", 40, _mix(e=5, i=4, c=1), ("粮食购销部",)),
)

_ASSOCIATION = ((SOCIAL, "51"),)

GENERAL = (
    Trade("6210", 900, _mix(e=15, i=85), ("餐厅", "酒楼", "手抓羊肉馆"), tags=(("食品", 1.0),)),
    Trade("6220", 260, _mix(e=10, i=90), ("快餐店",), tags=(("食品", 1.0),)),
    Trade("6291", 1650, _mix(e=1, i=99), ("小吃店", "面馆", "早餐店"), tags=(("食品", 1.0),)),
    Trade("5213", 2400, _mix(e=2, i=98), ("便利店", "小卖部"), tags=(("食品", 1.0),)),
    Trade("5221", 250, _mix(e=8, i=92), ("粮油店",), tags=(("食品", 1.0),)),
    Trade("5223", 900, _mix(i=1), ("果蔬店", "水果店"), tags=(("食品", 1.0),)),
    Trade("5232", 2100, _mix(e=4, i=96), ("服装店", "服饰店")),
    Trade("5251", 420, _mix(e=60, i=40), ("大药房", "药店")),
    Trade("5262", 60, _mix(e=5, i=5), ("二手车经营部",)),
    Trade("5165", 900, _mix(e=40, i=60), ("建材经营部", "建材有限公司")),
    Trade("8040", 1600, _mix(e=2, i=98), ("理发店", "美容美发店"), tags=(("公共卫生", 1.0),)),
    Trade("8051", 130, _mix(e=20, i=80), ("浴室", "洗浴中心"), tags=(("公共卫生", 1.0),)),
    Trade("8111", 900, _mix(e=15, i=85), ("汽车修理厂", "汽修店")),
    Trade("5431", 1500, _mix(e=25, i=75), ("货运服务部", "物流有限公司")),
    Trade("4710", 700, _mix(e=1), ("建筑工程有限公司", "建设有限公司")),
    Trade("6513", 700, _mix(e=1), ("软件科技有限公司", "信息技术有限公司")),
    Trade("7010", 140, _mix(e=1), ("房地产开发有限公司",)),
    Trade("7020", 260, _mix(e=1), ("物业服务有限公司",), tags=(("特种设备", 0.7),)),
    Trade("7291", 110, _mix(e=9, f=1), ("旅行社", "国际旅行社")),
    Trade("1515", 70, _mix(e=1), ("酒庄", "葡萄酒有限公司"), tags=(("食品", 1.0),)),
    Trade("9013", 140, _mix(e=4, i=6), ("网吧", "网络会所")),
    Trade("8425", 200, _mix(e=25, i=40, s=35), ("门诊部", "口腔诊所"), tags=(("公共卫生", 1.0),)),
    Trade("0141", 330, _mix(i=55, c=30, e=15), ("蔬菜种植园", "蔬菜产销中心")),
    Trade("0314", 520, _mix(i=60, c=30, e=10), ("养殖场", "滩羊养殖场")),
    Trade("0311", 230, _mix(i=55, c=33, e=12), ("肉牛养殖场", "奶牛牧场")),
    Trade("0111", 160, _mix(i=45, c=40, e=15), ("水稻种植园",)),
    Trade("9521", 60, _mix(s=1), ("专业协会", "学会"), prefixes=_ASSOCIATION),
    Trade("9522", 60, _mix(s=1), ("行业协会", "商会"), prefixes=_ASSOCIATION),
    Trade("7231", 40, _mix(o=1), ("律师事务所",), prefixes=((OTHER, "31"),)),
    Trade("9511", 110, _mix(o=1), ("基层工会委员会", "联合工会委员会")),
)
