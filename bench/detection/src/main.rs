//! How good the detector is, beside the naive methods, on accounts whose truth is known.
//!
//! ```text
//! cargo run --release -p bench-detection             everything: RESULTS.md, tradeoff.svg, RESULTS-quick.md
//! cargo run --release -p bench-detection -- --quick  a few small accounts: RESULTS-quick.md
//! cargo run --release -p bench-detection -- --check  fails where RESULTS-quick.md is not what would be written now
//! ```
//!
//! Everything is drawn from seeds, so the tables change only when a method, an account or a rule of scoring does.
//! `README.md` beside the results says how to read them.

mod hindsight;
mod labelled;
mod measure;
mod method;
mod naive;
mod ours;
mod parallel;
mod plot;
mod score;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use measure::{Extent, QUICK, WHOLE};
use tables::Page;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            write("RESULTS-quick.md", &quick_page())?;
            whole()
        }
        ["--quick"] => write("RESULTS-quick.md", &quick_page()),
        ["--check"] => check(),
        _ => bail!("usage: bench-detection [--quick | --check]"),
    }
}

/// Everything: some minutes.
fn whole() -> Result<()> {
    let mut page = Page::default();
    page.text("# How good the detector is\n\nWritten by `cargo run --release -p bench-detection`; [README.md](README.md) says how to read it. Made-up accounts of eight weeks, reported from the fourth week on.\n\n![Trade-off between false alarms and recall](tradeoff.svg)");
    let lines = made_up(&mut page, &WHOLE);
    write("tradeoff.svg", &plot::svg("What is found for how many false alarms", &lines))?;
    eprintln!("decoys");
    tables::decoys(&mut page, &measure::decoys(250, 4));
    let folder = series_folder();
    if folder.is_dir() {
        eprintln!("outside series");
        tables::outside(&mut page, &measure::outside(&folder, &[0.3, 1.0, 3.0])?);
    } else {
        eprintln!("no {}: the outside series are left out", folder.display());
    }
    write("RESULTS.md", &page.finish())
}

/// A few small accounts: less than a minute.
fn quick_page() -> String {
    let mut page = Page::default();
    page.text("# How good the detector is, in brief\n\nWritten by `cargo run --release -p bench-detection -- --quick`, on a few small accounts; a test says when it is stale. The whole is in [RESULTS.md](RESULTS.md).");
    made_up(&mut page, &QUICK);
    page.finish()
}

/// The made-up accounts: all their tables, and the lines of the plot.
fn made_up(page: &mut Page, extent: &Extent) -> Vec<plot::Line> {
    eprintln!("accounts in which nothing is wrong");
    let silences = measure::silences(extent);
    eprintln!("accounts with incidents");
    let found = measure::found(extent);
    eprintln!("naive methods");
    let rivals = measure::rivals(extent);
    tables::silences(page, &silences);
    tables::methods(page, extent, &silences, &found, &rivals);
    tables::incidents(page, extent, &found, &rivals);
    tables::exactness(page, extent, &found);
    tables::lines(extent, &silences, &found, &rivals)
}

fn check() -> Result<()> {
    let path = here().join("RESULTS-quick.md");
    let committed = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let current = quick_page();
    if committed != current {
        let differing = committed.lines().zip(current.lines()).find(|(committed, current)| committed != current);
        let (committed, current) = differing.unwrap_or(("(another length)", "(another length)"));
        bail!(
            "RESULTS-quick.md is stale: run `cargo run --release -p bench-detection` and look at what changed\n- {committed}\n+ {current}"
        );
    }
    Ok(())
}

fn write(name: &str, text: &str) -> Result<()> {
    let path = here().join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// This folder of the source tree: results belong beside the code that makes them.
fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Where the outside series are, if they are here at all: they are nobody's to copy.
fn series_folder() -> PathBuf {
    here().join("../../../shared/data/series")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_table_is_current() {
        super::check().unwrap();
    }
}
