//! Says to systemd how far the service is: a start has worked when it listens, not when it began.
//! <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// It listens.
pub(super) const READY: &str = "READY=1";

/// It was told to stop.
pub(super) const STOPPING: &str = "STOPPING=1";

/// Says it, if it was systemd that started us as a unit of `Type=notify`.
pub(super) fn tell_systemd(state: &str) {
    let Some(socket) = std::env::var("NOTIFY_SOCKET").ok().filter(|socket| !socket.is_empty()) else { return };
    if let Err(error) = tell(&socket, state) {
        tracing::warn!(socket, %error, "systemd cannot be told how far the service is");
    }
}

fn tell(socket: &str, state: &str) -> std::io::Result<()> {
    let address = match socket.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_heard_by_path_and_by_abstract_name() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("notify");
        let name = format!("trailsight-{}", folder.path().display());
        let abstract_name = SocketAddr::from_abstract_name(&name).expect("it is short enough");
        for (listener, socket) in [
            (UnixDatagram::bind(&path), path.display().to_string()),
            (UnixDatagram::bind_addr(&abstract_name), format!("@{name}")),
        ] {
            let listener = listener.expect("it is ours");
            tell(&socket, READY).expect("somebody listens");
            let mut heard = [0; 32];
            let size = listener.recv(&mut heard).expect("it was told");
            assert_eq!(&heard[..size], READY.as_bytes());
        }
        assert!(tell("/nonexistent/notify", READY).is_err());
    }
}
