//! What `docs/LAKE.md` says of functions, printed from the code.

use std::fmt::Write;

use lake::vocabulary::FUNCTIONS;

const HEADING: &str = "### Functions\n\n";
const WIDTH: usize = 140;

/// The page with its list as it should be.
fn page() -> String {
    let page = include_str!("../../../../docs/LAKE.md");
    let (before, rest) = page.split_once(HEADING).expect("it has a list of functions");
    let (_, after) = rest.split_once("\n#").expect("something comes after it");
    format!("{before}{HEADING}{}\n#{after}", list())
}

fn list() -> String {
    let mut list =
        String::from("Printed from the code. What of DataFusion's is called otherwise is understood, too.\n\n");
    let mut width = 0;
    for (at, name) in FUNCTIONS.iter().enumerate() {
        let between = match at {
            0 => "",
            _ if width + name.len() + 4 > WIDTH => ",\n",
            _ => ", ",
        };
        width = if between == ",\n" { 0 } else { width + between.len() } + name.len() + 2;
        let _ = write!(list, "{between}`{name}`");
    }
    list + "\n"
}

#[test]
fn the_page_of_the_lake_lists_the_functions_that_are_there() {
    expect_test::expect_file!["../../../../docs/LAKE.md"].assert_eq(&page());
}
