//! The embedded server, with a runtime of its own, for tests that wait for processes.

use std::ops::Deref;

use poppet::demo::{Maildrop, Server, ServerOptions};
use tokio::runtime::Runtime;

use crate::support::home::Account;

/// A running server, ended with the test.
pub(crate) struct Served {
    server: Server,
    _runtime: Runtime,
}

impl Served {
    /// A good server of this mailbox.
    pub(crate) fn mailbox(maildrop: Maildrop) -> Self {
        Self::start(ServerOptions::new(maildrop))
    }

    pub(crate) fn start(options: ServerOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let entered = runtime.enter();
        let server = Server::start(options).expect("the embedded server");
        drop(entered);
        Self {
            server,
            _runtime: runtime,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address().port()
    }

    /// The account that may log in.
    pub(crate) fn account(&self) -> Account {
        Account {
            user: "demo".to_owned(),
            password: "demo".to_owned(),
            ..Account::plain("home", self.port())
        }
    }
}

impl Deref for Served {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}
