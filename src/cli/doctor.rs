//! `poppet doctor`: is everything as it should be?

mod folders;

use super::complaint::complain;
use super::context::Context;
use super::exit::Exit;
use super::json::Step;
use super::output::{Paint, is_unicode, terminal_columns};
use super::probe;
use super::progress::Meter;
use super::reindex::so_far;
use super::stop::Stop;
use super::words::{amount, count};
use crate::config::{Config, Keys, Password};
use crate::mail::{AccountId, Kind, Problem, safe};
use crate::store::{self, CheckReport, Store};

/// What of `[keys]` is not used as it stands. The reader says it.
pub type UnusedKeys = fn(&Keys) -> Vec<UnusedKey>;

/// A key that is not used as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedKey {
    /// Line and column, where they are known: 1 for the first.
    pub place: Option<(usize, usize)>,
    /// Why it is not used.
    pub why: String,
    /// The action that was probably meant.
    pub meant: Option<&'static str>,
}

pub(super) async fn doctor(
    context: &Context,
    offline: bool,
    unused_keys: UnusedKeys,
) -> Result<Exit, Stop> {
    let mut visit = Visit {
        context,
        exit: None,
    };
    let config = visit.configuration()?;
    if let Some(config) = &config {
        visit.keys(&unused_keys(&config.keys))?;
    }
    let store = if visit.folders()? {
        visit.store(config.as_ref()).await?
    } else {
        None
    };
    if let Some(config) = &config {
        visit.mirror(config)?;
    }
    visit.keyring(config.as_ref()).await?;
    visit.terminal()?;
    if let (Some(config), Some(store), false) = (config, store, offline) {
        visit.servers(config, store).await?;
    }
    Ok(visit.exit.unwrap_or_default())
}

struct Visit<'a> {
    context: &'a Context,
    /// What the first failure makes of the exit status.
    exit: Option<Exit>,
}

impl Visit<'_> {
    fn configuration(&mut self) -> Result<Option<Config>, Stop> {
        let file = self.context.paths.config.display().to_string();
        match self.context.config() {
            Ok(config) if !self.context.paths.config.exists() => {
                self.warn(
                    "configuration",
                    &format!("there is no {file} yet"),
                    "Set up an account: `poppet account add`.",
                )?;
                Ok(Some(config))
            }
            Ok(config) => {
                self.well(
                    "configuration",
                    &format!("{file}, {}", count(config.accounts.len() as u64, "account")),
                )?;
                Ok(Some(config))
            }
            Err(problem) => {
                self.fail("configuration", &problem)?;
                Ok(None)
            }
        }
    }

    /// The reader starts all the same and tells it, for whoever mistypes a key still wants to read mail.
    fn keys(&mut self, unused: &[UnusedKey]) -> Result<(), Stop> {
        let file = self.context.paths.config.display().to_string();
        for key in unused {
            let what = match key.place {
                Some((line, column)) => {
                    format!("{file} has a mistake in line {line}, column {column}")
                }
                None => format!("{file} has a mistake under [keys]"),
            };
            let in_force = "The other keys are in force.";
            let remedy = match key.meant {
                Some(name) => format!("Did you mean {name}? {in_force}"),
                None => format!("Correct it under [keys]. {in_force}"),
            };
            let problem = Problem::new(Kind::Config, what, key.why.as_str(), remedy);
            self.fail("keys", &problem)?;
        }
        Ok(())
    }

    async fn store(&mut self, config: Option<&Config>) -> Result<Option<Store>, Stop> {
        // Where nothing is, nothing is made only to look at it.
        let needed = config.is_some_and(|config| !config.accounts.is_empty());
        if !needed && !self.context.paths.store().exists() {
            return Ok(None);
        }
        let store = match Store::open_or_view(&self.context.paths.store()) {
            Ok(store) => store,
            Err(error) => {
                let again = "a sync fetches again what the servers still have";
                let remedy = format!(
                    "Move {} away, with those beside it whose names begin so, or put a backup in its place: {again}.",
                    self.context.paths.store().display()
                );
                self.fail("integrity", &in_its_place(error, remedy))?;
                return Ok(None);
            }
        };
        if let Some(why) = store.view_only() {
            self.fail("writing", &why.problem())?;
        }
        let meter = Meter::new(&self.context.global);
        let pending = store.check(move |done, total| {
            if done % 256 == 0 {
                meter.show(&format!("checking messages {done}/{total}"));
            }
        });
        let report = pending.await;
        meter.clear();
        match report {
            Ok(report) if report.is_sound() => {
                let (messages, whole) = (count(report.messages, "message"), report.full);
                let detail = format!(
                    "{messages}, {whole} whole and as received, {} on the disk",
                    amount(report.file)
                );
                self.well("integrity", &detail)?;
            }
            Ok(report) => {
                // From here on they count as not here: a sync downloads them again.
                let marked = store.mark_damaged(report.damaged.clone()).await;
                let rows = store.summaries(report.damaged.clone()).await;
                let again = rows.map_or(0, |rows| {
                    rows.iter().filter(|row| row.server.is_there()).count()
                });
                self.fail("integrity", &damaged(&report, again as u64))?;
                if let Err(error) = marked {
                    self.fail("integrity", &in_its_place(error, EXPORT.to_owned()))?;
                }
            }
            Err(error) => self.fail("integrity", &in_its_place(error, EXPORT.to_owned()))?,
        }
        // A store whose messages cannot be read has been told about.
        if let Ok(Some(state)) = store.reindexing().await {
            let detail = format!(
                "the index is being built anew ({}); searches find less",
                so_far(&state)
            );
            let remedy = "`poppet doctor --reindex` finishes it; so do `poppet sync`, and the reader while it is open.";
            self.warn("search", &detail, remedy)?;
        }
        // Asking a server needs a store that keeps what it says.
        Ok(store.view_only().is_none().then_some(store))
    }

    async fn keyring(&mut self, config: Option<&Config>) -> Result<(), Stop> {
        let needed = config.is_some_and(|config| {
            config
                .accounts
                .iter()
                .any(|account| account.pop3.password == Password::Keyring)
        });
        match self.context.secrets.keyring_status().await {
            Ok(()) => self.well("keyring", "keeps and gives"),
            Err(error) if needed => self.fail("keyring", &error.into()),
            Err(error) => self.warn(
                "keyring",
                &format!("{error}; no account needs it"),
                &error.remedy(),
            ),
        }
    }

    fn terminal(&mut self) -> Result<(), Stop> {
        let out = self.context.out;
        if !out.terminal {
            return self.well("terminal", "none: the output goes to a pipe or a file");
        }
        let name = std::env::var("TERM").unwrap_or_default();
        let letters = if is_unicode() {
            "UTF-8"
        } else {
            "ASCII (the locale names no UTF-8)"
        };
        let colors = match std::env::var("COLORTERM") {
            Ok(depth) if matches!(depth.as_str(), "truecolor" | "24bit") => "all colours",
            _ if name.contains("256") => "256 colours",
            _ => "basic colours",
        };
        let detail = format!(
            "{}, {} columns, {letters}, {colors}",
            safe::line(&name),
            terminal_columns()
        );
        if name.is_empty() || name == "dumb" {
            return self.warn(
                "terminal",
                &detail,
                "The reader needs a terminal that can move its cursor: look at TERM.",
            );
        }
        self.well("terminal", &detail)
    }

    async fn servers(&mut self, config: Config, store: Store) -> Result<(), Stop> {
        let accounts = config.accounts.clone();
        let mut desk = self.context.desk(config, store);
        let mut results: Vec<Result<bool, Problem>> = Vec::new();
        for account in &accounts {
            self.context
                .out
                .remark(&self.context.out.paint(Paint::Bold, account.id.as_str()))?;
            match probe::configured(self.context, &mut desk, account).await {
                Ok(()) => results.push(Ok(true)),
                Err(Stop::Problem(problem)) => {
                    self.failed(Some(&account.id), "server", &problem)?;
                    results.push(Err(problem));
                }
                Err(stop) => return Err(stop),
            }
        }
        let exit = Exit::of_accounts(results.iter().map(|result| result.as_ref().copied()));
        self.exit = self.exit.or(Some(exit).filter(|exit| *exit != Exit::Done));
        desk.close().await
    }

    fn well(&self, check: &str, detail: &str) -> Result<(), Stop> {
        self.tell(None, (check, "ok", detail), None, Paint::Green)
    }

    fn warn(&self, check: &str, detail: &str, remedy: &str) -> Result<(), Stop> {
        self.tell(
            None,
            (check, "warning", detail),
            Some(remedy),
            Paint::Yellow,
        )
    }

    fn fail(&mut self, check: &str, problem: &Problem) -> Result<(), Stop> {
        self.exit = self.exit.or(Some(problem.kind.into()));
        self.failed(None, check, problem)
    }

    fn failed(
        &self,
        account: Option<&AccountId>,
        check: &str,
        problem: &Problem,
    ) -> Result<(), Stop> {
        if self.context.out.json {
            let detail = format!("{}: {}", problem.what, problem.why);
            return self.tell(
                account,
                (check, "failed", &detail),
                Some(&problem.remedy),
                Paint::Red,
            );
        }
        let out = self.context.out;
        out.line(&format!("{}  {check}", out.paint(Paint::Red, "no")))?;
        complain(&self.context.global, account, problem);
        Ok(())
    }

    fn tell(
        &self,
        account: Option<&AccountId>,
        (check, status, detail): (&str, &'static str, &str),
        remedy: Option<&str>,
        paint: Paint,
    ) -> Result<(), Stop> {
        let out = self.context.out;
        let detail = safe::line(detail);
        if out.json {
            let account = account.map(AccountId::as_str);
            return out.object(&Step {
                check,
                account,
                status,
                detail: &detail,
                remedy,
            });
        }
        let mark = if status == "ok" { "ok" } else { "!!" };
        let head = format!("{}  {check:13} ", out.paint(paint, mark));
        out.hanging(&head, 18, None, &detail)?;
        match remedy {
            Some(remedy) => {
                let head = " ".repeat(18);
                out.hanging(&head, 18, Some(Paint::Dim), &safe::line(remedy))
            }
            None => Ok(()),
        }
    }
}

const EXPORT: &str = "Export what is whole (`poppet export --maildir DIR`), then move mail.db away: a sync fetches again what the \
                      servers still have.";

/// The problem with this remedy, where it would send whoever reads it to the doctor.
fn in_its_place(error: store::Error, remedy: String) -> Problem {
    let damage = error.is_damage();
    let problem = Problem::from(error);
    match (problem.remedy.contains("poppet doctor"), damage) {
        (false, _) => problem,
        (true, true) => Problem { remedy, ..problem },
        (true, false) => Problem {
            remedy: LEAVE_IT.to_owned(),
            ..problem
        },
    }
}

/// `again`: how many of the damaged messages a server still has.
fn damaged(report: &CheckReport, again: u64) -> Problem {
    let mut why = report.structure.clone();
    if !report.damaged.is_empty() {
        let numbers: Vec<String> = report
            .damaged
            .iter()
            .take(20)
            .map(ToString::to_string)
            .collect();
        let more = report.damaged.len().saturating_sub(numbers.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        why.push(format!(
            "not as they were received: {}{more}",
            numbers.join(", ")
        ));
    }
    let others = report.damaged.len() as u64 - again.min(report.damaged.len() as u64);
    let remedy = if !report.structure.is_empty() {
        EXPORT.to_owned()
    } else if others == 0 {
        "`poppet sync` downloads them again.".to_owned()
    } else {
        format!(
            "`poppet sync` downloads {again} of them again. No server has the others ({others}): import them from a backup or an export, or read what is left by `poppet show ID`."
        )
    };
    Problem::new(
        Kind::Store,
        if report.structure.is_empty() {
            "Some messages are damaged"
        } else {
            "The mail store is damaged"
        },
        why.join("; "),
        remedy,
    )
}

/// Where the store itself is not at fault.
const LEAVE_IT: &str = "Look at the disk, and whether another program uses the store; leave it where it is and try again.";
