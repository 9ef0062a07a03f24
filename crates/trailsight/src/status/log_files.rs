//! Log files: how many were read, which wait and why, and how far the lake is behind them.

use std::fmt::Write;

use record::time::DAY;
use record::words::clean;
use serde_json::Value;
use server::upkeep::KEPT;

use super::{SHOWN, ago, list, more, number, text};

/// Said where no log file is younger than what is kept.
const ALL_TOO_OLD: &str = "  no other is there: event history, SQL and insights have nothing to show
    for SQL over the old ones: aws cloudtrail start-import
    for insights in them: trailsight analyze; or live through their days with
    trailsight serve --now TIME, in another data directory
";

/// Writes it.
pub(super) fn write(out: &mut String, status: &Value, now: i64) {
    let (progress, files) = (&status["progress"], &status["logFiles"]);
    let _ = writeln!(out, "\nLog files");
    let _ = write!(out, "  {} counted, {} set aside", number(&files["counted"]), number(&files["refused"]));
    let unlisted = list(&status["trails"]).iter().filter(|trail| trail["unlisted"].is_object()).count();
    let _ = match (progress["listedAt"].as_i64(), unlisted) {
        (Some(at), 0) => writeln!(out, ", buckets listed {}", ago(now - at)),
        (Some(at), 1) => writeln!(out, ", buckets listed {}, but not that of 1 trail", ago(now - at)),
        (Some(at), trails) => writeln!(out, ", buckets listed {}, but not those of {trails} trails", ago(now - at)),
        (None, _) => writeln!(out, ", buckets not listed yet"),
    };
    if progress["isReadingHistory"] == true {
        let (read, all) = (number(&progress["readFiles"]), number(&progress["listedFiles"]));
        let _ = writeln!(out, "  reading what lay in the buckets: {read} of {all}; nothing is evaluated meanwhile");
    }
    let too_old = number(&progress["tooOldFiles"]);
    if too_old > 0 {
        let days = KEPT.0 / DAY.0;
        let _ = writeln!(out, "  {too_old} or more left out now: they were delivered more than {days} days ago");
        // Files that were counted in time grow as old, and others may be still to come.
        let is_read = progress["isReadingHistory"] != true && progress["error"].as_str().is_none() && unlisted == 0;
        if is_read && number(&files["counted"]) == 0 && number(&files["refused"]) == 0 {
            out.push_str(ALL_TOO_OLD);
        }
    }
    held_up(out, &progress["heldUp"], now);
    if let Some(error) = progress["error"].as_str() {
        let _ = writeln!(out, "  counting failed: {}", clean(error));
    }
    let lake = &status["lake"];
    if let Some(at) = lake["oldestWaiting"].as_i64() {
        let _ = writeln!(
            out,
            "  the lake is {} batches behind, the oldest counted {}",
            number(&lake["batchesWaiting"]),
            ago(now - at)
        );
    }
    if let Some(error) = lake["error"].as_str() {
        let _ = writeln!(out, "  events cannot be kept in the lake: {}", clean(error));
    }
}

/// Those that wait for another place, which only the operator can mend.
fn held_up(out: &mut String, held_up: &Value, now: i64) {
    for one in list(held_up).iter().take(SHOWN) {
        let since = ago(now - one["since"].as_i64().unwrap_or(now));
        let (files, bucket) = (number(&one["files"]), text(&one["bucket"]));
        let (other, why, code) = (text(&one["waitsFor"]), text(&one["text"]), text(&one["code"]));
        let (wait, they) = if files == 1 { ("waits", "it may be a copy") } else { ("wait", "they may be copies") };
        let _ = writeln!(out, "  {files} in s3://{bucket} {wait}, since {since}: {they} of what was");
        let _ = writeln!(out, "    counted from s3://{other}, which cannot be read now: {why} ({code})");
        let _ =
            writeln!(out, "    let it be read; or unlink or delete that bucket: what waits for it is set aside then");
    }
    more(out, list(held_up).len());
}
