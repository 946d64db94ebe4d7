use std::sync::{Arc, Mutex, PoisonError};

use keyring_core::CredentialStore;
pub(super) use keyring_core::Entry;
use zbus_secret_service_keyring_store as secret_service;

/// A connection to the Secret Service, made when it is first wanted and made anew when the service was restarted:
/// a session does not outlive the service that opened it.
#[derive(Clone, Default)]
pub(super) struct Store(Arc<Mutex<Option<Arc<CredentialStore>>>>);

impl Store {
    pub(super) fn with<T>(
        &self,
        service: &str,
        user: &str,
        work: &mut dyn FnMut(&Entry) -> keyring::Result<T>,
    ) -> keyring::Result<T> {
        // The lock is held for a moment only: a call may hang, and the next one must not hang with it.
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(store) = known {
            match work(&store.build(service, user, None)?) {
                Err(keyring::Error::PlatformFailure(_)) => self.renew(),
                answer => return answer,
            }
        }
        let fresh: Arc<CredentialStore> = secret_service::Store::new()?;
        let answer = work(&fresh.build(service, user, None)?);
        if !matches!(answer, Err(keyring::Error::PlatformFailure(_))) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        }
        answer
    }

    /// The next call makes a new connection.
    pub(super) fn renew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
