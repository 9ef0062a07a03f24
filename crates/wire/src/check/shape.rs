//! Shapes: what an input must be like, said in a table of constants.

use super::Pattern;

/// What a value must be like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub(super) kind: Kind,
    pub(super) shortest: Option<u64>,
    pub(super) longest: Option<u64>,
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
    pub(super) pattern: Option<Pattern>,
    pub(super) one_of: &'static [&'static str],
    pub(super) is_double: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text, a number, a boolean, a moment: a value without parts.
    Simple,
    Structure {
        name: &'static str,
        members: &'static [Member],
    },
    List(&'static Shape),
    Map {
        key: &'static Shape,
        value: &'static Shape,
    },
}

/// A member of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) is_required: bool,
}

/// What a shape is made of, for whoever makes inputs of it.
#[derive(Clone, Copy, Debug)]
pub enum Parts {
    /// Nothing: a value. Of some only these texts are taken.
    Value(&'static [&'static str]),
    /// Members.
    Members(&'static [Member]),
    /// Items, each of this shape.
    Items(&'static Shape),
    /// Entries: keys are texts, values of this shape.
    Entries(&'static Shape),
}

impl Member {
    /// What it is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it must be there.
    pub const fn is_required(&self) -> bool {
        self.is_required
    }

    /// What it must be like.
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// One that must be there.
    pub const fn required(name: &'static str, shape: Shape) -> Member {
        Member { name, shape, is_required: true }
    }

    /// One that may be missing.
    pub const fn optional(name: &'static str, shape: Shape) -> Member {
        Member { name, shape, is_required: false }
    }
}

impl Shape {
    const fn of(kind: Kind) -> Shape {
        Shape {
            kind,
            shortest: None,
            longest: None,
            least: None,
            most: None,
            pattern: None,
            one_of: &[],
            is_double: false,
        }
    }

    /// What it is made of.
    pub const fn parts(&self) -> Parts {
        match self.kind {
            Kind::Simple => Parts::Value(self.one_of),
            Kind::Structure { members, .. } => Parts::Members(members),
            Kind::List(items) => Parts::Items(items),
            Kind::Map { value, .. } => Parts::Entries(value),
        }
    }

    /// A text.
    pub const fn string() -> Shape {
        Shape::of(Kind::Simple)
    }

    /// A whole number.
    pub const fn integer() -> Shape {
        Shape::of(Kind::Simple)
    }

    /// A number that may have a fraction.
    pub const fn double() -> Shape {
        Shape { is_double: true, ..Shape::of(Kind::Simple) }
    }

    /// A value of which nothing is asked: a boolean, a moment, a blob.
    pub const fn any() -> Shape {
        Shape::of(Kind::Simple)
    }

    /// A structure. Its name is what AWS calls its type, which is seen where a whole list is told of.
    pub const fn structure(name: &'static str, members: &'static [Member]) -> Shape {
        Shape::of(Kind::Structure { name, members })
    }

    /// A list.
    pub const fn list(items: &'static Shape) -> Shape {
        Shape::of(Kind::List(items))
    }

    /// A map.
    pub const fn map(key: &'static Shape, value: &'static Shape) -> Shape {
        Shape::of(Kind::Map { key, value })
    }

    /// With this many characters, items or entries, at least and at most.
    pub const fn length(self, shortest: u64, longest: u64) -> Shape {
        Shape { shortest: Some(shortest), longest: Some(longest), ..self }
    }

    /// With at least this many characters, items or entries.
    pub const fn at_least_long(self, shortest: u64) -> Shape {
        Shape { shortest: Some(shortest), ..self }
    }

    /// With at most this many characters, items or entries.
    pub const fn at_most_long(self, longest: u64) -> Shape {
        Shape { longest: Some(longest), ..self }
    }

    /// A number between the two, or one of them.
    pub const fn range(self, least: f64, most: f64) -> Shape {
        Shape { least: Some(least), most: Some(most), ..self }
    }

    /// A number not less than this.
    pub const fn at_least(self, least: f64) -> Shape {
        Shape { least: Some(least), ..self }
    }

    /// A text that matches as a whole.
    pub const fn pattern(self, text: &'static str) -> Shape {
        Shape { pattern: Some(Pattern::new(text)), ..self }
    }

    /// The same for patterns that only AWS's engine knows, as `(?!…)`: the text is what is told, the function what is asked.
    pub const fn pattern_by(self, text: &'static str, accepts: fn(&str) -> bool) -> Shape {
        Shape { pattern: Some(Pattern::by(text, accepts)), ..self }
    }

    /// One of these texts.
    pub const fn one_of(self, texts: &'static [&'static str]) -> Shape {
        Shape { one_of: texts, ..self }
    }
}
