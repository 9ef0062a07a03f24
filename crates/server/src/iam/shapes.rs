//! What inputs must be like that several operations have.

use wire::check::Shape;

pub(crate) const ROLE_NAME: Shape = Shape::string().length(1, 64).pattern(r"[\w+=,.@-]+");
pub(crate) const POLICY_NAME: Shape = Shape::string().length(1, 128).pattern(r"[\w+=,.@-]+");
pub(crate) const ARN: Shape = Shape::string().length(20, 2048);
pub(crate) const DOCUMENT: Shape =
    Shape::string().length(1, 131_072).pattern_by(r"[\u0009\u000A\u000D\u0020-\u00FF]+", is_latin);
pub(crate) const ROLE_PATH: Shape =
    Shape::string().length(1, 512).pattern_by(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", is_path);
pub(crate) const POLICY_PATH: Shape = Shape::string().length(1, 512).pattern(r"((/[A-Za-z0-9\.,\+@=_-]+)*)/");
pub(crate) const PATH_PREFIX: Shape = Shape::string()
    .length(1, 512)
    .pattern_by(r"\u002F[\u0021-\u007F]*", |text| is_visible(text) && text.starts_with('/'));
pub(crate) const MARKER: Shape = Shape::string()
    .length(1, 320)
    .pattern_by(r"[\u0020-\u00FF]+", |text| text.chars().all(|c| matches!(c, ' '..='\u{ff}')));
pub(crate) const MAX_ITEMS: Shape = Shape::integer().range(1.0, 1000.0);

fn is_latin(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'))
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_path(text: &str) -> bool {
    text == "/" || (text.len() > 2 && text.starts_with('/') && text.ends_with('/') && is_visible(text))
}
