//! Asking a person for a password while a command runs.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::mail::{AccountId, Secret};

/// How to ask a person for the password of an account. `None` as the answer: nobody is there, or does not want to.
#[derive(Clone)]
pub struct Asker(Arc<Ask>);

type Ask = dyn Fn(AccountId) -> Answer + Send + Sync;
type Answer = Pin<Box<dyn Future<Output = Option<Secret>> + Send>>;

impl Asker {
    /// Asks by calling `ask` and waiting for what it returns.
    pub fn new<F>(ask: impl Fn(AccountId) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Secret>> + Send + 'static,
    {
        Self(Arc::new(move |account| Box::pin(ask(account))))
    }

    pub(super) async fn ask(&self, account: &AccountId) -> Option<Secret> {
        (self.0)(account.clone()).await
    }
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asker")
    }
}
