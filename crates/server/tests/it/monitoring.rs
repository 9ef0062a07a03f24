//! What is printed of the metrics, and what asks for them: docs/METRICS.md, the alarms, the dashboard.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use regex_lite::Regex;
use server::metrics::table::{Kind, ROWS};
use server::metrics::{Form, MOST_SOURCES};

use crate::door::Door;

fn of_the_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(of_the_repository(path)).expect("it is in the repository")
}

/// Labels that are asked for beside metrics, and those that Prometheus adds.
const OF_PROMETHEUS: &[&str] = &["instance", "job", "le"];

#[test]
fn the_page_of_metrics_is_what_the_table_says() {
    let mut page = format!(
        "# Metrics\n\nPrinted from `crates/server/src/metrics/table.rs`; a test holds that the service tells these and no others. `GET \
         /metrics` answers in Prometheus' text format, or in OpenMetrics to those who ask for that. How it is reached, and what to \
         be alarmed of: [OPERATING.md](OPERATING.md).\n\nA counter begins at 0 with each start. Lags and ages are seconds by the service's \
         own clock. Labels are bounded: what strangers send (operations that there are none of, paths, methods) is `other`, and \
         at most {MOST_SOURCES} account-Regions, those most behind, and {MOST_SOURCES} accounts are told one by one; \
         `trailsight_sources_left_out` says how many are not.\n\n| metric | kind | labels | says |\n|---|---|---|---|\n"
    );
    for row in ROWS {
        let kind = format!("{:?}", row.kind).to_lowercase();
        let name = if row.kind == Kind::Counter { format!("{}_total", row.name) } else { row.name.to_owned() };
        let _ = writeln!(page, "| `{name}` | {kind} | {} | {} |", row.labels.join(", "), row.says);
    }
    let path = of_the_repository("docs/METRICS.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).expect("it can be written");
    }
    assert!(text("docs/METRICS.md") == page, "run the test with UPDATE_EXPECT=1");
}

#[test]
fn alarms_and_dashboard_ask_for_what_is_told() {
    let names = Regex::new(r"\b(trailsight|process)_[a-z_]+").expect("it is a pattern");
    let told: Vec<String> = ROWS.iter().flat_map(|row| row.told_names()).collect();
    for path in ["packaging/monitoring/alerts.yml", "packaging/monitoring/dashboard.json"] {
        let text = text(path);
        let asked: Vec<&str> = names.find_iter(&text).map(|found| found.as_str()).collect();
        assert!(asked.len() > 20, "{path}");
        for name in asked {
            assert!(told.iter().any(|told| told == name), "{path} asks for {name}, which nobody tells");
        }
        // Labels within braces behind a name: `name{label="…"`.
        let with_labels = Regex::new(r"\b((?:trailsight|process)_[a-z_]+)\{([a-z]+)").expect("it is a pattern");
        for found in with_labels.captures_iter(&text) {
            let row =
                ROWS.iter().find(|row| row.told_names().iter().any(|name| *name == found[1])).expect("it is told");
            let is_known = row.labels.contains(&&found[2]) || OF_PROMETHEUS.contains(&&found[2]);
            assert!(is_known, "{path} asks {} for its {}", &found[1], &found[2]);
        }
    }
}

/// The counters whose increase alarms ask for, each with one of the labels that they ask it for: `outcome="refused"`.
fn asked_increases(alarms: &str) -> Vec<(String, String)> {
    let increase = Regex::new(r"(?:increase|rate)\((\w+_total)(?:\{([^}]*)\})?\[").expect("it is a pattern");
    let label = Regex::new(r#"(\w+)=~?"([^"]*)""#).expect("it is a pattern");
    let mut asked = Vec::new();
    for found in increase.captures_iter(alarms) {
        asked.push((found[1].to_owned(), String::new()));
        for of_label in label.captures_iter(found.get(2).map_or("", |labels| labels.as_str())) {
            let values = of_label[2].split('|');
            asked.extend(values.map(|value| (found[1].to_owned(), format!("{}=\"{value}\"", &of_label[1]))));
        }
    }
    asked
}

#[test]
fn what_alarms_count_the_increase_of_is_told_before_it_happens() {
    let told = Door::default().into_front_door().metrics_text(Form::Prometheus);
    let is_told = |start: &str, label: &str| told.lines().any(|line| line.starts_with(start) && line.contains(label));
    let asked = asked_increases(&text("packaging/monitoring/alerts.yml"));
    assert!(asked.len() > 10 && asked.iter().any(|(_, label)| label == r#"outcome="cut short""#), "{asked:?}");
    for (name, label) in &asked {
        assert!(is_told(name, label), "{name}, {label}: its first increase would not be seen");
    }
    // Of each kind of deliveries, and not of one or another.
    let kind = Regex::new(r#"(?m)^trailsight_deliveries_dead\{kind="([^"]+)""#).expect("it is a pattern");
    let kinds: Vec<&str> = kind.captures_iter(&told).map(|found| found.get(1).expect("it has one").as_str()).collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    for kind in kinds {
        let series = format!("trailsight_delivery_attempts_total{{kind=\"{kind}\",outcome=\"given up\"}}");
        assert!(is_told(&series, ""), "{series}");
    }
}

/// The expressions of all alarms, each on one line.
fn expressions(alerts: &str) -> Vec<String> {
    let next = Regex::new("^        [a-z]+:").expect("it is a pattern");
    let of_one = |alarm: &str| {
        let (_, rest) = alarm.split_once("expr:").expect("every alarm has one");
        let lines = rest.lines().take_while(|line| !next.is_match(line));
        lines.map(str::trim).collect::<Vec<_>>().join(" ")
    };
    alerts.split("- alert:").skip(1).map(of_one).collect()
}

#[test]
fn an_alarm_of_two_conditions_can_fire_as_both_are_told_by_the_same_labels() {
    let name = Regex::new(r"\b(?:trailsight|process)_[a-z_]+").expect("it is a pattern");
    let both = Regex::new(r"\b(?:and|unless)\b").expect("it is a pattern");
    let labels = |side: &str| match side.split_once(" by (").and_then(|(_, rest)| rest.split_once(')')) {
        Some((labels, _)) => labels.to_owned(),
        None => {
            let name = name.find(side).expect("it asks for a metric").as_str();
            let row = ROWS.iter().find(|row| row.told_names().iter().any(|told| told == name)).expect("it is told");
            format!("instance, job, {}", row.labels.join(", "))
        }
    };
    let mut held = 0;
    for expression in expressions(&text("packaging/monitoring/alerts.yml")) {
        let sides: Vec<&str> = both.split(&expression).collect();
        for two in sides.windows(2).filter(|two| !two[1].trim_start().starts_with("on (")) {
            assert_eq!(labels(two[0]), labels(two[1]), "never both at once: {expression}");
        }
        held += sides.len() - 1;
    }
    assert!(held > 3, "{held} were looked at");
}

#[test]
fn of_every_alarm_it_is_said_what_it_means_and_what_to_do() {
    let page = text("docs/OPERATING.md");
    let alarms = Regex::new(r"(?m)^      - alert: ([A-Za-z]+)$").expect("it is a pattern");
    let alerts = text("packaging/monitoring/alerts.yml");
    let all: Vec<&str> =
        alarms.captures_iter(&alerts).map(|found| found.get(1).expect("it has one").as_str()).collect();
    assert!(all.len() > 10);
    for alarm in &all {
        assert!(page.contains(&format!("\n### {alarm}\n")), "docs/OPERATING.md says nothing of {alarm}");
    }
    let said = page.matches("\n### Trailsight").count();
    assert_eq!(said, all.len(), "docs/OPERATING.md tells of an alarm that there is not");
}
