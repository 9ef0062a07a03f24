use super::*;
use crate::report::example::example;

fn text(summary: &Summary, findings: &[Finding], style: Style) -> String {
    let mut out = Vec::new();
    write(&mut out, summary, findings, style).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_run_with_everything() {
    let (summary, findings) = example();
    let report = text(&summary, &findings, Style { color: false, width: 100 });
    expect_test::expect_file!["../../../tests/report/example.txt"].assert_eq(&report);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let (summary, findings) = example();
    for width in [60, 80, 100] {
        let report = text(&summary, &findings, Style { color: false, width });
        for line in report.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let (summary, findings) = example();
    let plain = text(&summary, &findings, Style { color: false, width: 100 });
    let colored = text(&summary, &findings, Style { color: true, width: 100 });
    assert!(!plain.contains('\u{1b}'), "escapes from a log reach the terminal");
    let mut stripped = String::new();
    let mut is_escape = false;
    for letter in colored.chars() {
        is_escape |= letter == '\u{1b}';
        if !is_escape {
            stripped.push(letter);
        }
        is_escape &= letter != 'm';
    }
    assert_eq!(stripped, plain);
}

#[test]
fn nothing_unusual_is_said_with_what_was_learned() {
    let (mut summary, _) = example();
    let report = text(&summary, &[], Style { color: false, width: 80 });
    expect_test::expect![[r#"
        Read 4,310,226 records in 18,204 files, 2026-02-01 00:00 to 2026-02-25 16:38
        UTC.
        Learned from 54 minutes to 24 days: 497 series in 2 accounts, 3 account-Regions,
        3 false alarms an account and month promised.

        Nothing unusual.
    "#]]
    .assert_eq(&report);

    summary.watched.retain(|watched| watched.is_young());
    let report = text(&summary, &[], Style { color: false, width: 80 });
    expect_test::expect![[r#"
        Read 4,310,226 records in 18,204 files, 2026-02-01 00:00 to 2026-02-25 16:38
        UTC.
        Learned from 54 minutes: 44 series in account 444455556666, 1 Region, 3 false
        alarms an account and month promised.

        Too little was watched to call anything unusual: that takes 36 hours.
    "#]]
    .assert_eq(&report);
}
