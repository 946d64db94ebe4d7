//! What an account's rule is going to delete, and letting it do so.

use std::path::Path;
use std::sync::Arc;

use super::account::Account;
use super::engine::Dispatcher;
use super::errands::Request;
use super::open::failed;
use crate::bridge::{Event, Ticket};
use crate::config::{Config, ConfigError, edit};
use crate::mail::{AccountId, Keep, Kind, Listed, Problem, RulesDelete, forecast};

impl Account {
    /// Keeps the listing, where the rule counts from the newest and so cannot be foretold without it.
    pub(super) fn remember(&mut self, listing: &[Listed]) {
        let counts = matches!(self.settings.policy.keep, Keep::Newest(_) | Keep::Size(_));
        self.last_listing = counts.then(|| listing.into());
    }

    /// Answers what the rule does with everything on the server, from what is stored. The session goes on meanwhile.
    pub(super) fn foretell(&self, ticket: Ticket) {
        let (store, events) = (self.store.clone(), self.events.clone());
        let settings = Arc::clone(&self.settings);
        let listing = self.last_listing.clone();
        let set_up = self.record.set_up;
        tokio::spawn(async move {
            let event = match store.ledger(&settings.id).await {
                Ok(ledger) => Event::Foretold {
                    ticket,
                    copies: forecast(&ledger, listing.as_deref(), &settings.policy, set_up),
                },
                Err(error) => failed(ticket, error.into()),
            };
            let _ = events.send(event).await;
        });
    }

    /// Takes over that what the rule stages goes by itself.
    pub(super) async fn let_rules_run(&mut self, ticket: Ticket) {
        Arc::make_mut(&mut self.settings).policy.rules_delete = RulesDelete::Auto;
        self.state.retention = self.settings.policy.clone();
        self.tell_state().await;
        self.tell(Event::Done { ticket }).await;
    }
}

impl Dispatcher {
    /// Writes into the configuration that what the account's rule stages goes by itself, and tells the account.
    pub(super) async fn write_rules_run(&mut self, ticket: Ticket, account: &AccountId) {
        let name = account.as_str().to_owned();
        let write = move |path: &Path| {
            let key = ["accounts", &name, "server", "rules_delete"];
            edit::set_key(path, &key, &edit::quoted("auto"))
        };
        let config = self.written(write).await;
        match config {
            Ok(config) => {
                self.options.config = config;
                let request = Request::LetRulesRun(ticket);
                self.request(ticket, account, request).await;
            }
            Err(problem) => self.tell(failed(ticket, problem)).await,
        }
    }

    /// Has a search stand in the configuration, or no longer.
    pub(super) async fn write_search(&mut self, ticket: Ticket, text: String, on: bool) {
        let write = move |path: &Path| edit::keep_in_list(path, "searches", &text, on);
        let event = match self.written(write).await {
            Ok(config) => {
                self.options.config = config;
                Event::Done { ticket }
            }
            Err(problem) => failed(ticket, problem),
        };
        self.tell(event).await;
    }

    /// Writes something into the configuration, and reads it again.
    async fn written(
        &self,
        write: impl FnOnce(&Path) -> Result<(), ConfigError> + Send + 'static,
    ) -> Result<Config, Problem> {
        let path = self.options.config_file.clone();
        let written = tokio::task::spawn_blocking(move || {
            write(&path)?;
            Config::load(&path)
        });
        match written.await {
            Ok(config) => config.map_err(Problem::from),
            Err(error) => Err(Problem::new(
                Kind::Config,
                "The configuration was not written",
                error.to_string(),
                "Try again.",
            )),
        }
    }
}
