//! The catalogue: which APIs there are, read from `catalogue.txt` once.

use std::sync::LazyLock;

/// One AWS service.
#[derive(Debug)]
pub(crate) struct Service {
    /// `ec2.amazonaws.com`
    pub source: &'static str,
    /// The `eventVersion` its records have.
    pub version: &'static str,
    /// What stands before the Region in its host name.
    pub host: &'static str,
    /// Called in us-east-1 only.
    pub is_global: bool,
    /// Its records look like S3's: short request ids, `x-amz-id-2`.
    pub is_s3: bool,
    /// Places in [`codes`], the commonest first.
    pub codes: Vec<u16>,
}

/// One API.
#[derive(Debug)]
pub(crate) struct Api {
    /// Place in [`Catalogue::services`].
    pub service: usize,
    /// `RunInstances`
    pub name: &'static str,
    pub is_read: bool,
    pub is_data: bool,
    /// Letters out of `mch`.
    pub called_by: &'static str,
    /// How much oftener than others.
    pub weight: f64,
    pub who: Who,
    pub request: &'static str,
    pub response: &'static str,
    pub resources: &'static str,
}

/// Who calls an API, where that is not left to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Anyone,
    /// The AWS service of this name, as itself.
    Service(&'static str),
    /// AWS itself.
    Internal,
    /// Nobody: the service tells of something it did (`AwsServiceEvent`).
    Event,
    /// A service on behalf of a role.
    Via,
    Saml,
    Web,
    /// Someone signing in.
    Console,
}

#[derive(Debug)]
pub(crate) struct Catalogue {
    pub services: Vec<Service>,
    pub apis: Vec<Api>,
    /// All error codes.
    pub codes: Vec<&'static str>,
}

impl Catalogue {
    pub(crate) fn service(&self, api: u16) -> &Service {
        &self.services[self.apis[api as usize].service]
    }

    /// The API of this name, if there is one.
    pub(crate) fn find(&self, source: &str, name: &str) -> Option<u16> {
        self.apis
            .iter()
            .position(|api| api.name == name && self.services[api.service].source == source)
            .map(|at| at as u16)
    }

    /// The place of an error code, if it is known.
    pub(crate) fn code(&self, code: &str) -> Option<u16> {
        self.codes.iter().position(|known| *known == code).map(|at| at as u16)
    }
}

/// The catalogue.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("catalogue.txt")));

fn read(text: &'static str) -> Catalogue {
    // Codes that incidents use and no service has of itself.
    let mut codes = vec!["AccessDenied", "Client.UnauthorizedOperation", "InternalFailure"];
    let (mut services, mut apis) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("catalogue.txt: a line has its words");
        let first = word();
        if first == "=" {
            let (source, version, host, flags) = (word(), word(), word(), word());
            let own = line.splitn(6, ' ').nth(5).expect("catalogue.txt: a service has error codes");
            let own = own.split(',').map(|code| place(&mut codes, code)).collect();
            let (is_global, is_s3) = (flags == "g", flags == "s3");
            services.push(Service { source, version, host, is_global, is_s3, codes: own });
            continue;
        }
        let (name, kinds) = (word(), word());
        let mut rest = &line[first.len() + name.len() + kinds.len() + 3..];
        let mut who = Who::Anyone;
        if let Some(tail) = rest.strip_prefix('@') {
            let (text, after) = tail.split_once(' ').expect("catalogue.txt: a request follows");
            (who, rest) = (who_of(text), after);
        }
        let mut parts = rest.split(" | ");
        let letters = kinds.trim_end_matches(['+', '-']);
        let signs = (kinds.matches('+').count() as i32) - (kinds.matches('-').count() as i32);
        apis.push(Api {
            service: services.len() - 1,
            name,
            is_read: first.eq_ignore_ascii_case("r"),
            is_data: first.chars().all(char::is_uppercase),
            called_by: letters,
            weight: libm::pow(4.0, f64::from(signs)),
            who,
            request: parts.next().unwrap_or("null"),
            response: parts.next().unwrap_or("null"),
            resources: parts.next().unwrap_or(""),
        });
    }
    Catalogue { services, apis, codes }
}

fn who_of(text: &'static str) -> Who {
    match text {
        "internal" => Who::Internal,
        "event" => Who::Event,
        "via" => Who::Via,
        "saml" => Who::Saml,
        "web" => Who::Web,
        "console" => Who::Console,
        _ => Who::Service(text.strip_prefix("service:").expect("catalogue.txt: a known @who")),
    }
}

fn place(codes: &mut Vec<&'static str>, code: &'static str) -> u16 {
    let at = codes.iter().position(|known| *known == code).unwrap_or_else(|| {
        codes.push(code);
        codes.len() - 1
    });
    at as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_catalogue_is_wide_and_names_nothing_twice() {
        let names: HashSet<_> = CATALOGUE.apis.iter().map(|api| (api.service, api.name)).collect();
        assert_eq!(names.len(), CATALOGUE.apis.len());
        assert!(names.len() >= 150 && CATALOGUE.services.len() >= 25);
        assert!(
            CATALOGUE.apis.iter().any(|api| api.is_data) && CATALOGUE.codes.iter().any(|c| c.starts_with("Client."))
        );
    }

    /// Records before eventVersion 1.08 do not say whether they read: readers go by the name.
    #[test]
    fn where_records_do_not_say_so_the_name_tells_reads() {
        let reads = ["Get", "List", "Describe", "Head", "Lookup", "Search", "BatchGet"];
        for api in CATALOGUE.apis.iter().filter(|api| CATALOGUE.services[api.service].version < "1.08") {
            assert_eq!(api.is_read, reads.iter().any(|start| api.name.starts_with(start)), "{}", api.name);
        }
    }
}
