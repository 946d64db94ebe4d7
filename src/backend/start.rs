//! Starting the engine: what it needs, and the ends of the bridge that it gives.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::asker::Asker;
use super::collect::Collector;
use super::engine::{COMMANDS, Dispatcher};
use super::haste::Haste;
use super::secrets::Secrets;
use crate::bridge::{Board, Command, Event};
use crate::config::Config;
use crate::store::Store;

/// What an engine needs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The accounts and their settings.
    pub config: Config,
    /// The file that new accounts are written to.
    pub config_file: PathBuf,
    /// Where mail is kept.
    pub store: Store,
    /// Folder for the locks that keep two processes off one server.
    pub locks: PathBuf,
    /// Where passwords come from.
    pub secrets: Arc<Secrets>,
    /// How a person is asked for a password that is kept nowhere; `None` when nobody can be.
    pub asker: Option<Asker>,
    /// Whether accounts check for mail by themselves, at the start and as often as they are configured to, and a search index
    /// whose building was stopped is completed meanwhile.
    pub automatic: bool,
    /// Whether somebody looks at a list meanwhile: then header blocks come first, and otherwise, where it can be told that a
    /// message is new, the whole of it at once.
    pub watched: bool,
}

/// The two ends of the bridge that the screen, or a command, holds. The engine ends when the commands are dropped and its
/// work is done.
#[derive(Debug)]
pub struct Engine {
    /// Where intents go.
    pub commands: mpsc::Sender<Command>,
    /// Where truths come from.
    pub events: mpsc::Receiver<Event>,
    /// How far the work is.
    pub board: watch::Receiver<Board>,
}

impl Engine {
    /// Starts the engine on the current runtime.
    pub fn start(options: Options) -> Self {
        Self::start_in_haste(options, Haste::default())
    }

    /// The same, less patient with its servers than anybody wants who is not testing it.
    pub fn start_in_haste(options: Options, haste: Haste) -> Self {
        if options.watched {
            options.store.stand_back();
        }
        let (commands, incoming) = mpsc::channel(COMMANDS);
        let (outgoing, events) = mpsc::channel(EVENTS);
        let (parts, told) = mpsc::channel(EVENTS);
        let collector = Collector::default();
        tokio::spawn(collector.clone().run(told, outgoing));
        let (board, progress) = watch::channel(Board::default());
        tokio::spawn(Dispatcher::new(options, haste, parts, collector, board).run(incoming));
        Self {
            commands,
            events,
            board: progress,
        }
    }
}

/// An event may carry the rows of a whole batch, so that a queue of many would be a queue of megabytes.
const EVENTS: usize = 16;
