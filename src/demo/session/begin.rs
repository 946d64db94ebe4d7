//! A session by itself, for octets that come by another wire than that of a [`Server`](crate::demo::Server).

use std::sync::Arc;

use super::{Session, Tls};
use crate::demo::{auth::Credentials, maildrop::Maildrop, quirks::Quirks};

impl Session {
    /// A session with `maildrop` for whoever has this name and password. What the server would otherwise draw by lot is made of
    /// `nonce`; what of `quirks` is a matter of time or of the connection is left to whoever moves the octets.
    pub fn begin(
        maildrop: &Maildrop,
        (user, password): (&str, &str),
        quirks: Arc<Quirks>,
        nonce: String,
        tls: Tls,
    ) -> Self {
        let credentials = Arc::new(Credentials {
            user: user.as_bytes().to_vec(),
            password: password.as_bytes().to_vec(),
        });
        Self::new(maildrop.admit(), credentials, quirks, nonce, tls)
    }
}
