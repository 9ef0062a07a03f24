//! What patterns say, and what is said of texts that are none: stories in `patterns/*.txt`. `UPDATE_EXPECT=1` rewrites what
//! comes out; the diff is the review.

use std::path::PathBuf;

use route::Pattern;

/// Rewrites a file's answers and holds them against what is there. A line that begins with two blanks is an answer, one that
/// is empty or begins with `#` is for the reader, any other is a question.
fn hold(file: &str, answer: impl Fn(&str) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/patterns").join(file);
    let text = std::fs::read_to_string(&path).expect("the stories are there");
    let mut answered = String::new();
    for line in text.lines().filter(|line| !line.starts_with("  ")) {
        answered.push_str(line);
        answered.push('\n');
        if !line.is_empty() && !line.starts_with('#') {
            for line in answer(line).lines() {
                answered.push_str(&format!("  {line}\n"));
            }
        }
    }
    expect_test::expect_file![path].assert_eq(&answered);
}

/// In a question `\n` and the like are written as in Rust, so that a pattern of several lines is one line of the story.
fn unescaped(text: &str) -> String {
    text.replace("␊", "\n").replace("␍", "\r").replace("␁", "\u{1}")
}

#[test]
fn texts_that_are_no_patterns_are_refused_with_their_place() {
    hold("faults.txt", |pattern| match Pattern::compile(&unescaped(pattern)) {
        Ok(_) => "is a pattern".into(),
        // The text itself is in every place; once is enough for the reader.
        Err(error) => error.to_string().replace(&format!("(String)\"{}\"", unescaped(pattern)), "…"),
    });
}

#[test]
fn patterns_match_what_they_say() {
    let pattern = std::cell::RefCell::new(None);
    hold("verdicts.txt", |line| match line.strip_prefix("pattern ") {
        Some(text) => {
            *pattern.borrow_mut() = Some(Pattern::compile(text).expect("it is a pattern"));
            String::new()
        }
        None => {
            let pattern = pattern.borrow();
            let explanation = pattern.as_ref().expect("a pattern comes first").explain(line).expect("it is an event");
            if explanation.is_match {
                return "matches".into();
            }
            let fields = explanation.alternatives.iter().enumerate().flat_map(|(i, fields)| {
                fields.iter().filter(|field| !field.is_hit).map(move |field| {
                    let element = if field.is_in_another_element { ", in another element" } else { "" };
                    format!("{}: {} wants {}, there is {:?}{element}", i + 1, field.path, field.wanted, field.found)
                })
            });
            fields.collect::<Vec<_>>().join("\n")
        }
    });
}
