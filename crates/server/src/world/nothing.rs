//! A world without web, queues, functions or keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

use super::{
    Function, Functions, Invocation, InvokeError, Invoked, QueueError, QueueMessage, Queues, Signer, Vault, Web,
    WebError, WebReply, WebRequest,
};

/// Nothing of it is there: what a world without web, queues, functions or keys is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Web for Nothing {
    fn send(&self, _: &WebRequest) -> Result<WebReply, WebError> {
        Err(WebError::Unreachable("there is no web here".into()))
    }
}

impl Queues for Nothing {
    fn send(&self, queue_arn: &str, _: &QueueMessage) -> Result<String, QueueError> {
        Err(QueueError::NoQueue(format!("there is no way to the queue `{queue_arn}`")))
    }
}

impl Functions for Nothing {
    fn invoke(&self, function: &Function, _: &Invocation) -> Result<Invoked, InvokeError> {
        Err(InvokeError::CannotRun(format!("there is nothing here to run {} with", function.runtime)))
    }

    fn cannot_run(&self, runtime: &str) -> Option<String> {
        Some(format!("there is nothing here to run {runtime} with"))
    }

    fn forget(&self, _: &str) {}
}

impl Signer for Nothing {
    fn rsa_sha1(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn rsa_sha256(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn certificate_pem(&self) -> &str {
        ""
    }

    fn public_key_der(&self) -> &[u8] {
        &[]
    }
}

impl Vault for Nothing {
    fn secret_of(&self, _: &str) -> Option<String> {
        None
    }

    fn bits_of(&self, name: &str) -> [u8; 32] {
        Sha256::digest(name).into()
    }

    /// Hidden from nobody.
    fn seal(&self, of: &str, text: &str) -> String {
        STANDARD_NO_PAD.encode(format!("{of}\n{text}"))
    }

    fn unseal(&self, of: &str, sealed: &str) -> Option<String> {
        let text = String::from_utf8(STANDARD_NO_PAD.decode(sealed).ok()?).ok()?;
        Some(text.strip_prefix(of)?.strip_prefix('\n')?.to_owned())
    }
}
