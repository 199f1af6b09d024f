"""When it cannot be done, the shortfall is right and its cause is named."""

from __future__ import annotations

from random import Random

from app.matching.engine import (
    Crowd,
    Impossible,
    Inspector,
    Needs,
    Possible,
    Recusal,
    Target,
    explain,
    feasible,
    short_handed,
    trial,
)

from .cases import most_visits, random_case


def people(prefix: str, count: int, leader: bool, cap: int, region: str = "640104") -> list[Inspector]:
    return [Inspector(f"{prefix}{number}", leader, 0, cap, (region,)) for number in range(count)]


def test_the_shortfall_is_that_of_trying_everything():
    chance, seen = Random(41), 0
    for _ in range(400):
        case = random_case(chance)
        answer = feasible(case.targets, case.roster, case.recusals, case.needs)
        short = case.needs.need * len(case.targets) - most_visits(case)
        assert bool(answer) == (short == 0)
        if isinstance(answer, Impossible):
            seen += 1
            assert answer.short == short == sum(block.short for block in answer.blocks)
            for block in answer.blocks:
                assert block.demand - block.capacity - block.elsewhere == block.short > 0
                assert block.count == len(block.targets) == sum(count for _, count in block.regions)
            assert len(set(answer.targets)) == len(answer.targets)
            assert len(set(answer.inspectors)) == len(answer.inspectors)
    assert seen > 100


def test_the_sentence_of_the_design_page_can_be_said():
    roster = people("L", 75, leader=True, cap=121) + people("M", 80, leader=False, cap=121)
    answer = trial([Crowd("640104", ("食品",), 9_129)], roster, Needs())
    assert isinstance(answer, Impossible)
    (block,) = answer.blocks
    assert (block.kind, block.count, block.regions) == ("LEADERS", 9_129, (("640104", 9_129),))
    assert (len(block.inspectors), block.least_cap, block.most_cap) == (75, 121, 121)
    assert (block.demand, block.capacity, block.elsewhere, block.short) == (9_129, 9_075, 0, 54)
    assert answer.short == 54


def test_two_regions_short_of_people_are_two_blocks():
    roster = people("A", 2, True, 3) + people("B", 2, True, 1, "640221") + people("C", 3, True, 9, "640105")
    targets = [Target(f"X{n}", "640104") for n in range(4)] + [Target(f"Y{n}", "640221") for n in range(4)]
    targets += [Target(f"Z{n}", "640105") for n in range(4)]
    answer = feasible(targets, roster, [], Needs())
    assert isinstance(answer, Impossible)
    assert [(block.short, block.regions[0][0], block.inspectors) for block in answer.blocks] == [
        (6, "640221", ("B0", "B1")),
        (2, "640104", ("A0", "A1")),
    ]
    assert {block.kind for block in answer.blocks} == {"INSPECTORS"}
    assert not set(answer.targets) & {f"Z{n}" for n in range(4)}


def test_what_each_rule_removed_agrees_with_the_board():
    chance, seen = Random(42), 0
    for _ in range(150):
        case = random_case(chance)
        answer = feasible(case.targets, case.roster, case.recusals, case.needs)
        if not isinstance(answer, Impossible):
            continue
        assert set(answer.removed) == set(answer.targets)
        for target in case.targets:
            if target.id not in answer.removed:
                continue
            verdicts = explain(target, case.roster, case.recusals, case.needs.tags)
            told = {
                rule: sum(verdict.reason == rule for verdict in verdicts)
                for rule in ("RECUSED", "REGION", "SPECIALTY")
            }
            able = [verdict for verdict in verdicts if verdict.reason is None]
            told |= {"eligible": len(able), "leaders": sum(verdict.leader for verdict in able)}
            assert answer.removed[target.id] == told
            seen += 1
    assert seen > 50


def test_the_trial_by_crowds_agrees_with_the_same_targets_one_by_one():
    chance, possible = Random(43), 0
    for _ in range(150):
        case = random_case(chance, most_targets=1, most_inspectors=6, most_cap=8)
        kinds = [("640104", ()), ("640221", ("食品",)), ("640105", ("特种设备", "食品"))]
        crowds = [Crowd(region, tags, chance.randrange(5)) for region, tags in kinds]
        targets = [
            Target(f"{place}-{number}", crowd.region, crowd.tags)
            for place, crowd in enumerate(crowds)
            for number in range(crowd.count)
        ]
        one_by_one = feasible(targets, case.roster, [], case.needs)
        answer = trial(crowds, case.roster, case.needs)
        assert bool(answer) == bool(one_by_one)
        if isinstance(answer, Impossible) and isinstance(one_by_one, Impossible):
            assert answer.short == one_by_one.short
            assert sum(block.count for block in answer.blocks) == len(one_by_one.targets)
        else:
            assert isinstance(answer, Possible) and answer.visits == case.needs.need * len(targets)
            possible += 1
    assert 20 < possible < 130


def test_targets_that_could_not_be_matched_even_alone_are_found_on_the_frame():
    roster = people("L", 1, True, 5) + people("M", 2, False, 5) + people("F", 2, True, 0)
    frame = [Target("OK", "640104"), Target("FAR", "640221"), Target("REC", "640104")]
    found = short_handed(frame, roster, [Recusal("L0", "REC", "DECLARED")], Needs())
    assert [one.target_id for one in found] == ["FAR", "REC"]
    assert found[0].removed == {"RECUSED": 0, "REGION": 3, "SPECIALTY": 0, "eligible": 0, "leaders": 0}
    assert found[1].removed == {"RECUSED": 1, "REGION": 0, "SPECIALTY": 0, "eligible": 2, "leaders": 0}
