//! What an account's rule is going to delete, told beside the session under way.

use super::account::Account;
use super::open::failed;
use crate::bridge::{Event, Ticket};
use crate::mail::{Keep, Listed, forecast};

impl Account {
    /// Keeps the listing, where the rule counts from the newest and so cannot be foretold without it.
    pub(super) fn remember(&mut self, listing: &[Listed]) {
        let counts = matches!(self.settings.policy.keep, Keep::Newest(_) | Keep::Size(_));
        self.last_listing = counts.then(|| listing.into());
    }

    /// Answers what the rule does with everything on the server, from what is stored. The session goes on meanwhile.
    pub(super) fn foretell(&self, ticket: Ticket) {
        let (store, events) = (self.store.clone(), self.events.clone());
        let settings = std::sync::Arc::clone(&self.settings);
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
}
