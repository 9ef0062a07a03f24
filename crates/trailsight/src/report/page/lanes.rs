//! The lanes of the overview as SVG: when things happened.

use std::fmt::Write;

use record::time::{Minute, Minutes};

use super::html::escape;
use crate::report::words::{clock, day};

/// One row of the overview.
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) target: String,
    pub(super) marks: Vec<Mark>,
}

/// One finding in a row.
pub(super) struct Mark {
    pub(super) start: Minute,
    pub(super) end: Minute,
    pub(super) class: String,
    pub(super) title: String,
    pub(super) target: String,
}

/// When things happened: one row an API over one time axis.
pub(super) fn lanes(lanes: &[Lane], from: Minute, until: Minute) -> String {
    let minutes = f64::from((until - from).0.max(1));
    let x = |minute: Minute| (f64::from((minute - from).0) / minutes * 100.0).clamp(0.0, 100.0);
    let ticks = day_ticks(from, until);
    let mut html = String::from("<div class=\"lanes\">");
    for lane in lanes {
        put!(
            html,
            "<a class=\"name\" href=\"#{}\" title=\"{}\">{}</a>",
            lane.target,
            escape(&lane.title),
            escape(&lane.name)
        );
        html.push_str(
            "<svg height=\"16\" aria-hidden=\"true\"><rect class=\"lane\" width=\"100%\" height=\"16\" rx=\"2\"/>",
        );
        for tick in &ticks {
            put!(html, "<line x1=\"{0:.3}%\" x2=\"{0:.3}%\" y1=\"0\" y2=\"16\"/>", x(*tick));
        }
        for mark in &lane.marks {
            let (from, to) = (x(mark.start), x(mark.end));
            put!(
                html,
                "<a href=\"#{}\" tabindex=\"-1\"><rect class=\"mark {}\" x=\"{from:.3}%\" width=\"{:.3}%\" y=\"3\" height=\"10\"><title>{}</title></rect></a>",
                mark.target,
                mark.class,
                (to - from).max(0.05),
                escape(&mark.title),
            );
        }
        html.push_str("</svg>");
    }
    html.push_str("<span class=\"corner\"></span><svg height=\"18\" aria-hidden=\"true\">");
    let hours = (until - from).0 < 3 * 1440;
    for tick in &ticks {
        let x = x(*tick);
        let anchor = if x < 4.0 {
            "start"
        } else if x > 96.0 {
            "end"
        } else {
            "middle"
        };
        let text = if hours && tick.day_start() != *tick { clock(*tick)[11..].to_owned() } else { day(*tick) };
        put!(html, "<text x=\"{x:.3}%\" y=\"13\" text-anchor=\"{anchor}\">{text}</text>");
    }
    html.push_str("</svg></div>");
    html
}

fn day_ticks(from: Minute, until: Minute) -> Vec<Minute> {
    const APART: [i32; 9] = [60, 180, 360, 720, 1440, 2880, 7 * 1440, 14 * 1440, 28 * 1440];
    let minutes = (until - from).0;
    let apart = APART.into_iter().find(|apart| minutes / apart <= 10).unwrap_or(84 * 1440);
    let first = Minute(from.0 + (-from.0).rem_euclid(apart));
    (0..).map(|at| first + Minutes(at * apart)).take_while(|tick| *tick <= until).collect()
}
