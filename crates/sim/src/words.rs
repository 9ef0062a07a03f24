//! Words: the names and ids that an account has, drawn once and remembered.
//!
//! Nothing is stored: the i-th instance of an account is always the same, because its id is computed from
//! the account's seed and `i`. Without this, attribution would see a new resource, user or address in every call.

use crate::dice::{Dice, mix};

static APPS: [&str; 24] = [
    "checkout",
    "orders",
    "billing",
    "catalog",
    "search",
    "identity",
    "notify",
    "ledger",
    "shipping",
    "pricing",
    "reports",
    "ingest",
    "etl",
    "frontend",
    "gateway",
    "webhooks",
    "media",
    "fraud",
    "inventory",
    "scheduler",
    "exporter",
    "metrics",
    "backoffice",
    "mobile-api",
];
static ENVIRONMENTS: [&str; 4] = ["prod", "staging", "dev", "shared"];
static TEAMS: [&str; 6] = ["platform", "payments", "data", "security", "growth", "sre"];
static PEOPLE: [&str; 28] = [
    "amelia.novak",
    "ben.okafor",
    "carla.mendes",
    "deniz.aydin",
    "elif.kaya",
    "farid.rahimi",
    "greta.holm",
    "hiro.tanaka",
    "ines.duarte",
    "jonas.weber",
    "kavya.iyer",
    "liam.byrne",
    "mara.petrov",
    "nils.aalto",
    "olga.sidor",
    "pavel.horak",
    "quinn.doyle",
    "rosa.vidal",
    "samir.haddad",
    "tara.singh",
    "uma.patel",
    "viktor.lang",
    "wanda.zielinska",
    "xu.chen",
    "yara.costa",
    "zoe.martin",
    "aki.sato",
    "bruno.rossi",
];
static TYPES: [&str; 6] = ["t3.medium", "m6i.large", "c7g.xlarge", "r6g.large", "t4g.small", "m5.2xlarge"];

/// How many of a thing an account has; 0 for what is no thing.
fn how_many(word: &str) -> usize {
    match word {
        "instance" | "volume" | "eni" => 40,
        "snapshot" | "object" => 30,
        "param" => 24,
        "sg" | "role" | "function" | "loggroup" | "app" => 20,
        "secret" | "policy" | "stack" => 15,
        "bucket" | "user" | "table" | "queue" | "rule" => 12,
        "repo" | "subnet" => 10,
        "topic" | "kms" | "project" => 8,
        "ami" | "db" | "lb" | "asg" | "itype" | "team" => 6,
        "cluster" | "zone" => 4,
        "vpc" | "az" => 3,
        "trail" => 2,
        _ => 0,
    }
}

/// Where a word is looked up: an account, its Region, and which of its things are meant.
pub(crate) struct Place<'a> {
    pub account: &'a str,
    pub account_seed: u64,
    pub region: &'a str,
    pub region_index: usize,
    /// The same choice gives the same things.
    pub choice: u64,
}

impl Place<'_> {
    /// What stands for `<word>`, or nothing if that is not one of the account's things.
    pub(crate) fn word(&self, word: &str) -> Option<String> {
        match word {
            "account" => return Some(self.account.to_owned()),
            "region" => return Some(self.region.to_owned()),
            _ => {}
        }
        let count = how_many(word);
        if count == 0 {
            return None;
        }
        let mut dice = Dice::of(self.choice, &[text_seed(word)]);
        // Some things are used more than others.
        let which = dice.below(count).min(dice.below(count));
        Some(self.thing(word, which))
    }

    /// The i-th thing of a kind.
    fn thing(&self, word: &str, which: usize) -> String {
        // Ids of networks and machines belong to a Region; names of applications to the account.
        let own = mix(mix(self.account_seed, text_seed(word)), which as u64);
        let mut here = Dice::of(own, &[self.region_index as u64]);
        let mut dice = Dice::new(own);
        let app = app(self.account_seed, which);
        let environment = ENVIRONMENTS[which % 4 * (which % 3) % 4];
        let team = TEAMS[which % TEAMS.len()];
        match word {
            "instance" => format!("i-0{}", hex(&mut here, 16)),
            "volume" => format!("vol-0{}", hex(&mut here, 16)),
            "snapshot" => format!("snap-0{}", hex(&mut here, 16)),
            "eni" => format!("eni-0{}", hex(&mut here, 16)),
            "sg" => format!("sg-0{}", hex(&mut here, 16)),
            "subnet" => format!("subnet-0{}", hex(&mut here, 16)),
            "vpc" => format!("vpc-0{}", hex(&mut here, 16)),
            "ami" => format!("ami-0{}", hex(&mut here, 16)),
            "kms" => uuid(&mut here),
            "zone" => format!("Z{}", capitals(&mut dice, 20)),
            "az" => format!("{}{}", self.region, ["a", "b", "c"][which]),
            "itype" => TYPES[which].to_owned(),
            "team" => TEAMS[which].to_owned(),
            "user" => person(self.account_seed, which).to_owned(),
            "role" => role(self.account_seed, which),
            "app" => app.to_owned(),
            "function" => format!("{app}-{}-{environment}", ["worker", "handler", "sync", "resize"][which % 4]),
            "loggroup" => {
                format!("/aws/lambda/{app}-{}-{environment}", ["worker", "handler", "sync", "resize"][which % 4])
            }
            "bucket" => format!(
                "{app}-{}-{}-{}",
                ["assets", "logs", "data-lake", "backups"][which % 4],
                environment,
                hex(&mut dice, 6)
            ),
            "object" => format!("{team}/{app}/dt=2026-01-{:02}/part-{:05}.parquet", which % 28 + 1, which * 37),
            "policy" => format!("{app}-{environment}-policy"),
            "table" => format!("{app}-{}", ["events", "sessions", "items"][which % 3]),
            "queue" => format!("{app}-{environment}-queue"),
            "topic" => format!("{team}-alerts-{which}"),
            "secret" => {
                format!("{environment}/{app}/{}-{}", ["db", "api-key", "oauth"][which % 3], capitals(&mut dice, 6))
            }
            "param" => format!("/{app}/{environment}/{}", ["db-url", "feature-flags", "token", "image-tag"][which % 4]),
            "cluster" => format!("{environment}-cluster-{which}"),
            "db" => format!("{app}-{environment}-pg"),
            "stack" => format!("{app}-{environment}-stack"),
            "repo" => format!("{team}/{app}"),
            "trail" => ["management-events", "security-archive"][which].to_owned(),
            "rule" => format!("{app}-{}", ["nightly", "on-task-change", "every-5-minutes"][which % 3]),
            "project" => format!("{app}-build"),
            "lb" | "asg" => format!("{app}-{environment}-{word}"),
            _ => unreachable!("how_many knows `{word}`"),
        }
    }
}

/// The i-th application of an account.
fn app(account_seed: u64, which: usize) -> &'static str {
    APPS[((account_seed % 24) as usize + which * 5) % APPS.len()]
}

/// The i-th person of an account.
pub(crate) fn person(account_seed: u64, which: usize) -> &'static str {
    PEOPLE[((account_seed % PEOPLE.len() as u64) as usize + which * 3) % PEOPLE.len()]
}

/// The i-th role of an account.
pub(crate) fn role(account_seed: u64, which: usize) -> String {
    let app = app(account_seed, which);
    format!("{app}-{}", ["task-role", "lambda-role", "ec2-role", "deploy", "readonly"][which % 5])
}

pub(crate) fn text_seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// So many hexadecimal digits.
pub(crate) fn hex(dice: &mut Dice, digits: usize) -> String {
    (0..digits).map(|_| char::from(b"0123456789abcdef"[dice.below(16)])).collect()
}

/// What AWS's ids are made of.
pub(crate) const CAPITALS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// So many of A–Z and 2–7, as in AWS's ids.
pub(crate) fn capitals(dice: &mut Dice, letters: usize) -> String {
    (0..letters).map(|_| char::from(CAPITALS[dice.below(32)])).collect()
}

/// A random UUID.
pub(crate) fn uuid(dice: &mut Dice) -> String {
    format!("{}-{}-4{}-a{}-{}", hex(dice, 8), hex(dice, 4), hex(dice, 3), hex(dice, 3), hex(dice, 12))
}
