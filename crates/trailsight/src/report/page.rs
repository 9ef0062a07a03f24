//! One page that opens offline.
use std::io;

use record::insight::Finding;

use super::Summary;

/// Writes the page.
pub fn write(out: &mut dyn io::Write, _summary: &Summary, _findings: &[Finding]) -> io::Result<()> {
    writeln!(out, "<!doctype html>")
}
