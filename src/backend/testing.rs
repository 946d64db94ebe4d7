//! An account's task for tests: without a keyring, and with a server on loopback.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::account::Account;
use super::errands::Request;
use super::keyring::Keyring;
use super::secrets::Secrets;
use super::settings::Settings;
use crate::bridge::{Board, Event};
use crate::config::Config;
use crate::mail::Secret;
use crate::store::Store;

/// The account `home`, which does nothing by itself, its requests, and what it tells. `set` has the last word on its settings.
pub(super) async fn account(
    folder: &Path,
    store: &Store,
    port: u16,
    set: impl FnOnce(&mut Settings),
) -> (Account, mpsc::Sender<Request>, mpsc::Receiver<Event>) {
    let text = format!(
        "[accounts.home]\nemail = \"sam@demo.example\"\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"demo\"\n"
    );
    let config = Config::parse(&text, &folder.join("config.toml")).unwrap();
    let secrets = Secrets::new(Keyring::new());
    secrets.remember(&config.accounts[0].id, Secret::new("demo".to_owned()));
    let mut settings = Settings::new(&config.accounts[0], folder.to_owned(), (false, true));
    set(&mut settings);
    let (requests, incoming) = mpsc::channel(16);
    let (outgoing, events) = mpsc::channel(256);
    let account = Account::new(
        settings,
        store.clone(),
        Arc::new(secrets),
        None,
        outgoing,
        watch::channel(Board::default()).0,
        incoming,
    );
    (account.await.unwrap(), requests, events)
}
