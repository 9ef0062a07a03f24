//! The gate: who is let in.
//!
//! | | asked on loopback only | `demands_signatures` |
//! |---|---|---|
//! | a page of another origin | refused, but for links in mails | refused, but for links in mails and signed URLs of S3 |
//! | AWS's operations | any key, signed or not as it should be; in a URL for S3 only | a signature that holds, of a key that is known |
//! | links in mails, certificates, `/healthz`, `/readyz` | let in | let in |
//! | a function's archive | by the link that `GetFunction` gave | by that link |
//! | `/metrics` | let in | by a key and its secret (`Authorization: Basic`) |
//! | Trailsight's own requests | signed with any key, or with the header that no page of another origin can send | signed likewise |
//! | the console's requests, AWS's operations that it asks | with that header | with that header, and a cookie that a key and its secret were given for |
//! | the console's page, its sign-in | let in | let in |
//! | pushed events | by their key | by their key |
//!
//! A key is known if it was made by `trailsight credentials create`, or if it is a session's: of `AssumeRole`, of
//! `GetSessionToken`, of a function. What a stranger sends is refused before its body is read.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::sigv4::{BodySaid, Chunks, Claim, Fault, Rules, Secret};
use wire::{Addressee, ApiError, Protocol, Request, Service, sigv2};

use super::origin::hold_site;
use super::whole::Allowed;
use super::{FrontDoor, Peer};
use crate::rate::Rate;
use crate::sts::Session;
use crate::{console_api, own_api};

/// Bytes of all bodies that are held at once, in KiB: whoever comes when there is no room is told to come again.
const BODIES_KIB: u32 = 256 << 10;
/// Bytes of an unsigned body where signatures are demanded: a form with a link's parameters is far smaller.
const UNSIGNED_BYTES: usize = 16 << 10;
/// Refusals that are logged. A stranger's guesses fill no disk.
const TOLD_PER_SECOND: u32 = 1;

/// Who is let in, and how often.
#[derive(Debug)]
pub struct Gate {
    /// Whether every signature must hold.
    demands_signatures: bool,
    rate: Rate,
    told: Rate,
    bodies: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate::new(false, None)
    }
}

impl Gate {
    /// A gate that demands signatures or does not, and lets each key ask so often a second; `None` is no limit.
    pub fn new(demands_signatures: bool, requests_per_second: Option<NonZeroU32>) -> Gate {
        Gate {
            demands_signatures,
            rate: Rate::new(requests_per_second),
            told: Rate::new(NonZeroU32::new(TOLD_PER_SECOND)),
            bodies: Arc::new(Semaphore::new(BODIES_KIB as usize)),
        }
    }

    /// Whether whoever this is may ask now.
    pub(super) fn allows(&self, who: &str, now: Timestamp) -> bool {
        self.rate.allows(who, now)
    }

    /// Room for a body of at most so many bytes; `None` if there is none now. Who sends nothing needs none.
    pub(super) fn room_for(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(BODIES_KIB);
        Arc::clone(&self.bodies).try_acquire_many_owned(kib).ok()
    }
}

/// Why a request is not let in.
#[derive(Debug)]
pub(super) enum Refused {
    Fault(Fault),
    Store(StoreError),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        Refused::Fault(fault)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        Refused::Store(error)
    }
}

impl Refused {
    /// As AWS tells it.
    pub(super) fn api_error(&self, to: &Addressee) -> ApiError {
        match self {
            Refused::Fault(fault) => fault.api_error(to.protocol),
            Refused::Store(_) => ApiError::internal("Who asks could not be looked up; see the service's log."),
        }
    }
}

/// Whoever is let in.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) access_key: String,
    /// The Region of the signature, if it is signed.
    pub(super) region: Option<String>,
}

/// Who asks on the console's page where any key is let in.
const CONSOLE: &str = "console";

/// Whoever is let in to S3.
pub(super) struct S3Guest {
    pub(super) access_key: String,
    /// What its body is held against, if it says anything of it.
    pub(super) body: Option<BodySaid>,
    /// How the chunks of its body are signed, if they are and it is demanded.
    pub(super) chunks: Option<Chunks>,
}

impl FrontDoor {
    /// What can be said of a request before its body is here; and what to take of that, of at most so many bytes. A link is
    /// followed from wherever a mail is read. Keys of sessions are looked up in the database: this may wait.
    pub(super) fn hold_head(&self, head: &Request<'_>, is_link: bool, most: usize) -> Result<Allowed, Refused> {
        self.hold_origin(head)?;
        if !is_link {
            hold_site(head)?;
        }
        if !self.gate.demands_signatures {
            return Ok(Allowed { bytes: most, is_signed: true });
        }
        let Some(claim) = Claim::of(head)? else {
            return Ok(match self.console_guest(head) {
                Some(_) => Allowed { bytes: most, is_signed: true },
                None => Allowed { bytes: most.min(UNSIGNED_BYTES), is_signed: false },
            });
        };
        let secret = self.secret_of(&claim.access_key)?;
        claim.hold_head(head, &Rules::at(self.world.clock.now()), secret.as_ref())?;
        Ok(Allowed { bytes: most, is_signed: true })
    }

    /// Whether a request, whose head [held](FrontDoor::hold_head), is let in: it is signed with some key, or, where that is
    /// demanded, as it should be.
    pub(super) fn let_in(&self, request: &Request<'_>, addressee: Option<&Addressee>) -> Result<Guest, Refused> {
        let Some(claim) = Claim::of(request)? else {
            return self.console_guest(request).ok_or(Fault::Missing.into());
        };
        if !self.gate.demands_signatures && claim.expires_seconds.is_some() {
            // Any page can make one up, and have a browser ask for it.
            let message =
                "Where any key is let in, only S3 takes signatures in URLs: sign in the Authorization header.";
            return Err(Fault::Incomplete(message.into()).into());
        }
        if self.gate.demands_signatures {
            let secret = self.secret_of(&claim.access_key)?;
            let service = addressee.and_then(|addressee| addressee.service);
            let rules = Rules { service, ..Rules::at(self.world.clock.now()) };
            claim.hold(request, &rules, secret.as_ref())?;
        }
        Ok(Guest { access_key: claim.access_key, region: Some(claim.region) })
    }

    /// Who asks on the console's page, which signs nothing. Its header is one that no page of another origin can send without asking
    /// first, and that is not allowed; where signatures are demanded, the cookie of a session says whose key it is.
    pub(super) fn console_guest(&self, request: &Request<'_>) -> Option<Guest> {
        request.header(own_api::HEADER)?;
        let access_key = match self.gate.demands_signatures {
            true => console_api::session::signed_in(&*self.world.vault, request, self.world.clock.now())?.access_key,
            false => CONSOLE.to_owned(),
        };
        Some(Guest { access_key, region: None })
    }

    /// Whether credentials are demanded.
    pub(crate) fn demands_credentials(&self) -> bool {
        self.gate.demands_signatures
    }

    /// The key of whoever asked, which tells who it was; empty where any key is let in.
    pub(crate) fn name_of(&self, who: &str) -> String {
        if self.demands_credentials() { who.to_owned() } else { String::new() }
    }

    /// Lets in who asks the console's API; says as whom. `None`: not let in, which is told in the log.
    pub(crate) fn let_in_to_console(&self, request: &Request<'_>, parts: &Parts) -> Option<String> {
        let refused = match self.let_in(request, None) {
            Ok(guest) => return Some(guest.access_key),
            Err(refused) => refused,
        };
        // A page that is signed out asks on: that is no news.
        if !matches!(refused, Refused::Fault(Fault::Missing)) {
            self.tell_refusal(&refused, parts);
        }
        None
    }

    /// Whether whoever this is may ask now.
    pub(crate) fn is_allowed_now(&self, who: &str) -> bool {
        self.gate.allows(who, self.world.clock.now())
    }

    /// The same for S3, whose URLs are signed for a while, in two ways, and whose bodies come later.
    pub(super) fn let_in_to_s3(&self, head: &Request<'_>) -> Result<S3Guest, Refused> {
        self.hold_origin(head)?;
        let (claim, old_claim) = (Claim::of(head)?, sigv2::Claim::of(head)?);
        let is_url = claim.as_ref().map_or(old_claim.is_some(), |claim| claim.expires_seconds.is_some());
        // A URL that is signed as it should be is followed from wherever it was sent to.
        if !(self.gate.demands_signatures && is_url) {
            hold_site(head)?;
        }
        let body = BodySaid::of(head)?;
        let now = self.world.clock.now();
        match (claim, old_claim) {
            (Some(claim), _) => {
                if !self.gate.demands_signatures {
                    claim.hold_expiry(now)?;
                    return Ok(S3Guest { access_key: claim.access_key, body, chunks: None });
                }
                let secret = self.secret_of(&claim.access_key)?;
                let rules = Rules { service: Some(Service::S3), is_body_here: false, ..Rules::at(now) };
                claim.hold(head, &rules, secret.as_ref())?;
                let chunks = secret.and_then(|secret| claim.chunks(head, &secret));
                Ok(S3Guest { access_key: claim.access_key, body, chunks })
            }
            (None, Some(claim)) => {
                if self.gate.demands_signatures {
                    // The host is not signed: a bucket in front of it could be any.
                    let host = head.header("host").unwrap_or_default();
                    if self.hosts.iter().any(|ours| ours.is_behind_bucket_in(host)) {
                        let message = "A URL that is signed by version 2 must have the bucket in its path.";
                        return Err(Fault::Incomplete(message.into()).into());
                    }
                    let secret = self.secret_of(&claim.access_key)?;
                    claim.hold(head, now, secret.as_ref())?;
                } else {
                    claim.hold_expiry(now)?;
                }
                Ok(S3Guest { access_key: claim.access_key, body, chunks: None })
            }
            // A signature of the second version in a header: nobody checks it here.
            (None, None) if self.gate.demands_signatures => Err(Fault::Missing.into()),
            (None, None) => Ok(S3Guest { access_key: String::new(), body, chunks: None }),
        }
    }

    /// Whether a request of ours, whose head held, is let in: a page cannot send its header without asking first, and is not allowed to; but
    /// who is no page can.
    pub(super) fn let_in_to_own(&self, request: &Request<'_>, header: &str) -> Result<(), Refused> {
        if !self.gate.demands_signatures && request.header(header).is_some() {
            return Ok(());
        }
        self.let_in(request, None).map(drop)
    }

    /// Whether who watches may read the metrics, which name accounts. Nothing that watches signs: where that is demanded, it
    /// names a key and its secret.
    pub(super) fn lets_in_to_metrics(&self, request: &Request<'_>) -> bool {
        if self.hold_origin(request).and_then(|()| hold_site(request)).is_err() {
            return false;
        }
        if !self.gate.demands_signatures {
            return true;
        }
        let basic = request.header("authorization").and_then(|said| said.strip_prefix("Basic "));
        let said = basic.and_then(|said| STANDARD.decode(said.trim()).ok());
        let said = said.and_then(|said| String::from_utf8(said).ok());
        let Some((access_key, secret)) = said.as_deref().and_then(|said| said.split_once(':')) else { return false };
        // Hashes are compared: how long that takes tells nothing of the secret.
        let known = self.world.vault.secret_of(access_key);
        known.is_some_and(|known| Sha256::digest(known) == Sha256::digest(secret))
    }

    /// What belongs to a key; `None`: nobody has such a key.
    fn secret_of(&self, access_key: &str) -> Result<Option<Secret>, StoreError> {
        if let Some(secret) = self.world.vault.secret_of(access_key) {
            return Ok(Some(Secret::for_good(secret)));
        }
        if !access_key.starts_with("ASIA") {
            return Ok(None);
        }
        self.store.read(|r| Session::secret_of(r, &*self.world.vault, &self.place.account, access_key))
    }

    /// Says in the log who was refused, but not without end.
    pub(super) fn tell_refusal(&self, refused: &Refused, parts: &Parts) {
        if !self.gate.told.allows("", self.world.clock.now()) {
            return;
        }
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.to_string()).unwrap_or_default();
        match refused {
            Refused::Store(error) => {
                tracing::error!(error = error as &dyn std::error::Error, peer, "who asks could not be looked up");
            }
            Refused::Fault(fault) => {
                let code = fault.api_error(Protocol::AwsJson11).code;
                tracing::warn!(peer, code = &*code, "a request was refused");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_nothing_needs_no_room() {
        let gate = Gate::default();
        let all = gate.room_for(usize::MAX).expect("nobody is here");
        assert!(gate.room_for(1).is_none());
        assert!(gate.room_for(0).is_some());
        drop(all);
        assert!(gate.room_for(1).is_some());
    }
}
