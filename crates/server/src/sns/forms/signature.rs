//! What proves that a message is ours: RSA over its fields in the order of their names, and where the certificate lies.
//!
//! Topics choose SHA-1 (version 1, unless they choose) or SHA-256 (version 2). Messages of FIFO topics are not signed.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::digest::hexadecimal;
use sha2::{Digest, Sha256};

use crate::deliver::Delivering;
use crate::world::Signer;

/// Who sends: how others reach it, and what it signs with.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'s> {
    pub(crate) public_url: &'s str,
    pub(crate) signer: &'s dyn Signer,
}

/// What is signed of an envelope.
pub(super) struct Signed<'e> {
    pub(super) kind: &'e str,
    pub(super) id: &'e str,
    pub(super) topic_arn: &'e str,
    pub(super) subject: Option<&'e str>,
    pub(super) message: &'e str,
    pub(super) timestamp: &'e str,
    pub(super) subscribe_url: Option<&'e str>,
    pub(super) token: Option<&'e str>,
}

/// A signature, and how it is checked.
pub(super) struct Signature {
    pub(super) text: String,
    pub(super) certificate_url: String,
}

impl Delivering<'_> {
    /// Who sends what is delivered.
    pub(crate) fn sender(&self) -> Sender<'_> {
        Sender { public_url: self.public_url, signer: &*self.world.signer }
    }
}

impl Sender<'_> {
    /// The signature of an envelope; none if there is nothing to sign with, or its topic signs nothing.
    pub(super) fn sign(&self, version: &str, signed: &Signed<'_>) -> Option<Signature> {
        if signed.topic_arn.ends_with(".fifo") {
            return None;
        }
        let text = signed.text();
        let signature = match version {
            "2" => self.signer.rsa_sha256(text.as_bytes()),
            _ => self.signer.rsa_sha1(text.as_bytes()),
        };
        let certificate_url = format!("{}{}", self.public_url, certificate_path(self.signer)?);
        Some(Signature { text: STANDARD.encode(signature), certificate_url })
    }
}

/// Where the certificate lies: another one would lie elsewhere, so that whoever keeps them may keep them for ever.
pub(crate) fn certificate_path(signer: &dyn Signer) -> Option<String> {
    let certificate = signer.certificate_pem();
    if certificate.is_empty() {
        return None;
    }
    let hash = hexadecimal(&Sha256::digest(certificate)[..16]);
    Some(format!("/SimpleNotificationService-{hash}.pem"))
}

impl Signed<'_> {
    /// Names and values, a line each, in the order of the names; what an envelope does not have is left out.
    fn text(&self) -> String {
        let fields = [
            ("Message", Some(self.message)),
            ("MessageId", Some(self.id)),
            ("Subject", self.subject),
            ("SubscribeURL", self.subscribe_url),
            ("Timestamp", Some(self.timestamp)),
            ("Token", self.token),
            ("TopicArn", Some(self.topic_arn)),
            ("Type", Some(self.kind)),
        ];
        let lines = fields.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}\n{value}\n")));
        lines.collect()
    }
}
