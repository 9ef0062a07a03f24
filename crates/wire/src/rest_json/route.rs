//! A route: what of an operation lies where.

use std::borrow::Cow;

/// Names beside names: those on the wire, and those of the members.
pub type Names = &'static [(&'static str, &'static str)];

/// Where an operation is asked and how it answers.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its name.
    pub operation: &'static str,
    /// `GET`.
    pub method: &'static str,
    /// `/2015-03-31/functions/{FunctionName}`: members stand in braces.
    pub path: &'static str,
    /// A parameter of the query string that has this value, where method and path do not tell operations apart.
    pub marker: Option<(&'static str, &'static str)>,
    /// Members that are parameters of the query string,
    pub query: Names,
    /// and headers.
    pub headers: Names,
    /// The member that the whole body is; without one it is JSON of all that lies nowhere else.
    pub payload: Option<&'static str>,
    /// What the answer has if all is well.
    pub(crate) status: u16,
    /// The member of the answer that says otherwise.
    pub(crate) reply_status: Option<&'static str>,
    /// In small letters.
    pub(crate) reply_headers: Names,
    pub(crate) reply_payload: Option<&'static str>,
}

macro_rules! methods {
    ($($name:ident $method:literal)*) => {$(
        pub(crate) const fn $name(operation: &'static str, path: &'static str) -> Route {
            Route::new($method, operation, path)
        }
    )*};
}

methods! {
    get "GET"
    put "PUT"
    post "POST"
    delete "DELETE"
}

impl Route {
    const fn new(method: &'static str, operation: &'static str, path: &'static str) -> Route {
        Route {
            operation,
            method,
            path,
            marker: None,
            query: &[],
            headers: &[],
            payload: None,
            status: 200,
            reply_status: None,
            reply_headers: &[],
            reply_payload: None,
        }
    }

    pub(crate) const fn query(self, query: Names) -> Route {
        Route { query, ..self }
    }

    pub(crate) const fn answers(self, status: u16) -> Route {
        Route { status, ..self }
    }

    pub(crate) const fn marked(self, name: &'static str, value: &'static str) -> Route {
        Route { marker: Some((name, value)), ..self }
    }

    pub(crate) const fn payload(self, member: &'static str) -> Route {
        Route { payload: Some(member), ..self }
    }

    /// What the path's braces hold, if this is such a path.
    pub(crate) fn labels(&self, path: &[Cow<'_, str>]) -> Option<Vec<(&'static str, String)>> {
        let mut labels = Vec::new();
        let mut asked = path.iter();
        for part in parts(self.path) {
            let word = asked.next()?;
            match part.strip_prefix('{').and_then(|label| label.strip_suffix('}')) {
                Some(label) => labels.push((label, word.to_string())),
                None if part == word => {}
                None => return None,
            }
        }
        asked.next().is_none().then_some(labels)
    }
}

/// The parts of a path. Older clients end some paths with a slash.
pub(crate) fn parts(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}
