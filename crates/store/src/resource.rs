//! Resources: whatever is set up by somebody and lies still until it is changed. Trails, rules and their targets, buses,
//! topics, subscriptions, functions, connections, roles, buckets.
//!
//! Their fields are AWS's and the service's business: here each is a document with a key. What is sought by other fields, or
//! comes by the thousands, has a file of its own.

use jiff::Timestamp;
use record::names::{AccountId, Region};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Cause, doing};
use crate::moment::{millis, moment};
use crate::{Reader, StoreError, Writer};

/// A kind of resource.
///
/// Fields that come later need `#[serde(default)]`: documents are read as they were written.
pub trait Resource: Serialize + DeserializeOwned {
    /// The name under which they are stored: never changed.
    const KIND: &'static str;
}

/// What a resource is known by, within its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Whose it is.
    pub account: AccountId,
    /// Where; empty for kinds that know no Region.
    pub region: Region,
    /// What it belongs to: a target to its rule. Empty if to nothing.
    pub parent: String,
    /// Its name.
    pub name: String,
}

impl Key {
    /// The key of something in a Region.
    pub fn new(account: &AccountId, region: &Region, name: impl Into<String>) -> Key {
        Key { account: account.clone(), region: region.clone(), parent: String::new(), name: name.into() }
    }

    /// The key of something of an account, in no Region: a role, a bucket.
    pub fn global(account: &AccountId, name: impl Into<String>) -> Key {
        Key::new(account, &Region::from(""), name)
    }

    /// The same, belonging to this parent.
    #[must_use]
    pub fn under(self, parent: impl Into<String>) -> Key {
        Key { parent: parent.into(), ..self }
    }

    fn columns(&self) -> (&str, &str, &str, &str) {
        (self.account.as_str(), self.region.as_str(), &self.parent, &self.name)
    }
}

/// A resource as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    /// Its key.
    pub key: Key,
    /// What it is.
    pub value: T,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it was last put.
    pub changed_at: Timestamp,
}

/// Which resources of a kind are listed; in the order of their keys.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Those of this account only.
    pub account: Option<AccountId>,
    /// Those in this Region only.
    pub region: Option<Region>,
    /// Those of this parent only.
    pub parent: Option<String>,
    /// Those whose name begins so.
    pub prefix: String,
    /// Those after this one.
    pub after: Option<Key>,
    /// At most so many.
    pub limit: Option<usize>,
}

impl Writer<'_> {
    /// Stores a resource in place of the one with this key. Says whether there was none.
    pub fn put<T: Resource>(&self, key: &Key, value: &T, now: Timestamp) -> Result<bool, StoreError> {
        let work = || {
            let document = serde_json::to_string(value).map_err(Cause::Unwritable)?;
            let (account, region, parent, name) = key.columns();
            let now = millis(now);
            let changed = self.execute(
                "UPDATE resource SET document = ?6, changed_at = ?7 \
                 WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4 AND name = ?5",
                (T::KIND, account, region, parent, name, &document, now),
            )?;
            if changed == 0 {
                self.execute(
                    "INSERT INTO resource (kind, account, region, parent, name, document, created_at, changed_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                    (T::KIND, account, region, parent, name, &document, now),
                )?;
            }
            Ok(changed == 0)
        };
        self.doing(|| format!("store {} `{}`", T::KIND, key.name), work)
    }

    /// Deletes a resource. Says whether it was there.
    pub fn delete<T: Resource>(&self, key: &Key) -> Result<bool, StoreError> {
        let work = || {
            let (account, region, parent, name) = key.columns();
            let deleted = self.execute(
                "DELETE FROM resource WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4 AND name = ?5",
                (T::KIND, account, region, parent, name),
            )?;
            Ok(deleted > 0)
        };
        self.doing(|| format!("delete {} `{}`", T::KIND, key.name), work)
    }

    /// Deletes all of a kind that belong to this parent. Says how many there were.
    pub fn delete_under<T: Resource>(
        &self,
        account: &AccountId,
        region: &Region,
        parent: &str,
    ) -> Result<usize, StoreError> {
        let work = || {
            self.execute(
                "DELETE FROM resource WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4",
                (T::KIND, account.as_str(), region.as_str(), parent),
            )
        };
        self.doing(|| format!("delete every {} of `{parent}`", T::KIND), work)
    }
}

impl Reader<'_> {
    /// The resource with this key.
    pub fn get<T: Resource>(&self, key: &Key) -> Result<Option<Stored<T>>, StoreError> {
        let work = || {
            let mut get = self.prepare(
                "SELECT account, region, parent, name, document, created_at, changed_at FROM resource \
                 WHERE kind = ?1 AND account = ?2 AND region = ?3 AND parent = ?4 AND name = ?5",
            )?;
            let (account, region, parent, name) = key.columns();
            let found = get.query_row((T::KIND, account, region, parent, name), |row| Ok(stored(row)));
            found.optional()?.transpose()
        };
        doing(|| format!("read {} `{}`", T::KIND, key.name), work)
    }

    /// The resources of a kind, in the order of account, Region, parent and name.
    pub fn list<T: Resource>(&self, list: &List) -> Result<Vec<Stored<T>>, StoreError> {
        let work = || {
            let (mut sql, mut values) = list.conditions::<T>();
            if let Some(limit) = list.limit {
                values.push(Value::Integer(limit as i64));
                sql += &format!(" ORDER BY account, region, parent, name LIMIT ?{}", values.len());
            } else {
                sql += " ORDER BY account, region, parent, name";
            }
            let columns = "account, region, parent, name, document, created_at, changed_at";
            let mut all = self.prepare(&format!("SELECT {columns} FROM resource WHERE {sql}"))?;
            let mut rows = all.query(rusqlite::params_from_iter(values))?;
            let mut resources = Vec::new();
            while let Some(row) = rows.next()? {
                resources.push(stored(row)?);
            }
            Ok(resources)
        };
        doing(|| format!("list each {}", T::KIND), work)
    }

    /// Whether there is any, of whatever kind.
    pub fn has_resources(&self) -> Result<bool, StoreError> {
        let work = || Ok(self.prepare("SELECT EXISTS (SELECT 1 FROM resource)")?.query_row([], |row| row.get(0))?);
        doing(|| "look for resources".to_owned(), work)
    }

    /// How many resources such a list has, whatever its limit.
    pub fn count<T: Resource>(&self, list: &List) -> Result<usize, StoreError> {
        let work = || {
            let (sql, values) = list.conditions::<T>();
            let mut count = self.prepare(&format!("SELECT count(*) FROM resource WHERE {sql}"))?;
            Ok(count.query_row(rusqlite::params_from_iter(values), |row| row.get::<_, i64>(0))? as usize)
        };
        doing(|| format!("count each {}", T::KIND), work)
    }
}

impl List {
    /// Those of this account and Region.
    pub fn of(account: &AccountId, region: &Region) -> List {
        List { account: Some(account.clone()), region: Some(region.clone()), ..List::default() }
    }

    /// As a condition, and its values.
    fn conditions<T: Resource>(&self) -> (String, Vec<Value>) {
        let mut values = vec![Value::Text(T::KIND.into())];
        let mut sql = "kind = ?1".to_owned();
        let mut and = |condition: &str, value: &str| {
            values.push(Value::Text(value.into()));
            sql += &format!(" AND {condition} ?{}", values.len());
        };
        if let Some(account) = &self.account {
            and("account =", account.as_str());
        }
        if let Some(region) = &self.region {
            and("region =", region.as_str());
        }
        if let Some(parent) = &self.parent {
            and("parent =", parent);
        }
        if !self.prefix.is_empty() {
            // The first finds the place in the index; the second says where it ends. No LIKE: a prefix is a text.
            and("name >=", &self.prefix);
            values.push(Value::Text(self.prefix.clone()));
            sql += &format!(" AND substr(name, 1, length(?{0})) = ?{0}", values.len());
        }
        if let Some(after) = &self.after {
            let first = values.len() + 1;
            values.extend(
                [after.account.as_str(), after.region.as_str(), &after.parent, &after.name]
                    .map(|text| Value::Text(text.into())),
            );
            let [a, b, c, d] = [first, first + 1, first + 2, first + 3];
            sql += &format!(" AND (account, region, parent, name) > (?{a}, ?{b}, ?{c}, ?{d})");
        }
        (sql, values)
    }
}

fn stored<T: Resource>(row: &Row<'_>) -> Result<Stored<T>, Cause> {
    let text = |column: usize| row.get::<_, String>(column);
    let document = row.get_ref(4)?.as_str().map_err(|_| Cause::Damaged("a document that is no text"))?;
    Ok(Stored {
        key: Key {
            account: AccountId::from(text(0)?.as_str()),
            region: Region::from(text(1)?.as_str()),
            parent: text(2)?,
            name: text(3)?,
        },
        value: serde_json::from_str(document).map_err(Cause::Unreadable)?,
        created_at: moment(row.get(5)?)?,
        changed_at: moment(row.get(6)?)?,
    })
}
