//! Digests of what we delivered, so that `aws cloudtrail validate-logs` can tell whether it was changed since.
//!
//! ```text
//!  trail, logging and validating, in a bucket held here (the trail's own, or the one of its Insight files)
//!     └── account-Region ── chain: digest ◄── digest ◄── …   one an hour, on the hour, also of hours without files
//!                             └──► a delivery each, in order
//! ```
//!
//! What a digest lists are the files that *we* put there: Insight files, and events that were pushed to us. Log files that a
//! client put (those of AWS) have AWS's own digests, signed by AWS's key, and what we would say of them we have not seen
//! being delivered. In a bucket that lies elsewhere there are no digests of ours at all. An account-Region has a chain from its
//! first file on, and the trail's own account has one in its home Region from the start: a chain for each of hundreds of
//! accounts where nothing was ever found would only fill the bucket.
//!
//! AWS documents no digest of its own for Insight files, so they are listed where other log files are.
//!
//! A digest, the delivery that carries it, and how far its chain has come are one transaction: there is each once, whatever
//! the restarts. Its hour is over when it is made, and files are numbered in the order of their coming, so that none is
//! listed twice or left out. A chain ends, with a digest of what is left, when logging stops, when validation is switched
//! off, when the trail goes or its files go elsewhere; what is switched on again begins another.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use record::digest::{Digest, Link, fingerprint, hexadecimal, hour_end};
use record::log_key::DigestKey;
use record::names::{AccountId, Region};
use record::time::Minute;
use serde::{Deserialize, Serialize};
use store::delivered_files::{DeliveredFile, FilePlace};
use store::{Key, List, Reader, Resource, StoreError, Stored, Writer};

use crate::cloudtrail::{Trail, TrailTags};
use crate::deliver::Delivering;
use crate::signing_key::note_signing_key;
use crate::target::digest_file::DigestFile;

/// What was started so long ago, or less, was started since the last look, or not much earlier.
const JUST_NOW_SECONDS: i64 = 60;
/// Digests of one chain that are made in one look: a service that was down for long makes those it missed bit by bit.
const PER_LOOK: usize = 48;
/// Files are known so long; by then every chain has listed them.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A stretch of time in which a trail's files are digested. Its key: the trail's.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Period {
    /// When the trail's logging was started: started again, it is another period.
    started_at: Option<wire::Timestamp>,
    bucket: String,
    prefix: Option<String>,
    organization: Option<String>,
    /// When it began, in seconds.
    begun_at: i64,
    /// Files up to this number were delivered before.
    after: i64,
}

impl Resource for Period {
    const KIND: &'static str = "digest-period";
}

/// How far a chain has come. Its key: account and Region with a slash between, under the trail's name, in the trail's Region.
#[derive(Debug, Serialize, Deserialize)]
struct Chain {
    /// The end of its last digest, or its start; in seconds.
    covered_until: i64,
    /// The number of the last file that was listed.
    listed: i64,
    /// The last digest.
    last: Option<Link>,
}

impl Resource for Chain {
    const KIND: &'static str = "digest-chain";
}

/// Makes the digests that are due. Says how many.
pub fn make_due(cx: &Delivering<'_>) -> Result<usize, StoreError> {
    if cx.world.signer.public_key_der().is_empty() {
        return Ok(0);
    }
    let is_noted = note_signing_key(cx.store, &*cx.world.signer, cx.now)?;
    let mut made = 0;
    for (home_region, name) in cx.store.read(|r| trails(r, cx))? {
        let due = cx.store.read(|r| due(r, cx, &home_region, &name))?;
        if due.is_empty() {
            continue;
        }
        // What was seen a moment ago may be otherwise by now.
        made += cx.store.write(|w| {
            let work = self::due(w, cx, &home_region, &name)?;
            work.into_iter().try_fold(0, |made, work| Ok(made + work.run(w, cx, &home_region, &name)?))
        })?;
    }
    // Once an hour, and never before what was missed is made up for.
    if is_noted && made == 0 {
        cx.store.write(|w| w.expire_delivered_files(cx.now - KEPT))?;
    }
    Ok(made)
}

/// Home Region and name of each trail, and of each that is gone and has a period.
fn trails(r: &Reader<'_>, cx: &Delivering<'_>) -> Result<Vec<(Region, String)>, StoreError> {
    let list = List { account: Some(cx.place.account.clone()), ..List::default() };
    let name = |key: Key| (key.region, key.name);
    let mut names: Vec<_> = r.list::<Trail>(&list)?.into_iter().map(|stored| name(stored.key)).collect();
    names.extend(r.list::<Period>(&list)?.into_iter().map(|stored| name(stored.key)));
    names.sort();
    names.dedup();
    Ok(names)
}

/// Something that is to be done for a trail.
#[derive(Debug)]
enum Work {
    BeginPeriod(Period),
    /// Of this account-Region, at this second.
    BeginChain(AccountId, Region, i64),
    /// The next digests, up to this second.
    Digests(AccountId, Region, i64),
    /// At this second; of the files that are left, those that were delivered before another belong to it.
    EndPeriod(i64, i64),
}

/// What is to be done for a trail, in order.
fn due(r: &Reader<'_>, cx: &Delivering<'_>, home_region: &Region, name: &str) -> Result<Vec<Work>, StoreError> {
    let now = cx.now.as_second();
    let key = Key::new(&cx.place.account, home_region, name);
    let trail = r.get::<Trail>(&key)?.map(|stored| stored.value);
    let period = r.get::<Period>(&key)?.map(|stored| stored.value);
    let bucket = trail.as_ref().map(|trail| bucket_of(r, trail)).transpose()?.unwrap_or_default();
    let wanted = match &trail {
        Some(trail) if trail.is_logging && trail.validates_log_files && cx.world.buckets.is_held(&bucket) => {
            Some(Period {
                started_at: trail.started_at,
                bucket,
                prefix: trail.prefix.clone(),
                organization: trail.is_organization.then(|| cx.place.organization_id.clone()),
                begun_at: begun_at(trail, now),
                after: 0,
            })
        }
        _ => None,
    };
    let period = match (period, wanted) {
        (None, None) => return Ok(Vec::new()),
        (None, Some(wanted)) => return Ok(vec![Work::BeginPeriod(wanted)]),
        (Some(period), Some(wanted)) if period.is_same(&wanted) => period,
        (Some(period), _) => {
            let stopped_at = trail.as_ref().and_then(|trail| trail.stopped_at).map(|at| at.0.as_second());
            let end = stopped_at.filter(|at| (period.begun_at..now).contains(at)).unwrap_or(now);
            // What was delivered since logging was started again is the next period's.
            let started_at =
                trail.as_ref().and_then(|trail| trail.started_at).filter(|at| Some(*at) != period.started_at);
            let files_until = started_at.map_or(i64::MAX, |at| at.0.as_second());
            return Ok(vec![Work::EndPeriod(end, files_until)]);
        }
    };
    let trail = trail.expect("a period is wanted of trails that are there only");
    let mut chains: BTreeMap<(AccountId, Region), Chain> = BTreeMap::new();
    for Stored { key, value, .. } in r.list::<Chain>(&chains_of(cx, home_region, name))? {
        chains.insert(account_region(&key.name), value);
    }
    let mut work = Vec::new();
    for ((account, region), chain) in &chains {
        if hour_end(chain.covered_until) <= now {
            work.push(Work::Digests(account.clone(), region.clone(), now));
        }
    }
    let own = (cx.place.account.clone(), home_region.clone());
    if !chains.contains_key(&own) {
        work.push(Work::BeginChain(own.0.clone(), own.1.clone(), period.begun_at));
    }
    for (account, region, first_at) in r.delivered_regions(&period.place(), period.after)? {
        let is_ours = trail.covers(&region) && (trail.is_organization || account == cx.place.account);
        let chain = (account, region);
        if is_ours && chain != own && !chains.contains_key(&chain) {
            let hour = hour_end(first_at.as_second()) - 3600;
            work.push(Work::BeginChain(chain.0, chain.1, hour.max(period.begun_at)));
        }
    }
    Ok(work)
}

/// Where the files of a trail lie that we deliver.
fn bucket_of(r: &Reader<'_>, trail: &Trail) -> Result<String, StoreError> {
    // Tags were read when they were set: what cannot be read is a change of ours.
    let tags = TrailTags::of(&r.tags(&trail.arn)?).unwrap_or_default();
    Ok(tags.insights_bucket().unwrap_or(&trail.bucket).to_owned())
}

/// When a period begins: as it is seen, or as logging was started, if that was just now.
fn begun_at(trail: &Trail, now: i64) -> i64 {
    let started_at = trail.started_at.map(|at| at.0.as_second());
    started_at.filter(|at| (now - JUST_NOW_SECONDS..now).contains(at)).unwrap_or(now)
}

impl Period {
    fn is_same(&self, other: &Period) -> bool {
        let of = |period: &Period| {
            (period.started_at, period.bucket.clone(), period.prefix.clone(), period.organization.clone())
        };
        of(self) == of(other)
    }

    fn place(&self) -> FilePlace {
        FilePlace { bucket: self.bucket.clone(), prefix: self.prefix.clone() }
    }
}

impl Work {
    /// Does it. Says how many digests were made.
    fn run(self, w: &Writer<'_>, cx: &Delivering<'_>, home_region: &Region, name: &str) -> Result<usize, StoreError> {
        let trail = Key::new(&cx.place.account, home_region, name);
        match self {
            Work::BeginPeriod(mut period) => {
                period.after = w.newest_delivered_file(Timestamp::from_second(period.begun_at).unwrap_or(cx.now))?;
                // The home Region's chain begins with it.
                let chain = Chain { covered_until: period.begun_at, listed: period.after, last: None };
                w.put(&chain_key(&trail, &cx.place.account, home_region), &chain, cx.now)?;
                w.put(&trail, &period, cx.now)?;
                Ok(0)
            }
            Work::BeginChain(account, region, start) => {
                let Some(Stored { value: period, .. }) = w.get::<Period>(&trail)? else { return Ok(0) };
                let chain = Chain { covered_until: start, listed: period.after, last: None };
                w.put(&chain_key(&trail, &account, &region), &chain, cx.now)?;
                Ok(0)
            }
            Work::Digests(account, region, until) => {
                let Some(Stored { value: period, .. }) = w.get::<Period>(&trail)? else { return Ok(0) };
                let key = chain_key(&trail, &account, &region);
                let Some(Stored { value: mut chain, .. }) = w.get::<Chain>(&key)? else { return Ok(0) };
                let mut made = 0;
                while made < PER_LOOK && hour_end(chain.covered_until) <= until {
                    let end = hour_end(chain.covered_until);
                    digest(w, cx, &trail, &period, (&account, &region), &mut chain, end, end)?;
                    made += 1;
                }
                w.put(&key, &chain, cx.now)?;
                Ok(made)
            }
            Work::EndPeriod(end, files_until) => {
                let Some(Stored { value: period, .. }) = w.get::<Period>(&trail)? else { return Ok(0) };
                let mut made = 0;
                for Stored { key, value: mut chain, .. } in w.list::<Chain>(&chains_of(cx, home_region, name))? {
                    let (account, region) = account_region(&key.name);
                    // Of no second there are two digests of a trail: they would be one object.
                    let end = end.max(chain.covered_until + 1);
                    digest(w, cx, &trail, &period, (&account, &region), &mut chain, end, files_until)?;
                    made += 1;
                    w.delete::<Chain>(&key)?;
                }
                w.delete::<Period>(&trail)?;
                Ok(made)
            }
        }
    }
}

/// Makes the next digest of a chain, up to `end`, of the files that were delivered before `files_until`.
#[expect(clippy::too_many_arguments, reason = "said once, to two callers")]
fn digest(
    w: &Writer<'_>,
    cx: &Delivering<'_>,
    trail: &Key,
    period: &Period,
    (account, region): (&AccountId, &Region),
    chain: &mut Chain,
    end: i64,
    files_until: i64,
) -> Result<(), StoreError> {
    let files = w.delivered_files(&period.place(), account, region, chain.listed)?;
    // In the order of their coming: where the clock was turned back, none is passed over.
    let is_within = |(_, file): &(i64, DeliveredFile)| file.delivered_at.as_second() < files_until;
    let files: Vec<_> = files.into_iter().take_while(is_within).collect();
    let signer = &*cx.world.signer;
    let digest = Digest {
        bucket: period.bucket.clone(),
        key: DigestKey {
            prefix: period.prefix.clone(),
            organization: period.organization.clone(),
            account: account.as_str().to_owned(),
            region: region.as_str().to_owned(),
            day: Minute::of_seconds(end).day_start(),
            trail: trail.name.clone(),
            home_region: trail.region.as_str().to_owned(),
            time: end,
            is_backfill: false,
        },
        start: chain.covered_until,
        fingerprint: fingerprint(signer.public_key_der()),
        previous: chain.last.take(),
        files: files.iter().map(|(_, delivered)| delivered.file.clone()).collect(),
    };
    let text = digest.text();
    let signature = signer.rsa_sha256(digest.to_sign(&text).as_bytes());
    chain.covered_until = end;
    chain.listed = files.last().map_or(chain.listed, |(number, _)| *number);
    chain.last = Some(digest.link(&text, &signature));
    let file = DigestFile {
        bucket: digest.bucket,
        key: digest.key.to_string(),
        text,
        signature: hexadecimal(&signature),
        trail: format!("arn:aws:cloudtrail:{}:{}:trail/{}", trail.region, trail.account, trail.name),
    };
    let order = format!("{}/{} {account}/{region}", trail.region, trail.name);
    w.add_delivery(&file.delivery(&order, cx.now), cx.now)?;
    Ok(())
}

fn chains_of(cx: &Delivering<'_>, home_region: &Region, name: &str) -> List {
    List { parent: Some(name.to_owned()), ..List::of(&cx.place.account, home_region) }
}

fn chain_key(trail: &Key, account: &AccountId, region: &Region) -> Key {
    Key::new(&trail.account, &trail.region, format!("{account}/{region}")).under(&*trail.name)
}

fn account_region(name: &str) -> (AccountId, Region) {
    let (account, region) = name.split_once('/').unwrap_or((name, ""));
    (AccountId::from(account), Region::from(region))
}
