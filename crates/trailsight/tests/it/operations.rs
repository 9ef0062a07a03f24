//! `docs/OPERATIONS.md` and `trailsight operations`: what is claimed.

use trailsight::operations::{known, page};

#[test]
fn the_page_of_operations_is_what_the_code_answers() {
    expect_test::expect_file!["../../../../docs/OPERATIONS.md"].assert_eq(&page());
}

#[test]
fn an_operation_is_claimed_once_and_a_refusal_says_why() {
    let mut names: Vec<_> = known().iter().map(|known| (known.service, known.operation)).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
    for known in known() {
        assert!(known.refused.is_none_or(|why| why.ends_with('.')), "{known:?}");
    }
}
