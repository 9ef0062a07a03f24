//! The measurements as tables a person can read: no dates, no durations, the same bytes every time.

use std::fmt::Write;

use sim::counts::incident::Incident;

use crate::measure::{Decoyed, Extent, OutsideResults, Rival, Silence, macro_recall, mean, recall};
use crate::plot::Line;
use crate::score::{Outcome, WEEKS, half_and_most};

/// One page: text and tables, as they come.
#[derive(Default)]
pub(crate) struct Page(String);

impl Page {
    pub(crate) fn text(&mut self, text: &str) {
        writeln!(self.0, "{text}\n").expect("a text can always be written to");
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let mut line =
            |cells: Vec<&str>| writeln!(self.0, "| {} |", cells.join(" | ")).expect("a text can always be written to");
        line(head.to_vec());
        line(head.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }).collect());
        for row in rows {
            line(row.iter().map(String::as_str).collect());
        }
        self.0.push('\n');
    }

    pub(crate) fn finish(self) -> String {
        format!("{}\n", self.0.trim_end())
    }
}

/// A share as it is told: `.42`, `1.00`.
fn share(of: f64) -> String {
    let text = format!("{of:.2}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

/// False alarms: the promise, and what became of it.
pub(crate) fn silences(page: &mut Page, silences: &[Silence]) {
    page.text("## False alarms\n\nAccounts in which nothing is wrong, from the fourth week on. *On changes*: insights on what really changed though nothing was wrong (level shifts, first monthly jobs, release days, holidays): counted apart. *First week*, *next two*: insights of any account before the reported weeks, a week each.");
    let rows = silences.iter().map(|silence| {
        let (mean_rate, worst) = silence.false_alarms();
        let a_month = |count: fn(&crate::score::Unasked) -> usize| {
            mean(silence.reported.iter().map(|unasked| count(unasked) as f64)) / (WEEKS * 7.0 / 30.0)
        };
        let insights = |of: &[crate::score::Unasked]| {
            mean(of.iter().map(|unasked| (unasked.false_alarms() + unasked.on_changes) as f64))
        };
        vec![
            format!("{} × {}", silence.reported.len(), silence.series),
            format!("{}", silence.promise),
            format!("**{mean_rate:.1}**"),
            format!("{worst:.1}"),
            format!("{:.1}", a_month(|unasked| unasked.up)),
            format!("{:.1}", a_month(|unasked| unasked.down)),
            format!("{:.2}", mean_rate * 7.0 / 30.0),
            format!("{:.1}", a_month(|unasked| unasked.on_changes)),
            format!("{:.1}", insights(&silence.first_week)),
            format!("{:.1}", insights(&silence.next_weeks) / 2.0),
        ]
    });
    let head = [
        "accounts × series",
        "promised a month",
        "a month, mean",
        "worst account",
        "up",
        "down",
        "an account-week",
        "on changes",
        "first week",
        "next two, each",
    ];
    page.table(&head, &rows.collect::<Vec<_>>());
}

/// How good the naive methods' yardstick is: which of them are held against us.
const OPTIONAL: &str = "the same, two windows";

/// Macro recall of all methods, at the same false alarms.
pub(crate) fn methods(
    page: &mut Page,
    extent: &Extent,
    silences: &[Silence],
    found: &[Vec<Outcome>],
    rivals: &[Rival],
) {
    let (series, accounts) = extent.struck;
    let count = found[0].len();
    page.text(&format!("## Beside the naive methods\n\nMacro recall (every kind of incident counts the same, and within it every size): increases / decreases / all kinds, on {accounts} accounts of {series} series with {count} incidents. A naive method gets the pair of thresholds that finds most in hindsight with as many false alarms as were promised (or as ours raised, if those were more); ours gets the promise alone."));
    let told = |recall: &crate::score::Recall| {
        let [up, down, all] = macro_recall(recall);
        format!("{} / {} / **{}**", share(up), share(down), share(all))
    };
    let promises: Vec<(usize, f64)> = extent.promises.iter().copied().enumerate().collect();
    let limit = |promise: f64| {
        let of = silences.iter().find(|silence| silence.series == series && silence.promise == promise);
        of.map_or(promise, |silence| silence.false_alarms().0.max(promise))
    };
    let mut rows = vec![vec!["**Trailsight**".to_owned()]];
    rows[0].extend(promises.iter().map(|&(at, _)| told(&recall(&found[at]))));
    let mut best = vec![0f64; promises.len()];
    for rival in rivals {
        let mut row = vec![rival.name().to_owned()];
        for &(at, promise) in &promises {
            let recall = rival.recall(limit(promise));
            if rival.name() != OPTIONAL {
                best[at] = best[at].max(macro_recall(&recall)[2]);
            }
            row.push(told(&recall));
        }
        rows.push(row);
    }
    let mut row = vec!["ours over the best of them".to_owned()];
    row.extend(
        promises
            .iter()
            .map(|&(at, _)| format!("**{:.1} ×**", macro_recall(&recall(&found[at]))[2] / best[at].max(1e-9))),
    );
    rows.push(row);
    let head: Vec<String> = promises.iter().map(|(_, promise)| format!("at {promise} a month")).collect();
    let head: Vec<&str> = std::iter::once("method").chain(head.iter().map(String::as_str)).collect();
    page.table(&head, &rows);
    page.text("*The same, two windows* (hour-of-week negative binomial over five minutes and an hour) is shown for interest; the last line is over the best of the other five.");
}

/// What is found, by kind and size.
pub(crate) fn incidents(page: &mut Page, extent: &Extent, found: &[Vec<Outcome>], rivals: &[Rival]) {
    page.text("## What is found, by kind and size\n\nShare found: ours under each promise, and the naive methods at 3 false alarms a month.");
    let ours: Vec<_> = found.iter().map(|outcomes| recall(outcomes)).collect();
    let theirs: Vec<_> = rivals.iter().map(|rival| rival.recall(3.0)).collect();
    let told = |recall: &crate::score::Recall, at: usize| recall.share(at).map_or("–".to_owned(), share);
    let rows = (0..Incident::ALL.len()).map(|at| {
        let incident = Incident::ALL[at];
        let mut row = vec![format!("{}, {}", incident.kind(), incident.size()), ours[0].count(at).to_string()];
        row.extend(ours.iter().map(|recall| told(recall, at)));
        row.extend(theirs.iter().map(|recall| told(recall, at)));
        row
    });
    let promises: Vec<String> = extent.promises.iter().map(|promise| format!("ours, B = {promise}")).collect();
    let mut head = vec!["incident", "number"];
    head.extend(promises.iter().map(String::as_str));
    head.extend(rivals.iter().map(|rival| rival.name()));
    page.table(&head, &rows.collect::<Vec<_>>());
}

/// How soon and how exactly, at the usual promise.
pub(crate) fn exactness(page: &mut Page, extent: &Extent, found: &[Vec<Outcome>]) {
    page.text("## How soon, how exactly\n\nMinutes, p50 / p90 over what was found at a promise of 3: from the true Start to the minute it was called; error of the Start; error of the End.");
    let usual = extent.promises.iter().position(|promise| *promise == 3.0).expect("the usual promise is measured");
    let mut kinds: Vec<&str> = Incident::ALL.iter().map(|incident| incident.kind()).collect();
    kinds.dedup();
    kinds.push("all");
    let rows = kinds.into_iter().map(|kind| {
        let of_kind = found[usual].iter().filter(|outcome| kind == "all" || outcome.truth.incident.kind() == kind);
        let pairs: Vec<_> = of_kind.filter_map(|outcome| Some((&outcome.truth, outcome.found.as_ref()?))).collect();
        let told = |of: fn(&(&sim::counts::incident::Truth, &crate::method::Alarm)) -> usize| {
            half_and_most(pairs.iter().map(of).collect())
                .map_or("–".to_owned(), |(half, most)| format!("{half} / {most}"))
        };
        vec![
            kind.to_owned(),
            pairs.len().to_string(),
            told(|(truth, alarm)| alarm.called.saturating_sub(truth.start)),
            told(|(truth, alarm)| alarm.start.abs_diff(truth.start)),
            told(|(truth, alarm)| alarm.end.abs_diff(truth.end)),
        ]
    });
    page.table(&["incident", "found", "delay", "Start", "End"], &rows.collect::<Vec<_>>());
}

/// Everyday life that must not be told of.
pub(crate) fn decoys(page: &mut Page, decoys: &[Decoyed]) {
    page.text("## Decoys\n\nInsights at the usual promise on the series that a decoy reaches, over accounts that have it, and over the same accounts without it.");
    let rows = decoys.iter().map(|decoyed| {
        vec![
            decoyed.decoy.as_str().to_owned(),
            format!("{} × {}", decoyed.accounts, decoyed.series),
            decoyed.reached.to_string(),
            format!("**{}**", decoyed.with),
            decoyed.without.to_string(),
        ]
    });
    page.table(
        &["decoy", "accounts × series", "series reached", "insights with it", "without it"],
        &rows.collect::<Vec<_>>(),
    );
}

/// The labelled series.
pub(crate) fn outside(page: &mut Page, outside: &OutsideResults) {
    page.text(&format!("## Outside series\n\nCounts that nobody made up: {} labelled rate-like series (Microsoft's cloud monitoring dataset, Numenta's NAB) with {} labelled runs, each as an account of its own, at 5 and at 50 calls a minute, {:.0} series-months after the first week of each. Share of labelled runs found with at most so many false insights a series-month (false insights in brackets), each method with what suits it best in hindsight: the naive ones with their thresholds, ours with its promise.", outside.series, outside.runs, outside.months));
    let rows = outside.methods.iter().map(|method| {
        let mut row = vec![method.name.clone()];
        row.extend(method.at.iter().map(|at| format!("{} ({:.2})", share(at.1), at.0)));
        row
    });
    let head: Vec<String> = outside.limits.iter().map(|limit| format!("at {limit}")).collect();
    let head: Vec<&str> = std::iter::once("method").chain(head.iter().map(String::as_str)).collect();
    page.table(&head, &rows.collect::<Vec<_>>());
    page.text("What is promised, and what came of it:");
    let rows = outside.ours_at_promises.iter().map(|at| vec![at.0.to_string(), format!("{:.2}", at.1), share(at.2)]);
    page.table(&["promised a month", "false insights a series-month", "found"], &rows.collect::<Vec<_>>());
}

/// The lines of the trade-off plot, ours first.
pub(crate) fn lines(extent: &Extent, silences: &[Silence], found: &[Vec<Outcome>], rivals: &[Rival]) -> Vec<Line> {
    let of_size: Vec<&Silence> = silences.iter().filter(|silence| silence.series == extent.struck.0).collect();
    let ours =
        of_size.iter().zip(found).map(|(silence, found)| (silence.false_alarms().0, macro_recall(&recall(found))[2]));
    let mut lines = vec![Line { name: "Trailsight".to_owned(), points: ours.collect() }];
    for rival in rivals {
        let limits = [0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
        let points = limits.iter().map(|limit| (*limit, macro_recall(&rival.recall(*limit))[2])).collect();
        lines.push(Line { name: rival.name().to_owned(), points });
    }
    lines
}
