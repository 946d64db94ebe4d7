//! What a command works with.

use std::sync::Arc;

use super::args::Global;
use super::ask;
use super::complaint::mention;
use super::desk::Desk;
use super::output::Output;
use super::stop::Stop;
use crate::backend::keyring::Keyring;
use crate::backend::secrets::Secrets;
use crate::backend::{Engine, Options};
use crate::config::{self, Account, Config, Paths};
use crate::mail::{AccountId, Kind, Problem};
use crate::store::Store;

/// Options, places and output of a command. Configuration and store are opened when they are asked for.
#[derive(Debug)]
pub struct Context {
    pub(super) global: Global,
    /// Where the files lie.
    pub paths: Paths,
    pub(super) out: Output,
    pub(super) secrets: Arc<Secrets>,
}

impl Context {
    /// Finds out where the files lie.
    #[expect(
        clippy::result_large_err,
        reason = "once in a run, and the options are needed to tell it"
    )]
    pub fn new(global: Global) -> Result<Self, (Global, Problem)> {
        match Paths::new(global.config.clone(), global.data_dir.clone()) {
            Ok(paths) => Ok(Self {
                out: Output::new(&global),
                global,
                paths,
                secrets: Arc::new(Secrets::new(Keyring::new())),
            }),
            Err(error) => {
                let problem = Problem::new(
                    Kind::Config,
                    "poppet does not know where its files lie",
                    "there is no home folder",
                    error
                        .to_string()
                        .rsplit_once(": ")
                        .map_or_else(String::new, |(_, remedy)| remedy.to_owned()),
                );
                Err((global, problem))
            }
        }
    }

    /// Where passwords come from.
    pub fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }

    /// The configuration; an empty one when there is no file, be it named or not. For what makes one.
    pub fn config_or_none(&self) -> Result<Config, Problem> {
        Config::load(&self.paths.config).map_err(Problem::from)
    }

    /// The configuration; an empty one when there is no file. Whoever names one means that one.
    pub(super) fn config(&self) -> Result<Config, Problem> {
        let config = self.config_or_none()?;
        if self.global.config.is_some() && !self.paths.config.exists() {
            return Err(self.misnamed());
        }
        Ok(config)
    }

    /// The configuration, which must have an account.
    pub(super) fn accounts(&self) -> Result<Config, Problem> {
        let config = self.config()?;
        if config.accounts.is_empty() {
            return Err(self.no_account());
        }
        Ok(config)
    }

    /// The store, which is made if there is none.
    pub fn store(&self) -> Result<Store, Problem> {
        Store::open(&self.paths.store()).map_err(Problem::from)
    }

    /// The store for a command that can do something with one that cannot be written; the person is told then.
    pub(super) fn store_or_view(&self) -> Result<Store, Problem> {
        let store = Store::open_or_view(&self.paths.store())?;
        self.mention_view(&store);
        Ok(store)
    }

    fn mention_view(&self, store: &Store) {
        if let Some(why) = store.view_only() {
            let problem = why.problem();
            let remark = format!("{}: {}. {}", problem.what, problem.why, problem.remedy);
            mention(&self.global, &remark);
        }
    }

    /// The store for a command that reads what is there: without an account and a store, there is nothing to begin with.
    pub(super) fn stored(&self) -> Result<(Config, Store), Problem> {
        let (config, store) = self.stored_to_change()?;
        self.mention_view(&store);
        Ok((config, store))
    }

    /// The same for a command that changes what is there: of a store that cannot be written its own failure tells.
    pub(super) fn stored_to_change(&self) -> Result<(Config, Store), Problem> {
        let config = self.config()?;
        if config.accounts.is_empty() && !self.paths.store().exists() {
            return Err(self.no_account());
        }
        let store = Store::open_or_view(&self.paths.store())?;
        // Mail of accounts that are gone from the configuration can still be read.
        if config.accounts.is_empty() && store.accounts().wait()?.is_empty() {
            return Err(self.no_account());
        }
        Ok((config, store))
    }

    /// An engine on this store. It checks nothing by itself.
    pub(super) fn desk(&self, config: Config, store: Store) -> Desk {
        let options = Options {
            config,
            config_file: self.paths.config.clone(),
            store: store.clone(),
            locks: self.paths.data_dir.join("locks"),
            secrets: Arc::clone(&self.secrets),
            asker: ask::asker(),
            automatic: false,
            watched: false,
        };
        Desk::new(Engine::start(options), store)
    }

    fn misnamed(&self) -> Problem {
        let file = self.paths.config.display();
        Problem::new(
            Kind::Config,
            format!("There is no configuration {file}"),
            "--config or POPPET_CONFIG names it, and there is no such file",
            "Correct the name, or leave it out for the usual place. `poppet account add` makes one.",
        )
    }

    fn no_account(&self) -> Problem {
        let file = self.paths.config.display();
        let why = if self.paths.config.exists() {
            format!("{file} names none")
        } else {
            format!("there is no {file}")
        };
        Problem::new(
            Kind::Config,
            "No account is set up yet",
            why,
            "Set one up: `poppet account add`. Or have a look first, without any: `poppet demo`.",
        )
    }
}

/// The accounts of these names, all when there are none, in the order of the configuration.
pub(super) fn chosen(config: &Config, names: &[AccountId]) -> Result<Vec<Account>, Stop> {
    for name in names {
        known(config, name)?;
    }
    let wanted = |account: &&Account| names.is_empty() || names.contains(&account.id);
    Ok(config.accounts.iter().filter(wanted).cloned().collect())
}

/// The account of this name.
pub(super) fn known<'a>(config: &'a Config, name: &AccountId) -> Result<&'a Account, Problem> {
    config.account(name).ok_or_else(|| {
        no_such(
            name.as_str(),
            config.accounts.iter().map(|account| account.id.as_str()),
        )
    })
}

/// There is no account of this name, but these.
pub(super) fn no_such<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Problem {
    let all: Vec<&str> = names.clone().collect();
    let why = match all.as_slice() {
        [] => "no account is set up yet".to_owned(),
        [one] => format!("the only account is {one}"),
        all => format!("the accounts are {}", all.join(", ")),
    };
    let remedy = match config::nearest(name, names) {
        Some(near) => format!("Did you mean {near}?"),
        None if all.is_empty() => "Set one up: `poppet account add`.".to_owned(),
        None => "`poppet account list` shows them; `poppet account add` sets one up.".to_owned(),
    };
    Problem::new(
        Kind::Config,
        format!("There is no account \"{name}\""),
        why,
        remedy,
    )
}
