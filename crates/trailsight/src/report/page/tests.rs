use record::time::Minutes;

use super::*;
use crate::report::example::example;

fn page(summary: &Summary, findings: &[Finding]) -> String {
    let mut out = Vec::new();
    write(&mut out, summary, findings).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn outside_text_stays_text() {
    let (summary, findings) = example();
    let page = page(&summary, &findings);
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    assert!(!page.contains("<script>alert(1)"));
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains('\u{1b}'));
    assert!(!page.contains(" style=\""), "the Content-Security-Policy forbids it");
}

#[test]
fn nobody_is_asked_for_anything() {
    let (summary, findings) = example();
    let page = page(&summary, &findings);
    for way in ["http:", "https:", "src=", "url(", "@import", "fetch(", "XMLHttpRequest", "<link"] {
        assert!(!page.contains(way), "{way}");
    }
}

#[test]
fn tags_are_closed_in_order() {
    let (summary, findings) = example();
    for page in [page(&summary, &findings), page(&summary, &[])] {
        let (mut open, mut rest) = (Vec::new(), page.as_str());
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            let end = rest.find('>').expect("a tag ends");
            let (tag, is_alone) = (&rest[..end], rest[..end].ends_with('/'));
            rest = &rest[end + 1..];
            let name = tag.trim_matches('/').split([' ', '\n']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "before {}", &rest[..rest.len().min(80)]);
            } else if !is_alone && !["!doctype", "meta", "input"].contains(&name) {
                open.push(name);
            }
            if matches!(tag, "script" | "style") {
                rest = &rest[rest.find(&format!("</{tag}>")).unwrap()..];
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn ids_are_one_of_a_kind_and_links_lead_somewhere() {
    let (summary, findings) = example();
    let page = page(&summary, &findings);
    let after = |mark: &str| -> Vec<String> {
        page.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let mut ids = after(" id=\"");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for target in after("href=\"#") {
        assert!(ids.contains(&target), "{target}");
    }
}

/// Numbers that are none, lists that are empty, words that are too long: a report is written all the same.
#[test]
fn whatever_is_found_can_be_told() {
    let (summary, findings) = example();
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
        let mut odd = findings.clone();
        for finding in &mut odd {
            let Finding::Insight(insight) = finding else { continue };
            let why = &mut insight.explanation;
            (why.calls, why.expected, why.expected_low, why.expected_high, why.ratio) =
                (number, number, number, number, number);
            (why.rarity, why.account_rarity, why.hour_factor, why.size) = (number, number, number, number);
            insight.timeline.expected.fill(number);
            insight.timeline.high.fill(number);
            insight.timeline.calls[0] = u64::MAX / 1024;
            insight.subject.name = "x".repeat(300).as_str().into();
            insight.start = insight.timeline.from - Minutes(600); // before its own timeline
        }
        let html = page(&summary, &odd);
        assert!(!html.contains("NaN%") && !html.contains("inf%"), "{number}");
        let style = crate::report::text::Style { color: true, width: 0 };
        crate::report::text::write(&mut Vec::new(), &summary, &odd, style).unwrap();
        for finding in &odd {
            let line = crate::report::json::line(finding);
            serde_json::from_str::<serde_json::Value>(&line).unwrap();
        }
    }
    let mut bare = findings;
    for finding in &mut bare {
        let Finding::Insight(insight) = finding else { continue };
        insight.timeline.calls.clear();
        insight.timeline.expected.clear();
        insight.timeline.high.clear();
        insight.attributions.clear();
        insight.differences.clear();
    }
    let html = page(&Summary::default(), &bare);
    assert!(!html.contains("<figure>"));
    let style = crate::report::text::Style { color: false, width: 80 };
    crate::report::text::write(&mut Vec::new(), &Summary::default(), &bare, style).unwrap();
}
