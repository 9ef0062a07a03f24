"""Draws the pictures of DETECTION.md: `python3 docs/detection/draw.py` writes the SVG files beside it.

Only the standard library, no dice: the same bytes every time. The formulas and constants are those of crates/detect; the
counts are made up here.
"""

from math import cos, log, log10, log1p, pi
from pathlib import Path

HERE = Path(__file__).parent
INK, FAINT, GRID = "#1f2733", "#6b7684", "#dfe4ea"
CALLS, USUAL, UNUSUAL, OTHER = "#8fa3b8", "#1f6f8b", "#c4482e", "#5b3fa0"


class Chart:
    """One picture: a frame with axes, and what is put into it."""

    def __init__(self, title, x, y, width=760, height=300):
        self.x0, self.x1 = x
        self.y0, self.y1 = y
        self.width, self.height = width, height
        self.left, self.right, self.top, self.bottom = 62, 18, 38, 44
        self.parts = [f'<text x="{self.left}" y="22" font-weight="600" fill="{INK}">{title}</text>']

    def px(self, x):
        return self.left + (x - self.x0) / (self.x1 - self.x0) * (self.width - self.left - self.right)

    def py(self, y):
        return self.height - self.bottom - (y - self.y0) / (self.y1 - self.y0) * (self.height - self.top - self.bottom)

    def text(self, x, y, words, color=FAINT, anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}">{words}</text>')

    def axes(self, x_ticks, y_ticks, x_name, y_name):
        for at, words in y_ticks:
            y = self.py(at)
            self.parts.append(f'<path d="M{self.left} {y:.1f}H{self.width - self.right}" stroke="{GRID}"/>')
            self.text(self.left - 8, y + 4, words, anchor="end")
        for at, words in x_ticks:
            self.text(self.px(at), self.height - self.bottom + 17, words, anchor="middle")
        self.text((self.left + self.width - self.right) / 2, self.height - 8, x_name, anchor="middle")
        middle = (self.top + self.height - self.bottom) / 2
        self.parts.append(
            f'<text transform="translate(15 {middle:.1f}) rotate(-90)" fill="{FAINT}" text-anchor="middle">{y_name}</text>'
        )

    def line(self, points, color, dash="", width=2):
        path = "L".join(f"{self.px(x):.1f} {self.py(min(max(y, self.y0), self.y1)):.1f}" for x, y in points)
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{width}"{dash}/>')

    def bars(self, values, color, start=0, width=1.0):
        for at, value in enumerate(values):
            if value > 0:
                x, y = self.px(start + at), self.py(value)
                w = max(self.px(start + at + width) - x - 0.5, 0.6)
                self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{self.py(0) - y:.1f}" fill="{color}"/>')

    def band(self, x0, x1, color, opacity=0.12):
        x, w = self.px(x0), self.px(x1) - self.px(x0)
        h = self.height - self.top - self.bottom
        self.parts.append(f'<rect x="{x:.1f}" y="{self.top}" width="{w:.1f}" height="{h}" fill="{color}" opacity="{opacity}"/>')

    def mark(self, x, words, color, row=0):
        at = self.px(x)
        self.parts.append(f'<path d="M{at:.1f} {self.top}V{self.height - self.bottom}" stroke="{color}" stroke-dasharray="3 3"/>')
        self.text(at + 5, self.top + 12 + 15 * row, words, color)

    def write(self, name):
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'font-family="system-ui, sans-serif" font-size="12">\n'
            f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>\n' + "\n".join(self.parts) + "\n</svg>\n"
        )
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


def scatter(number):
    """Evenly in [0, 1), always the same: no dice."""
    return (number * 2654435761 % 4294967296) / 4294967296


def expectation():
    """Profile × level over one week."""
    def usual(hour):
        day = 0.35 if hour // 24 >= 5 else 1.0
        return 4 + 26 * day * max(0.0, cos((hour % 24 - 14) / 24 * 2 * pi)) ** 1.5

    profile = [usual(hour) for hour in range(168)]
    level = [1.0 if hour < 72 else 1.0 + 0.5 * (1 - 0.5 ** ((hour - 72) / 12)) for hour in range(168)]
    calls = [p * (1.0 if hour < 72 else 1.5) * (0.75 + 0.5 * scatter(hour + 11)) for hour, p in enumerate(profile)]
    chart = Chart("What is expected: the hour of the week, times how it has been lately", (0, 168), (0, 60))
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    chart.axes([(24 * at + 12, day) for at, day in enumerate(days)], [(y, str(y)) for y in (0, 20, 40, 60)], "hour of the week, UTC", "calls an hour")
    chart.bars(calls, CALLS)
    chart.line([(hour + 0.5, p) for hour, p in enumerate(profile)], FAINT, "4 3")
    chart.line([(hour + 0.5, p * l) for hour, (p, l) in enumerate(zip(profile, level))], USUAL)
    chart.mark(72, "half as many again from here on", UNUSUAL)
    chart.text(chart.px(2), chart.top + 12, "bars: calls", "#5f7387")
    chart.text(chart.px(2), chart.top + 27, "dashed: profile", FAINT)
    chart.text(chart.px(2), chart.top + 42, "line: profile × level", USUAL)
    chart.write("expectation")


FLOOR, SCALE_UP, RECORD_WEIGHT, RATE_CALLS, RATE_MINUTES, MONTH = 0.5, 0.7, 10.0, 0.05, 43_200.0, 43_200.0


def rarity(size, count, excess, minutes):
    """history.rs: -log10 of (rate of exceedances a month) × (tail of their sizes)."""
    rate = (count + RATE_CALLS) / (min(minutes, 80_640 / log(2)) + RATE_MINUTES) * MONTH
    over = (size - FLOOR) / SCALE_UP / (RECORD_WEIGHT + excess)
    return -log10(rate) + (RECORD_WEIGHT + count) * log1p(over) / log(10)


def history():
    """The same size on series with another past."""
    chart = Chart("From size to rarity: the same surprise on series with another past (28 days watched)", (0.5, 6), (-1, 5))
    chart.axes([(x, str(x)) for x in range(1, 7)], [(y, f"{y}  ") for y in range(-1, 6)], "size of the surprise", "rarity R")
    minutes = 28 * 1440
    pasts = [(0, 1.0, "no surprise before", USUAL), (2, 1.0, "2 before, of the usual size", OTHER), (10, 1.0, "10 before, of the usual size", UNUSUAL), (10, 3.0, "10 before, large ones", INK)]
    for row, (count, mean, words, color) in enumerate(pasts):
        points = [(FLOOR + step / 20, rarity(FLOOR + step / 20, count, count * mean, minutes)) for step in range(111)]
        chart.line(points, color)
        chart.text(chart.px(0.65), chart.top + 14 + 16 * row, words, color)
    asked = log10(250 / 1.5)
    chart.line([(0.5, asked), (6, asked)], FAINT, "4 3", 1.5)
    chart.text(chart.px(2.6), chart.py(asked) - 4, "asked for: 250 series, 3 false alarms a month")
    chart.write("history")


LOOK_BACK, DROP, QUIET = 720, 28.0, 60


def episode():
    """Start, call and End of a surge, by the two weighings of episode.rs."""
    expected = 3.0
    calls = [int(expected * (0.4 + 1.2 * scatter(at + 5)) + 0.5) for at in range(160)]
    for at in range(60, 95):
        calls[at] = int(11 * (0.5 + scatter(at)) + 0.5)
    called = 66
    best, start, some, mean = 0.0, called, 0, 0.0
    for back in range(called + 1):
        some, mean = some + calls[called - back], mean + expected
        if some > mean:
            evidence = some * log(some / mean) - (some - mean)
            if evidence > best:
                best, start = evidence, called - back
    ratio = sum(calls[start:called + 1]) / (expected * (called + 1 - start))
    evidence, peak, peak_at, end, curve = 0.0, float("-inf"), start, None, []
    for at in range(start, len(calls)):
        evidence += calls[at] * log(ratio) - (ratio - 1) * expected
        curve.append((at + 1, evidence))
        if evidence > peak:
            peak, peak_at = evidence, at
        if end is None and at > called and (peak - evidence >= DROP or at - peak_at >= QUIET):
            end, known = peak_at + 1, at + 1
            break
    chart = Chart("Where an insight starts and ends", (0, 160), (0, 24))
    chart.axes([(x, str(x)) for x in range(0, 161, 20)], [(y, str(y)) for y in (0, 6, 12, 18, 24)], "minutes", "calls a minute")
    chart.band(start, end, UNUSUAL)
    chart.bars(calls, CALLS)
    chart.line([(0, expected), (160, expected)], USUAL)
    scale = 20.0 / max(value for _, value in curve)
    chart.line([(at, value * scale) for at, value in curve], UNUSUAL, width=1.8)
    chart.mark(start, "Start", UNUSUAL)
    chart.mark(called + 1, "called", INK, 1)
    chart.mark(end, "End", UNUSUAL)
    chart.mark(known, "End is known: 28 nats lost", INK, 1)
    chart.text(chart.px(1), chart.py(expected) - 6, "expected", USUAL)
    chart.text(chart.px(known) + 5, chart.py(13), "red line: evidence since the Start", UNUSUAL)
    chart.write("episode")


GAP_NATS = 20.0


def gap():
    """-ln of the chance of no call at all, by how clumpy the Region is."""
    def nats(expected, clumpiness, uncertainty):
        over = clumpiness + expected * uncertainty
        return expected if over <= 1 + 1e-9 else expected * log(over) / (over - 1)

    chart = Chart("When a silence of a whole Region is a gap", (0, 300), (0, 40))
    chart.axes([(x, str(x)) for x in range(0, 301, 50)], [(y, str(y)) for y in (0, 10, 20, 30, 40)], "calls that were expected of it", "−ln of the chance that none comes")
    for clumpiness, color, at in [(1, USUAL, 36), (5, OTHER, 74), (20, INK, 205), (60, UNUSUAL, 262)]:
        points = [(x, nats(x, clumpiness, 0.0)) for x in range(0, 301)]
        chart.line([point for point in points if point[1] <= 40], color)
        value = min(nats(at, clumpiness, 0.0), 36.0)
        chart.text(chart.px(at) + 6, chart.py(value) + 14, f"F = {clumpiness}", color)
    chart.line([(0, GAP_NATS), (300, GAP_NATS)], FAINT, "4 3", 1.5)
    chart.text(chart.px(298), chart.py(GAP_NATS) - 5, "a gap from here on: e⁻²⁰", FAINT, "end")
    chart.write("gap")


for draw in (expectation, history, episode, gap):
    draw()
