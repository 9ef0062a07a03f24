//! The report for a terminal: unusual things first, one block each, the rarest for the account on top.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects};
use record::insight::{Attribute, Attribution, Direction, Finding, Insight, NoData, StandsOut, Timeline};
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use record::together::together;

use super::words::{capital, clean, clock, count, percent, plural, service, short_value};
use super::{Summary, Told, sentences};

mod spark;

use spark::Spark;

/// How the report is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// Columns of the terminal; 60 at least are used, 120 at most.
    pub width: usize,
}

/// Values shown of one attribute.
const VALUES: usize = 3;

/// Writes the whole report.
pub fn write(out: &mut dyn io::Write, summary: &Summary, findings: &[Finding], style: Style) -> io::Result<()> {
    let told = Told::of(findings);
    let mut page = Page { out, color: style.color, width: style.width.clamp(60, 120) };

    page.paragraph(0, &format!("Read {}.", sentences::analysed(summary)))?;
    page.paragraph(0, &sentences::learned_in_all(summary))?;
    page.line("")?;
    page.paragraph_in(BOLD, 0, &sentences::verdict(summary, findings))?;
    for sentence in together(&told.insights) {
        page.paragraph_in(BOLD, 0, &format!("{sentence}."))?;
    }

    for insight in &told.insights {
        page.line("")?;
        page.insight(insight)?;
    }
    if !told.no_data.is_empty() {
        page.line("")?;
        page.no_data(&told.no_data)?;
    }
    for peaks in told.stands_out.chunk_by(|a, b| place_of(a) == place_of(b)) {
        page.line("")?;
        page.stands_out(peaks)?;
    }
    Ok(())
}

fn place_of(peak: &StandsOut) -> (&AccountId, &Region) {
    (&peak.subject.account, &peak.subject.region)
}

const PLAIN: anstyle::Style = anstyle::Style::new();
const BOLD: anstyle::Style = anstyle::Style::new().effects(Effects::BOLD);
const DIM: anstyle::Style = anstyle::Style::new().effects(Effects::DIMMED);
const UP: anstyle::Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const DOWN: anstyle::Style = AnsiColor::Blue.on_default().effects(Effects::BOLD);
const NEW: anstyle::Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const OPEN: anstyle::Style = AnsiColor::Red.on_default();

/// Columns before the facts of a block.
const LABEL: usize = 12;

struct Page<'a> {
    out: &'a mut dyn Write,
    color: bool,
    width: usize,
}

impl Page<'_> {
    fn insight(&mut self, insight: &Insight) -> io::Result<()> {
        let (arrow, color) = match insight.direction {
            Direction::Increase => ("▲", UP),
            Direction::Decrease => ("▼", DOWN),
        };
        let subject = &insight.subject;
        let title = format!("{arrow} {}", sentences::title(subject));
        let title = self.paint(color, &title);
        let place = self.paint(DIM, &sentences::place(subject));
        for line in wrapped(&format!("{title}   {place}"), self.width) {
            self.line(&line)?;
        }

        let mut when = format!("{}, {}", sentences::span(insight.start, insight.end), sentences::lasted(insight));
        if insight.end.is_none() {
            when.push_str(&self.paint(OPEN, ", still going on"));
        }
        if insight.new_usual {
            when.push_str("; so long that it is taken for the new usual");
        }
        self.fact("when", &when)?;

        self.fact("how much", &format!("{}: {}", sentences::change(insight), sentences::what(insight)))?;
        if let Some(share) = sentences::failed_share(insight) {
            self.fact("", &share)?;
        }
        self.sparkline(&insight.timeline, insight.start, insight.end, color)?;
        for told in &insight.attributions {
            self.attribution(insight, told)?;
        }
        for (at, missing) in sentences::missing(insight).iter().enumerate() {
            self.fact(if at == 0 { "missing" } else { "" }, missing)?;
        }
        self.fact("why", &capital(&sentences::how_rare(&insight.explanation)))
    }

    fn sparkline(
        &mut self,
        timeline: &Timeline,
        start: Minute,
        end: Option<Minute>,
        color: anstyle::Style,
    ) -> io::Result<()> {
        let room = self.width - LABEL - 4;
        let Some(spark) = Spark::of(timeline, start, end, room.min(72)) else { return Ok(()) };
        let text = format!("{}[{}{}", spark.before, self.paint(color, &spark.during), spark.after_with_mark());
        self.fact("minutes", &text)?;
        let caption = format!(
            "{} to {}, {} a mark, most {}",
            &clock(timeline.from)[11..],
            &clock(timeline.from + Minutes(timeline.step.0 * timeline.calls.len() as i32))[11..],
            plural(&spark.minutes_a_mark.to_string(), "minute"),
            plural(&count(spark.most), "call"),
        );
        let caption = self.paint(DIM, &caption);
        self.fact("", &caption)
    }

    fn attribution(&mut self, insight: &Insight, told: &Attribution) -> io::Result<()> {
        let differs =
            |value: &str| insight.differences.iter().find(|d| d.attribute == told.attribute && d.value == value);
        let all = told.insight.iter().map(|share| share.calls).sum::<u64>() + told.insight_other;
        let before = told.baseline.iter().map(|share| share.calls).sum::<u64>() + told.baseline_other;
        let only = told.insight.len() == 1 && told.insight[0].value == "null";
        if all == 0 || (only && differs("null").is_none()) {
            return Ok(()); // nobody called, or it says nothing
        }
        let mut label = label(told.attribute);
        for share in told.insight.iter().take(VALUES) {
            let mut line = format!("{:>5}  ", percent(share.calls as f64 / all as f64));
            let value = short_value(told.attribute, &share.value, &insight.subject.account);
            let (value, note) = match differs(&share.value) {
                Some(difference) if difference.is_new => (self.paint(BOLD, &value), self.paint(NEW, "  new")),
                Some(difference) => {
                    let before = format!("  before {}", percent(difference.baseline_share));
                    (self.paint(BOLD, &value), self.paint(NEW, &before))
                }
                None => {
                    let usual = told.baseline.iter().find(|usual| usual.value == share.value);
                    let before = usual.map(|usual| percent(usual.calls as f64 / before.max(1) as f64));
                    let before = before.map(|before| self.paint(DIM, &format!("  before {before}")));
                    (value, before.unwrap_or_default())
                }
            };
            line.push_str(&self.cut(&value, self.width - LABEL - 24));
            line.push_str(&note);
            self.fact(label, &line)?;
            label = "";
        }
        let more = told.insight.len().saturating_sub(VALUES);
        let hidden = told.insight.iter().skip(VALUES).map(|share| share.calls).sum::<u64>() + told.insight_other;
        // What rounds to nothing is not worth a line.
        if hidden * 200 >= all {
            let names = if told.insight_other > 0 { "others".to_owned() } else { format!("{more} more") };
            let line = format!("{:>5}  {names}", percent(hidden as f64 / all as f64));
            let line = self.paint(DIM, &line);
            self.fact("", &line)?;
        }
        Ok(())
    }

    fn no_data(&mut self, gaps: &[&NoData]) -> io::Result<()> {
        self.line(&self.paint(BOLD, "No data"))?;
        for gap in gaps {
            self.paragraph(2, &capital(&format!("{}.", sentences::no_data(gap))))?;
        }
        Ok(())
    }

    fn stands_out(&mut self, peaks: &[&StandsOut]) -> io::Result<()> {
        let Some(first) = peaks.first() else { return Ok(()) };
        let (account, region) = place_of(first);
        let learned = sentences::learned(first.minutes_learned);
        let title = format!("Stands out so far in {} {}", clean(account.as_str()), clean(region.as_str()));
        let title = self.paint(BOLD, &title);
        self.paragraph(0, &format!("{title}; learned from {learned} only"))?;
        for (name, is_error) in [("calls", false), ("errors", true)] {
            let mut label = name;
            for peak in peaks.iter().filter(|peak| peak.subject.error.is_some() == is_error) {
                let (calls, title) = (count(peak.calls), self.paint(BOLD, &sentences::title(&peak.subject)));
                let (source, at) = (service(&peak.subject.source), &clock(peak.start)[5..]);
                let line = format!("{calls:>6}  {title}  {source}, {at}, {} in all", count(peak.calls_in_all));
                self.fact(label, &line)?;
                let by_whom = by_whom(peak);
                if !by_whom.is_empty() {
                    let by_whom = self.paint(DIM, &by_whom);
                    self.fact("", &format!("        {by_whom}"))?;
                }
                label = "";
            }
        }
        Ok(())
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// A label and what is said of it, wrapped behind the label.
    fn fact(&mut self, label: &str, text: &str) -> io::Result<()> {
        let mut label = format!("  {label:<width$}", width = LABEL - 2);
        for line in wrapped(text, self.width - LABEL) {
            let set = self.paint(DIM, &label);
            self.line(format!("{set}{line}").trim_end())?;
            label = " ".repeat(LABEL);
        }
        Ok(())
    }

    fn paragraph(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.paragraph_in(PLAIN, indent, text)
    }

    fn paragraph_in(&mut self, style: anstyle::Style, indent: usize, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.width - indent) {
            let line = self.paint(style, &line);
            self.line(&format!("{:indent$}{line}", ""))?;
        }
        Ok(())
    }

    fn paint(&self, style: anstyle::Style, text: &str) -> String {
        if self.color && style != PLAIN && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// At most so many columns, with an ellipsis where something is left out.
    fn cut(&self, text: &str, columns: usize) -> String {
        if columns_of(text) <= columns {
            return text.to_owned();
        }
        let mut cut = String::new();
        let mut left = columns.saturating_sub(1);
        let mut is_escape = false;
        for letter in text.chars() {
            // Our own colour codes take no room and are all kept.
            is_escape |= letter == '\u{1b}';
            if is_escape {
                cut.push(letter);
                is_escape = letter != 'm';
            } else if left > 0 {
                cut.push(letter);
                left -= 1;
                if left == 0 {
                    cut.push('…');
                }
            }
        }
        cut
    }
}

fn label(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::UserIdentityArn => "who",
        Attribute::UserAgent => "with",
        Attribute::ErrorCode => "error",
        Attribute::SourceIpAddress => "from",
        Attribute::AccessKeyId => "key",
        Attribute::SessionName => "session",
        Attribute::InvokedBy => "through",
        Attribute::Resource => "about",
    }
}

fn by_whom(peak: &StandsOut) -> String {
    let of = |attribute| super::words::who(&[], &peak.attributions, attribute).map(|(value, _)| value);
    let who = of(Attribute::UserIdentityArn).filter(|value| value != "null");
    let ip = of(Attribute::SourceIpAddress).filter(|value| value != "null");
    let who = who.map(|arn| format!("by {}", short_value(Attribute::UserIdentityArn, &arn, &peak.subject.account)));
    let ip = ip.map(|ip| format!("from {}", clean(&ip)));
    who.into_iter().chain(ip).collect::<Vec<_>>().join(", ")
}

fn columns_of(text: &str) -> usize {
    let mut is_escape = false;
    let mut columns = 0;
    for letter in text.chars() {
        is_escape |= letter == '\u{1b}';
        columns += usize::from(!is_escape);
        is_escape &= letter != 'm';
    }
    columns
}

/// Broken at spaces; spaces within a line stay as they are.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if !line.trim().is_empty() && columns_of(line) + columns_of(word.trim_end()) > width {
            lines.push(word.to_owned());
        } else {
            line.push_str(word);
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests;
