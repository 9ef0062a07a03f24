//! Opened: what there is before anybody is answered. The settings and the data directory become the world around the service,
//! what it remembers, and the door that leads in once it is known where it listens.
//!
//! All that can be wrong with a setting or a folder is found here, before an address is taken.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use server::http::{FrontDoor, Handshake, Room};
use server::metrics::Metrics;
use server::own_account::own_account;
use server::push::PushDesk;
use server::world::{Clock, Lake, Nothing, World};
use server::{Place, RuleBook};
use store::Store;
use tokio::runtime::Handle;

use super::outside;
use super::puts::Puts;
use crate::backup::DATABASE;
use crate::cli::{DoorArgs, ServeArgs};
use crate::listening::{Listening, connections};
use crate::lost_database;
use crate::world::all_buckets::AllBuckets;
use crate::world::aws::Aws;
use crate::world::buckets::{self, Buckets, Held};
use crate::world::clock::MovedClock;
use crate::world::credentials::DataVault;
use crate::world::dice::SystemDice;
use crate::world::functions::Sandboxed;
use crate::world::lake::{DataLake, Engine};
use crate::world::linked::LinkedBuckets;
use crate::world::links::LinksFile;
use crate::world::machine::ThisMachine;
use crate::world::push_keys::PushKeysOf;
use crate::world::queues::Sqs;
use crate::world::s3_port::s3_port;
use crate::world::signer::Signer;
use crate::world::whole_file;

/// How long pushed events are gathered for one file.
const GATHERED: Duration = Duration::from_millis(250);

/// What is open.
pub(super) struct Opened {
    pub(super) folder: PathBuf,
    pub(super) listening: Listening,
    pub(super) handshake: Option<Handshake>,
    pub(super) room: Arc<Room>,
    pub(super) linked: Arc<LinkedBuckets>,
    pub(super) puts: Puts,
    buckets: Arc<Buckets>,
    functions: Sandboxed,
    metrics: Arc<Metrics>,
    place: Place,
    store: Store,
    world: World,
}

impl Opened {
    /// Opens all that the settings name. `runtime` is what buckets and queues elsewhere are asked on.
    pub(super) fn open(arguments: &ServeArgs, runtime: &Handle) -> Result<Opened> {
        let engine = outside::engine(arguments)?;
        let clock = MovedClock::showing(arguments.now);
        let folder = arguments.data.folder()?;
        whole_file::make_data_directory(&folder)
            .with_context(|| format!("cannot make the data directory {}", folder.display()))?;
        let vault = DataVault::open(&folder, &SystemDice)?;
        let listening = Listening::new(&arguments.listen, &arguments.doors, &folder, || Ok(vault.count()?))?;
        let handshake = listening.handshake()?;
        let room = room(&arguments.doors);
        lost_database::refuse(&folder)?;
        let store = Store::open(folder.join(DATABASE), &store::Options::default())?;
        let metrics = Arc::new(Metrics::of_machine(Box::new(ThisMachine::with_data_in(&folder))));
        let puts = Puts::noted_in(&metrics);
        let dice = Box::new(SystemDice);
        let buckets = Buckets::open(folder.join(buckets::FOLDER), Box::new(clock), dice, puts.on_put())?;
        let buckets = Arc::new(buckets);
        let web = outside::web(arguments)?;
        let signer = Signer::open(&folder, clock.now())?;
        let functions = Sandboxed::open(&folder, &arguments.functions, clock);
        let aws = Arc::new(Aws::new()?);
        let linked = Arc::new(LinkedBuckets::open(LinksFile::of(&folder), Arc::clone(&aws), runtime.clone())?);
        let all_buckets = AllBuckets::new(Held(Arc::clone(&buckets)), Arc::clone(&linked));
        let lake = lake(arguments, &folder, &linked, all_buckets.clone(), engine, clock)?;
        let world = World {
            clock: Box::new(clock),
            dice: Box::new(SystemDice),
            buckets: Box::new(all_buckets),
            mail: outside::mail(&arguments.mail, &folder, clock)?,
            web: Box::new(web),
            queues: Box::new(Sqs::new(aws, runtime.clone(), arguments.sqs_endpoint_url.clone())),
            functions: Box::new(functions.clone()),
            signer: Box::new(signer),
            vault: Box::new(vault),
            lake,
        };
        let members = arguments.member_accounts.iter().map(|(id, name)| (id.as_str().into(), name.clone()));
        let wanted = arguments.account_id.as_deref().map(Into::into);
        let place =
            Place { members: members.collect(), ..Place::of(own_account(&store, wanted.as_ref(), clock.now())?) };
        Ok(Opened {
            folder,
            listening,
            handshake,
            room,
            linked,
            puts,
            buckets,
            functions,
            metrics,
            place,
            store,
            world,
        })
    }

    /// The door, at the address that is listened on; functions of this machine may ask at another one, `inside`. What is left
    /// are the buckets that are linked, to be followed, and what is put, to be counted.
    pub(super) fn door(self, address: SocketAddr, inside: Option<SocketAddr>) -> (FrontDoor, Arc<LinkedBuckets>, Puts) {
        let Opened { folder, listening, linked, .. } = self;
        self.functions.answers_at(inside.unwrap_or(address));
        let s3 = s3_port(self.buckets, Arc::clone(&linked), &listening.bucket_domains(address), SystemDice);
        let door = FrontDoor {
            store: Arc::new(self.store),
            world: Arc::new(self.world),
            rules: Arc::new(RuleBook::default()),
            place: self.place,
            hosts: listening.hosts(address, inside),
            gate: Arc::new(listening.gate()),
            s3: Some(s3),
            page: Some(console_page::answer),
            push: Arc::new(PushDesk::new(Box::new(PushKeysOf::new(&folder)), GATHERED)),
            public_url: listening.public_url(address),
            progress: Arc::default(),
            live: Arc::default(),
            metrics: self.metrics,
        };
        (door, linked, self.puts)
    }
}

/// Room for as many connections as are allowed, and as the system gives.
fn room(doors: &DoorArgs) -> Arc<Room> {
    let connections = connections(doors.max_connections);
    match doors.behind_proxy {
        // All come from the proxy's address.
        true => Room::for_connections(connections),
        false => Room::in_shares(connections),
    }
}

fn lake(
    arguments: &ServeArgs,
    folder: &Path,
    linked: &LinkedBuckets,
    buckets: AllBuckets,
    engine: Engine,
    clock: MovedClock,
) -> Result<Box<dyn Lake>> {
    if arguments.without_lake {
        return Ok(Box::new(Nothing));
    }
    let memory = (arguments.query_memory as usize) << 20;
    let threads = arguments.query_threads.map(usize::from);
    let tables = outside::tables(arguments, folder, |name| linked.get(name))?;
    Ok(Box::new(DataLake::open(folder, tables, buckets, memory, threads, engine, Box::new(clock))?))
}
