//! The measurements as a page.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::agree::{Agreement, Difference};
use crate::engine::ENGINES;
use crate::measure::Figure;
use crate::set::Set;

/// All that is known of a set.
pub(crate) struct Told<'s> {
    pub(crate) set: &'s Set,
    /// How many of its rules quamina takes.
    pub(crate) taken: usize,
    /// What the comparison said; none if only one engine is looked at.
    pub(crate) agreement: Option<Agreement>,
    pub(crate) figures: Vec<Figure>,
}

impl Told<'_> {
    fn figure(&self, engine: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.engine == engine)
    }

    /// Events a second in thousands.
    fn thousands(&self, engine: &str) -> String {
        self.figure(engine).map_or(String::new(), |figure| thousands(figure.events_per_second()))
    }

    /// How many times as fast one engine is as another.
    fn ratio(&self, engine: &str, other: &str) -> String {
        match (self.figure(engine), self.figure(other)) {
            (Some(one), Some(other)) => times(one.events_per_second() / other.events_per_second()),
            _ => String::new(),
        }
    }

    fn is_cloudtrail(&self) -> bool {
        self.set.name == "cloudtrail"
    }
}

/// Into RESULTS.md.
pub(crate) fn write(told: &[Told]) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    fs::write(&path, page(told)).with_context(|| format!("cannot write {}", path.display()))
}

/// Onto the screen: the tables alone.
#[expect(clippy::unnecessary_wraps, reason = "the other end of `write`")]
pub(crate) fn show(told: &[Told]) -> Result<()> {
    print!("{}", tables(told));
    Ok(())
}

fn page(told: &[Told]) -> String {
    format!(
        "# How fast events are matched\n\n{}\n\n{}\n{}",
        include_str!("page/before.md").trim().replace("{machine}", &machine()),
        tables(told),
        include_str!("page/after.md").trim_start(),
    )
}

fn tables(told: &[Told]) -> String {
    let mut page = String::new();
    section(&mut page, "## CloudTrail's events", told.iter().filter(|told| told.is_cloudtrail()));
    section(&mut page, "## City lots", told.iter().filter(|told| !told.is_cloudtrail()));
    spread(&mut page, told);
    agreement(&mut page, told);
    page
}

/// Thousand events a second, everybody beside everybody.
fn section<'t>(page: &mut String, title: &str, told: impl Iterator<Item = &'t Told<'t>>) {
    let told: Vec<&Told> = told.collect();
    let Some(first) = told.first() else { return };
    let (count, bytes) = (first.set.events.len(), first.set.event_bytes());
    writeln!(page, "{title}\n\n{count} events of {bytes} bytes. Thousand events a second, medians.\n").expect(WRITES);
    let head = [
        "rules",
        "matches an event",
        "**Trailsight**",
        "Event Ruler",
        "× Event Ruler",
        "quamina",
        "quamina takes",
        "Trailsight on these",
        "× quamina on these",
        "serde_json parse alone",
        "× that parse",
    ];
    let rows = told.iter().map(|told| {
        let set = told.set;
        let ours = told.figure("ours");
        let fastest = ["quamina", "quamina-speed"]
            .into_iter()
            .max_by(|one, other| {
                let speed = |name| told.figure(name).map_or(0.0, Figure::events_per_second);
                speed(one).total_cmp(&speed(other))
            })
            .expect("there are two");
        let beside_ruler = ours.zip(set.event_ruler).map(|(ours, ruler)| times(ours.events_per_second() / ruler));
        vec![
            if told.is_cloudtrail() {
                set.rules.len().to_string()
            } else {
                format!("{} {}", set.rules.len(), set.name)
            },
            ours.map_or(String::new(), |ours| format!("{:.3}", ours.matches as f64 / set.events.len() as f64)),
            format!("**{}**", told.thousands("ours")),
            set.event_ruler.map_or(String::new(), thousands),
            beside_ruler.unwrap_or_default(),
            told.thousands(fastest),
            format!("{} of {}", told.taken, set.rules.len()),
            told.thousands("ours-same"),
            told.ratio("ours-same", fastest),
            told.thousands("serde_json"),
            told.ratio("ours", "serde_json"),
        ]
    });
    table(page, &head, &rows.collect::<Vec<_>>());
}

/// Nanoseconds an event, and how far the rounds lie apart.
fn spread(page: &mut String, told: &[Told]) {
    writeln!(page, "## Nanoseconds an event\n\nMedian (least to most) of the rounds.\n").expect(WRITES);
    let mut head = vec!["set", "rules"];
    head.extend(ENGINES.iter().map(|(name, _)| *name));
    let rows = told.iter().map(|told| {
        let mut row = vec![told.set.name.to_owned(), told.set.rules.len().to_string()];
        row.extend(ENGINES.iter().map(|(name, _)| {
            told.figure(name).map_or(String::new(), |figure| {
                format!("{:.0} ({:.0} to {:.0})", figure.median(), figure.least(), figure.most())
            })
        }));
        row
    });
    table(page, &head, &rows.collect::<Vec<_>>());
}

/// Who found the same, and where not.
fn agreement(page: &mut String, told: &[Told]) {
    if told.iter().all(|told| told.agreement.is_none()) {
        return;
    }
    writeln!(page, "## Who finds the same\n").expect(WRITES);
    let head = ["set", "rules", "rule and event asked one by one, all the same", "rules on which quamina differs"];
    let rows = told.iter().filter_map(|told| {
        let agreement = told.agreement.as_ref()?;
        Some(vec![
            told.set.name.to_owned(),
            told.set.rules.len().to_string(),
            agreement.pairs.to_string(),
            format!("{} of {}", agreement.differences.len(), told.taken),
        ])
    });
    table(page, &head, &rows.collect::<Vec<_>>());
    // The first rules of a large set are those of a small one: tell of each once.
    let mut seen = BTreeSet::new();
    for told in told.iter().rev() {
        for difference in told.agreement.iter().flat_map(|agreement| &agreement.differences) {
            if seen.insert(&difference.rule) {
                let Difference { rule, ours, theirs, .. } = difference;
                let (name, first) = (told.set.name, difference.first);
                writeln!(page, "- {name}, event {first} and others: {ours} matched by us alone, {theirs} by quamina alone: `{rule}`")
                    .expect(WRITES);
            }
        }
    }
    if !seen.is_empty() {
        page.push('\n');
    }
}

const WRITES: &str = "a text can always be written to";

fn table(page: &mut String, head: &[&str], rows: &[Vec<String>]) {
    let mut line = |cells: Vec<&str>| writeln!(page, "| {} |", cells.join(" | ")).expect(WRITES);
    line(head.to_vec());
    line(head.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }).collect());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
    page.push('\n');
}

/// `1,234`, `56.7`
fn thousands(per_second: f64) -> String {
    let thousands = per_second / 1e3;
    match thousands.round() as u64 {
        0..100 => format!("{thousands:.1}"),
        whole @ 100..1000 => whole.to_string(),
        whole => format!("{},{:03}", whole / 1000, whole % 1000),
    }
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2} ×") } else { format!("{ratio:.0} ×") }
}

/// What it ran on: processor, load, versions, the commit and the day.
fn machine() -> String {
    let told = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let file = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processors = file("/proc/cpuinfo");
    let mut models = processors.lines().filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let load = file("/proc/loadavg");
    format!(
        "{}, {} cores, {}, load {} at the end; {}; commit {}; {}",
        models.next().unwrap_or("unknown processor"),
        std::thread::available_parallelism().map_or(1, usize::from),
        told("uname", &["-sr"]).unwrap_or_default(),
        load.split(' ').next().unwrap_or("unknown"),
        told("rustc", &["-V"]).unwrap_or_default(),
        told("git", &["describe", "--always", "--dirty"]).unwrap_or_default(),
        told("date", &["-u", "+%F"]).unwrap_or_default(),
    )
}
