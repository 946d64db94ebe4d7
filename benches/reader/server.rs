//! The embedded server on a thread of its own, and an authority that signs for it.

use std::net::SocketAddr;
use std::path::PathBuf;

use poppet::demo::{Maildrop, Server, ServerOptions};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::certificates::{Authority, Shown};
use crate::process::stand_back;

/// A running server. Its latency is none: what a line costs is the proxy's.
pub(crate) struct Running {
    server: Option<Server>,
    runtime: Runtime,
    trust: Option<Trust>,
}

struct Trust {
    authority: Authority,
    _folder: TempDir,
}

impl Running {
    pub(crate) fn plain(maildrop: Maildrop) -> Self {
        Self::start(ServerOptions::new(maildrop), None)
    }

    /// With TLS from the first octet on.
    pub(crate) fn encrypted(maildrop: Maildrop) -> Self {
        let authority = Authority::new();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let identity = authority.identity(Shown::Good, folder.path());
        let mut options = ServerOptions::new(maildrop);
        let identity = native_tls::Identity::from_pkcs8(
            identity.certificate_pem.as_bytes(),
            identity.key_pem.as_bytes(),
        );
        options.tls = Some(identity.expect("an identity"));
        options.implicit_tls = true;
        let trust = Trust {
            authority,
            _folder: folder,
        };
        Self::start(options, Some(trust))
    }

    fn start(options: ServerOptions, trust: Option<Trust>) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .on_thread_start(stand_back)
            .enable_all()
            .build()
            .expect("a runtime for the server");
        let guard = runtime.enter();
        let server = Server::start(options).expect("start the server");
        drop(guard);
        Self {
            server: Some(server),
            runtime,
            trust,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server().address()
    }

    /// The file that a client has to trust, if there is TLS.
    pub(crate) fn authority(&self) -> Option<PathBuf> {
        self.trust.as_ref().map(|trust| trust.authority.file())
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs until it is dropped")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}
