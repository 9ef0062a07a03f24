//! What an operation knows of the call it is in: who asks, where, when, and what is remembered.

use record::names::{AccountId, Region};
use store::{Key, List, Resource, Store, StoreError, Stored};

use crate::bus::RuleBook;
use crate::world::World;

/// Where the service is, if a call does not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The account that calls are made in.
    pub account: AccountId,
    /// The Region of calls that name none.
    pub region: Region,
    /// The organization whose management account it is: `o-` and ten letters and digits.
    pub organization_id: String,
    /// Other accounts of the organization, by id, with their names. Those that log files tell of need not be here.
    pub members: Vec<(AccountId, String)>,
}

impl Default for Place {
    fn default() -> Place {
        Place::of(AccountId::from("123456789012"))
    }
}

impl Place {
    /// The place of this account, alone in its organization.
    pub fn of(account: AccountId) -> Place {
        let organization_id = organization_id(&account);
        Place { account, region: Region::from("us-east-1"), organization_id, members: Vec::new() }
    }

    /// The id of the organization's root: `r-` and four of its letters.
    pub(crate) fn root_id(&self) -> String {
        format!("r-{}", self.organization_id.trim_start_matches("o-").get(..4).unwrap_or("root"))
    }
}

/// The organization of an account: the same for the same account, for ever. FNV-1a, twice over.
fn organization_id(account: &AccountId) -> String {
    let hash = account
        .as_str()
        .bytes()
        .chain(*b"organization")
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut rest = hash;
    let letters = std::iter::repeat_with(|| {
        let digit = (rest % 36) as u32;
        rest /= 36;
        char::from_digit(digit, 36).unwrap_or('0')
    });
    format!("o-{}", letters.take(10).collect::<String>())
}

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The access key that signed the call; empty for links that need no signature.
    pub access_key: String,
    /// The signature was checked: nobody else can have made it.
    pub is_verified: bool,
}

/// One call's surroundings.
pub struct Context<'c> {
    /// What is remembered.
    pub store: &'c Store,
    /// What lies outside.
    pub world: &'c World,
    /// The rules of the buses, ready to be asked.
    pub rules: &'c RuleBook,
    /// Where the service is.
    pub place: &'c Place,
    /// The account that the call is made in.
    pub account: AccountId,
    /// The Region that it is made in: the one its signature names.
    pub region: Region,
    /// Who calls.
    pub caller: Caller,
    /// When.
    pub now: jiff::Timestamp,
    /// The call's id, which its reply names.
    pub request_id: String,
    /// How others reach the service: `http://127.0.0.1:4580`.
    pub public_url: String,
}

impl Context<'_> {
    /// The key of something of this account and Region.
    pub fn key(&self, name: impl Into<String>) -> Key {
        Key::new(&self.account, &self.region, name)
    }

    /// What this account has in no Region.
    pub fn in_no_region(&self) -> List {
        List::of(&self.account, &"".into())
    }

    /// An ARN of this account and Region.
    pub fn arn(&self, service: &str, resource: impl std::fmt::Display) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// A resource, if there is one.
    pub fn get<T: Resource>(&self, key: &Key) -> Result<Option<Stored<T>>, StoreError> {
        self.store.read(|r| r.get(key))
    }

    /// The resources of this account and Region.
    pub fn all<T: Resource>(&self) -> Result<Vec<Stored<T>>, StoreError> {
        self.store.read(|r| r.list(&List::of(&self.account, &self.region)))
    }
}
