//! Writes the page (or with `text` or `color` the terminal report, with `many` or `none` other pages) of a made-up run, to look at: `cargo run --example report_page > page.html`.

use std::io;

use trailsight::report::{example::example, page, text};

fn main() -> io::Result<()> {
    let (summary, findings) = example();
    #[expect(clippy::disallowed_methods, reason = "of what is made to be looked at nothing is lost")]
    let out = &mut io::stdout().lock();
    match std::env::args().nth(1).as_deref() {
        Some(kind @ ("text" | "color")) => {
            text::write(out, &summary, &findings, text::Style { color: kind == "color", width: 100 })
        }
        Some("none") => page::write(out, &summary, &[]),
        Some("many") => page::write(out, &summary, &vec![findings; 60].concat()),
        _ => page::write(out, &summary, &findings),
    }
}
