"""A small matching problem for the bundle tests, its optimum and the prices that prove it."""

from __future__ import annotations

from app.verifier import vectors, verify

MATCHING = {
    "agency": "AMR-640000",
    "tags": ["食品"],
    "need": 2,
    "leaders": 1,
    "relax": [{"kind": "postpone"}],
    "roster": [
        ["6401-00001", 1, 1, 9, "640100", "食品"],
        ["6401-00002", 1, 0, 9, "640300,640100", "食品"],
        ["6401-00003", 0, 2, 9, "640000", "食品,消防"],
        ["6401-00004", 0, 0, 9, "640104,640106,640302", ""],
        ["6401-00005", 1, 0, 9, "640000", "食品"],
        ["6401-00006", 0, 3, 2, "640106", "食品"],
    ],
    "recusals": [
        ["6401-00001", "91640WELADHRTUUM5Y", "ROTATION"],
        ["6401-00004", "91640WELADHRTUUM5Y", "RELATIVE"],
    ],
}


def prices(arcs, level):
    """Shortest distances in the residual graph: reduced costs then have the right signs."""
    price = {node: 0 for arc in arcs for node in arc[:2]}
    for _ in price:
        changed = False
        for start, end, capacity, flow, costs in arcs:
            if flow < capacity and price[start] + costs[level] < price[end]:
                price[end], changed = price[start] + costs[level], True
            if flow and price[end] - costs[level] < price[start]:
                price[start], changed = price[end] - costs[level], True
        if not changed:
            return price
    raise AssertionError("a negative cycle: not the optimum")


def solver(maker, prefix, info):
    """Rows of the optimum and its certificate."""
    staff = {
        row[0]: {
            "leader": row[1] == 1,
            "load": row[2] + maker.visits[row[0]],
            "cap": row[3] - maker.visits[row[0]],
            "regions": row[4].split(","),
            "tags": set(row[5].split(",")) - {""},
        }
        for row in maker.matching["roster"]
    }
    targets = {target: (region, set(tags.split(",")) - {""}) for target, (region, tags) in info.items()}
    recused = {(row[0], row[1]) for row in maker.matching["recusals"]}
    match = verify.Match(maker.h, prefix, maker.matching, staff, recused, targets)
    rows = vectors.solve(match)
    sums = match.check(rows)
    free, levels = match.arcs(rows), []
    for level, name in enumerate(verify.LEVELS[:3]):
        price = prices(free, level)
        levels.append({"name": name, "prices": {node: str(value) for node, value in price.items()}})
        free = [arc for arc in free if arc[4][level] + price[arc[0]] - price[arc[1]] == 0]
    return rows, {"levels": levels, "sums": {name: str(sums[name]) for name in verify.LEVELS[:3]}}
