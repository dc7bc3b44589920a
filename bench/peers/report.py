"""Turns of two engines, and what they come to."""

import dataclasses
import statistics


def quartiles(values):
    if len(values) == 1:
        return values * 3
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return [low, middle, high]


@dataclasses.dataclass
class Comparison:
    """Speeds in tokens a second, turn by turn: ours, theirs, ours, theirs, ..."""

    test: object
    peer: str
    ours: list
    theirs: list
    remark: str = ""

    def ratios(self):
        return [mine / other for mine, other in zip(self.ours, self.theirs)]

    def as_json(self):
        row = {**dataclasses.asdict(self.test), "peer": self.peer, "remark": self.remark}
        for name, values in (("ours", self.ours), ("theirs", self.theirs), ("ratio", self.ratios())):
            low, middle, high = quartiles(values)
            row[name] = {"median": middle, "q1": low, "q3": high, "all": values}
        return row


def take_turns(ours, peer, test, pairs):
    """One uncounted turn of each, then pairs of turns."""
    result = Comparison(test, peer.name, [], [])
    for pair in range(pairs + 1):
        mine, other = ours.measure(test), peer.measure(test)
        if pair > 0:
            result.ours.append(mine)
            result.theirs.append(other)
    result.remark = peer.remark(test)
    return result


def cell(values, digits):
    low, middle, high = (f"{value:.{digits}f}" for value in quartiles(values))
    return f"{middle} ({low} to {high})"


def digits_for(values):
    return 1 if statistics.median(values) >= 10 else 3


def markdown(comparisons):
    lines = [
        "| work | mlxa, tokens/s | other | tokens/s | ratio, pair by pair | remark |",
        "|---|---|---|---|---|---|",
    ]
    for row in comparisons:
        mine, other = cell(row.ours, digits_for(row.ours)), cell(row.theirs, digits_for(row.theirs))
        lines.append(f"| {row.test.title()} | {mine} | {row.peer} | {other} | {cell(row.ratios(), 2)} | {row.remark} |")
    return "\n".join(lines)
