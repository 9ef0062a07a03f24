//! `trailsight analyze`: log files in, findings out.
//!
//! ```text
//!   paths ─► inputs: which files, in the order of their delivery
//!          ─► reading: all cores, batch by batch ─► merge: duplicates, counts (and the call log)
//!          ─► detect: what is unusual ─► call log: who was behind it ─► report, records, page
//! ```

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use detect::engine::{Engine, Settings};
use detect::findings;
use detect::tally::Tally;
use record::insight::{Finding, Insight, Statistics, Subject};
use record::insight_record::{self, State};
use record::time::Minute;

use crate::cli::{AnalyzeArgs, Color, Format};
use crate::config::can_be_folder;
use crate::out_file::OutFile;
use crate::report::{self, Summary, Watched};
use crate::stdout::stdout;
use crate::world::objects::Objects;

pub mod batch;
pub mod call_log;
pub mod counts_file;
pub mod duplicates;
pub mod filters;
pub mod inputs;
pub mod logs;
pub mod merge;
pub mod reading;
pub mod reconciliation;

use batch::Scope;
use call_log::{CallLog, Question};
use filters::{Choice, Filters};
use logs::{Logs, s3_options};
use reading::{Counted, count_all};
use reconciliation::Reconciliation;

/// There are insights.
const INSIGHTS_FOUND: u8 = 10;

/// Runs the command.
pub fn run(arguments: &AnalyzeArgs) -> Result<ExitCode> {
    let settings = Settings {
        false_alarms_per_month: arguments.false_alarms_per_month,
        reads: arguments.reads,
        data_events: arguments.data_events,
    };
    if let (Some(from), Some(to)) = (arguments.from, arguments.to)
        && from >= to
    {
        bail!("--from is not before --to: nothing lies between them");
    }
    let filters = filters(arguments)?;
    // What cannot be written is known before hours are read.
    hold_out(arguments)?;
    let page = arguments.report.as_deref().map(OutFile::create).transpose()?;
    let mut objects = Objects::new(s3_options(&arguments.reading))?;
    let (tally, reconciliation, mut log) = if arguments.counts.is_empty() {
        let Counted { merged, log } = read_logs(arguments, &mut objects, &settings, &filters)?;
        (merged.tally, merged.reconciliation, log)
    } else {
        let (tally, reconciliation) = read_counts(arguments, &filters)?;
        (tally, reconciliation, CallLog::default())
    };

    let mut engine = Engine::new(settings);
    let until = tally.span().map_or(Minute(0), |span| span.1.next());
    engine.advance(&tally, until);
    engine.settle(&tally);
    let found = findings(arguments, &engine, &tally, &settings, until, &mut log)?;
    let summary = summary(arguments, &engine, &tally, &settings, &reconciliation);

    if let Some(below) = &arguments.out {
        write_insight_files(&mut objects, below, &found, arguments.strict)?;
    }
    if let Some(mut file) = page {
        let mut out = BufWriter::new(&mut file);
        report::page::write(&mut out, &summary, &found)?;
        out.flush()?;
        drop(out);
        // That nothing could be read is told behind all else; a report of before stays meanwhile.
        if !reconciliation.is_none_read() {
            file.finish()?;
        }
    }
    print(arguments, &summary, &found)?;
    reconciliation.tell()?;
    let any = found.iter().any(|finding| matches!(finding, Finding::Insight(_)));
    Ok(if any { ExitCode::from(INSIGHTS_FOUND) } else { ExitCode::SUCCESS })
}

/// Whether Insight files can go where they are to.
fn hold_out(arguments: &AnalyzeArgs) -> Result<()> {
    let Some(below) = arguments.out.as_deref().filter(|below| !Objects::is_remote(below)) else { return Ok(()) };
    let can_be = !below.is_empty() && can_be_folder(Path::new(below));
    ensure!(can_be, "`{below}` is no folder: --out names one, which need not be there yet, or s3://BUCKET/PREFIX");
    Ok(())
}

fn filters(arguments: &AnalyzeArgs) -> Result<Filters> {
    let choice = |patterns: &[String]| Choice::new(patterns).context("a filter cannot be read");
    Ok(Filters {
        accounts: choice(&arguments.account)?,
        regions: choice(&arguments.region)?,
        sources: choice(&arguments.source)?,
        names: choice(&arguments.name)?,
    })
}

fn read_logs(
    arguments: &AnalyzeArgs,
    objects: &mut Objects,
    settings: &Settings,
    filters: &Filters,
) -> Result<Counted> {
    let logs = Logs::open(&arguments.paths, &arguments.reading, objects)?;
    count_all(&logs, objects, &Scope { settings, filters, latest: logs.latest })
}

fn read_counts(arguments: &AnalyzeArgs, filters: &Filters) -> Result<(Tally, Reconciliation)> {
    let (mut tally, mut reconciliation) = (Tally::new(), Reconciliation::default());
    let latest = logs::latest();
    for path in &arguments.counts {
        let name = path.to_string_lossy();
        let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
        let (counts, told) = counts_file::read(io::BufReader::new(file), &name, filters, latest)?;
        tally.merge(&counts);
        reconciliation.add(&told);
    }
    Ok((tally, reconciliation))
}

/// Everything that is told, in the order of its start: insights, then gaps, then what stands out.
fn findings(
    arguments: &AnalyzeArgs,
    engine: &Engine,
    tally: &Tally,
    settings: &Settings,
    until: Minute,
    log: &mut CallLog,
) -> Result<Vec<Finding>> {
    let from = arguments.from.map_or(Minute(i32::MIN), Minute::of_seconds);
    let to = arguments.to.map_or(Minute(i32::MAX), Minute::of_seconds);
    let is_told = |start: Minute, end: Option<Minute>| start < to && end.is_none_or(|end| end > from);

    let mut insights: Vec<Insight> = engine
        .found()
        .iter()
        .filter(|found| is_told(found.episode.start, found.episode.end))
        .map(|found| findings::insight(found, tally, settings, until))
        .collect();
    insights.sort_by(|a, b| (a.start, &a.subject, a.direction).cmp(&(b.start, &b.subject, b.direction)));
    let mut peaks = findings::stands_out(engine, tally, settings);
    peaks.retain(|peak| is_told(peak.start, Some(peak.end)));

    let asked =
        insights.iter().map(|insight| question(tally, &insight.subject, insight.start, insight.end.unwrap_or(until)));
    let asked = asked.chain(peaks.iter().map(|peak| question(tally, &peak.subject, peak.start, peak.end)));
    let asked: Vec<Question> = asked.collect();
    let answers = log.answer(&asked).context("cannot read the log of calls in the folder for temporary files")?;
    for (insight, answer) in insights.iter_mut().zip(&answers) {
        if answer.baseline.calls() + answer.insight.calls() + answer.start.calls() > 0 {
            insight.attributions = answer.attributions(insight.subject.insight_type());
            insight.differences = answer.differences(insight.subject.insight_type());
        }
    }
    for (peak, answer) in peaks.iter_mut().zip(&answers[insights.len()..]) {
        if answer.insight.calls() > 0 {
            peak.attributions = answer.attributions(peak.subject.insight_type());
        }
    }
    let mut told: Vec<Finding> = insights.into_iter().map(|insight| Finding::Insight(Box::new(insight))).collect();
    let gaps = findings::no_data(engine, tally).into_iter().filter(|gap| is_told(gap.start, gap.end));
    told.extend(gaps.map(Finding::NoData));
    told.extend(peaks.into_iter().map(Finding::StandsOut));
    Ok(told)
}

fn question(tally: &Tally, subject: &Subject, start: Minute, end: Minute) -> Question {
    let api = tally.find(&Subject { error: None, ..subject.clone() });
    Question {
        // Counts from outside may have errors of an API and not its calls; then nobody knows who it was.
        api: api.unwrap_or(detect::tally::SeriesId(u32::MAX)),
        error: subject.error.as_ref().map(|code| code.as_str().to_owned()),
        baseline: findings::baseline_of(start),
        start: (start, start + Statistics::START_MINUTES),
        insight: (start, end),
    }
}

fn summary(
    arguments: &AnalyzeArgs,
    engine: &Engine,
    tally: &Tally,
    settings: &Settings,
    told: &Reconciliation,
) -> Summary {
    let named = arguments.counts.iter().map(|path| path.to_string_lossy().into_owned());
    let mut watched: Vec<Watched> = tally
        .all_regions()
        .map(|(id, region)| Watched {
            account: region.account.clone(),
            region: region.region.clone(),
            minutes_learned: engine.minutes_learned(tally, id),
            series: region.series.iter().filter(|&&series| settings.watches(tally.counted(series))).count() as u64,
        })
        .collect();
    watched.sort_by(|a, b| (&a.account, &a.region).cmp(&(&b.account, &b.region)));
    let span = tally.span();
    Summary {
        inputs: arguments.paths.iter().cloned().chain(named).collect(),
        files: told.files,
        rejected_files: told.rejected_files(),
        records: told.read,
        counted: told.counted,
        duplicates: told.duplicates,
        filtered: told.filtered(),
        rejected: told.rejected(),
        first: span.map(|span| span.0),
        end: span.map(|span| span.1.next()),
        reported_from: arguments.from.map(Minute::of_seconds),
        reported_until: arguments.to.map(Minute::of_seconds),
        watched,
        false_alarms_per_month: settings.false_alarms_per_month,
        reads: settings.reads,
        data_events: settings.data_events,
    }
}

/// The records of an insight: its Start, and its End once that is known.
fn records_of(insight: &Insight) -> impl Iterator<Item = State> {
    [Some(State::Start), insight.end.map(|_| State::End)].into_iter().flatten()
}

fn write_insight_files(objects: &mut Objects, below: &str, found: &[Finding], strict: bool) -> Result<()> {
    let options = insight_record::Options { strict };
    let mut written = BTreeSet::new();
    for finding in found {
        let Finding::Insight(insight) = finding else { continue };
        for state in records_of(insight) {
            let key = insight_record::file_key(insight, state, None, None);
            let text = insight_record::insight_file(&[insight_record::insight_record(insight, state, &options)]);
            objects.write(below, &key, gzip(text.as_bytes())?)?;
            written.insert(key);
        }
    }
    let _ = writeln!(io::stderr(), "wrote {} Insight files below {below}", written.len());
    Ok(())
}

/// Always the same bytes for the same text: no time, no name.
fn gzip(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    out.write_all(text)?;
    out.finish()
}

fn print(arguments: &AnalyzeArgs, summary: &Summary, found: &[Finding]) -> Result<()> {
    let stdout = stdout();
    let on_terminal = stdout.is_terminal();
    let mut out = BufWriter::new(stdout);
    match arguments.format {
        Format::Text => {
            let color = match arguments.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => on_terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
            };
            let width = if on_terminal { console_width() } else { 100 };
            report::text::write(&mut out, summary, found, report::text::Style { color, width })?;
        }
        Format::Json => report::json::write_array(&mut out, found)?,
        Format::Ndjson => report::json::write_lines(&mut out, found)?,
        Format::Insights => {
            let options = insight_record::Options { strict: arguments.strict };
            for finding in found {
                let Finding::Insight(insight) = finding else { continue };
                for state in records_of(insight) {
                    writeln!(out, "{}", insight_record::insight_record(insight, state, &options))?;
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// Columns of the terminal.
fn console_width() -> usize {
    let columns = console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    columns.unwrap_or(100)
}
