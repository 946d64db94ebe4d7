//! Where passwords come from: a command that the person named, the keyring, or the person.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::keyring::{Keyring, KeyringError, OTHER_WAYS};
use crate::config::{Account, Password};
use crate::mail::{AccountId, Kind, Problem, Retry, Secret};

/// Passwords, and what of them is remembered until poppet ends.
pub struct Secrets {
    keyring: Keyring,
    session: Mutex<HashMap<AccountId, Secret>>,
    command_limit: Duration,
}

/// A password, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The password.
    pub secret: Secret,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a password came from, which decides what a refused login means for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Remembered since poppet started. It may be stale: after a refusal, [`Secrets::forget`] it and ask again once.
    Session,
    /// Printed by the account's command just now.
    Command,
    /// In the keyring.
    Keyring,
    /// Given by the person just now.
    Asked,
}

/// Why a person is asked for a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The account says so.
    Configured,
    /// The keyring has none.
    NotSaved,
    /// The keyring cannot be used.
    NoKeyring(KeyringError),
}

impl Secrets {
    /// With this keyring.
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            session: Mutex::default(),
            command_limit: COMMAND_LIMIT,
        }
    }

    /// The same with another time limit for commands.
    #[must_use]
    pub fn with_command_limit(mut self, limit: Duration) -> Self {
        self.command_limit = limit;
        self
    }

    /// The password of an account: what is remembered, otherwise what its command prints or its keyring holds, otherwise
    /// what `ask` gives. `ask` gives `None` when nobody is there, or does not want to.
    ///
    /// A command that fails is a problem, and nothing else is tried: another password than the one the person arranged
    /// for might lock the mailbox. A command for an access token runs each time, because tokens do not last.
    pub async fn password<F>(
        &self,
        account: &Account,
        ask: impl FnOnce(Why) -> F,
    ) -> Result<Found, Problem>
    where
        F: Future<Output = Option<Secret>>,
    {
        let id = &account.id;
        if let Some(secret) = self.remembered().get(id).cloned() {
            return Ok(Found {
                secret,
                origin: Origin::Session,
            });
        }
        let why = match &account.pop3.password {
            Password::Command(words) => {
                let secret = run(words, self.command_limit)
                    .await
                    .map_err(|error| error.problem(id, words))?;
                if !account.pop3.auth.takes_token() {
                    self.remember(id, secret.clone());
                }
                return Ok(Found {
                    secret,
                    origin: Origin::Command,
                });
            }
            Password::Keyring => match self.keyring.password(id).await {
                Ok(Some(secret)) => {
                    self.remember(id, secret.clone());
                    return Ok(Found {
                        secret,
                        origin: Origin::Keyring,
                    });
                }
                Ok(None) => Why::NotSaved,
                Err(error) => Why::NoKeyring(error),
            },
            Password::Ask => Why::Configured,
        };
        match ask(why.clone()).await.filter(|secret| !secret.is_empty()) {
            Some(secret) => {
                self.remember(id, secret.clone());
                Ok(Found {
                    secret,
                    origin: Origin::Asked,
                })
            }
            None => Err(nobody(id, why)),
        }
    }

    /// The first line that a command prints, for an account that is not configured yet.
    pub async fn printed(&self, account: &AccountId, words: &[String]) -> Result<Secret, Problem> {
        run(words, self.command_limit)
            .await
            .map_err(|error| error.problem(account, words))
    }

    /// Keeps a password in the keyring, and remembers it in any case. Only `Ok` means that it is saved.
    pub async fn store(&self, account: &AccountId, password: &Secret) -> Result<(), Problem> {
        self.remember(account, password.clone());
        self.keyring
            .store(account, password)
            .await
            .map_err(|error| {
                Problem::new(
                    Kind::Login,
                    format!("The password of {account} was not saved"),
                    error.to_string(),
                    error.remedy(),
                )
            })
    }

    /// Forgets a password, also in the keyring; says whether the keyring had it.
    pub async fn clear(&self, account: &AccountId) -> Result<bool, Problem> {
        self.forget(account);
        Ok(self.keyring.clear(account).await?)
    }

    /// Remembers a password until poppet ends.
    pub fn remember(&self, account: &AccountId, password: Secret) {
        self.remembered().insert(account.clone(), password);
    }

    /// Forgets what is remembered; the keyring keeps what it has. For a login that was refused because of the password.
    pub fn forget(&self, account: &AccountId) {
        self.remembered().remove(account);
    }

    /// Whether the keyring keeps and gives; for `doctor`.
    pub async fn keyring_status(&self) -> Result<(), KeyringError> {
        self.keyring.probe().await
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<AccountId, Secret>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("keyring", &self.keyring)
            .field("remembered", &self.remembered().len())
            .finish_non_exhaustive()
    }
}

/// What the reader is told of an account whose password is kept nowhere: it asks for it.
pub(super) fn wanted(account: &AccountId) -> Problem {
    Problem::new(
        Kind::Login,
        format!("The password for {account} is asked for at each start"),
        "poppet keeps it nowhere, as the configuration says (password = \"ask\")",
        "^r asks for it again. Until then all that was downloaded can be read.",
    )
    .with_retry(Retry::WithPassword)
}

fn nobody(account: &AccountId, why: Why) -> Problem {
    let what = format!("There is no password for {account}");
    match why {
        Why::Configured => Problem::new(
            Kind::Login,
            what,
            "the account says that it is asked for, and none was given",
            format!(
                "Run poppet in a terminal. Where nobody is at one, take it from a command: \
                 password = {{ command = [\"pass\", \"show\", \"mail\"] }}. Or keep it: password = \"keyring\" and \
                 `poppet password set {account}`."
            ),
        ),
        Why::NotSaved => Problem::new(
            Kind::Login,
            what,
            "the keyring has none, and none was given",
            format!("Save it with `poppet password set {account}`. {OTHER_WAYS}"),
        ),
        Why::NoKeyring(error) => Problem::new(
            Kind::Login,
            what,
            format!("{error}, and none was given"),
            error.remedy(),
        ),
    }
}

/// The first line that the command prints, without its line end.
///
/// It runs without a shell and without standard input. Its output is read to the end, so that it does not die of a closed
/// pipe, but at most [`MOST_OUTPUT`] octets are kept.
async fn run(words: &[String], limit: Duration) -> Result<Secret, CommandError> {
    let (program, arguments) = words.split_first().ok_or(CommandError::Empty)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(CommandError::Start)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut printed, mut complaint) = (Vec::new(), Vec::new());
    let ended = {
        let drain = async {
            tokio::join!(
                collect(stdout, &mut printed),
                collect(stderr, &mut complaint)
            );
        };
        tokio::pin!(drain);
        tokio::time::timeout(limit, async {
            tokio::select! {
                () = &mut drain => child.wait().await,
                status = child.wait() => {
                    // What it left running in the background may hold the pipes open for ever.
                    let _open = tokio::time::timeout(AFTERWARDS, &mut drain).await;
                    status
                }
            }
        })
        .await
    };
    let status = ended
        .map_err(|_| CommandError::TooSlow(limit))?
        .map_err(CommandError::Start)?;
    let secret = first_line(&printed);
    if !status.success() {
        return Err(CommandError::Failed {
            status,
            complaint: quoted(&complaint, secret.ok().as_ref()),
        });
    }
    let secret = secret?;
    if secret.is_empty() {
        return Err(CommandError::Nothing(quoted(&complaint, None)));
    }
    Ok(secret)
}

fn first_line(printed: &[u8]) -> Result<Secret, CommandError> {
    let line = printed
        .split(|octet| *octet == b'\n')
        .next()
        .unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| CommandError::NotText)?;
    Ok(Secret::new(text.to_owned()))
}

/// Reads to the end and keeps the beginning.
async fn collect(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        let room = MOST_OUTPUT.saturating_sub(kept.len());
        kept.extend_from_slice(chunk.get(..count.min(room)).unwrap_or_default());
    }
}

/// What a command complained of, safe to show: its last lines, short, without control characters, and without the secret
/// in case it printed that as well.
fn quoted(complaint: &[u8], secret: Option<&Secret>) -> String {
    let text = String::from_utf8_lossy(complaint);
    let text = match secret {
        Some(secret) if !secret.is_empty() => text.replace(secret.expose(), "***"),
        _ => text.into_owned(),
    };
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines
        .get(lines.len().saturating_sub(3)..)
        .unwrap_or_default()
        .join(" / ");
    last.chars()
        .map(|c| {
            let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
            if c.is_control() || hidden { '\u{fffd}' } else { c }
        })
        .take(MOST_QUOTED)
        .collect()
}

#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error("it names no program")]
    Empty,
    #[error("{0}")]
    Start(io::Error),
    #[error("it took longer than {} seconds", .0.as_secs())]
    TooSlow(Duration),
    #[error("it ended with {status}{}", said(.complaint))]
    Failed {
        status: ExitStatus,
        complaint: String,
    },
    #[error("it printed nothing{}", said(.0))]
    Nothing(String),
    #[error("what it printed is not UTF-8")]
    NotText,
}

impl CommandError {
    /// Names the program only: its arguments may be nobody else's business.
    fn problem(&self, account: &AccountId, words: &[String]) -> Problem {
        let program = quoted(words.first().map_or(&[][..], String::as_bytes), None);
        let why = match self {
            Self::Start(error) if error.kind() == io::ErrorKind::NotFound => {
                format!("there is no program {program}")
            }
            other => format!("{program}: {other}"),
        };
        Problem::new(
            Kind::Login,
            format!("The password command of {account} failed"),
            why,
            "Run the command in a terminal and see what it says: the first line that it prints is the password. \
             Or use the keyring (password = \"keyring\"), or have poppet ask (password = \"ask\").",
        )
    }
}

fn said(complaint: &str) -> String {
    if complaint.is_empty() {
        String::new()
    } else {
        format!(", and said: {complaint}")
    }
}

const COMMAND_LIMIT: Duration = Duration::from_mins(1);
/// How long what a command printed is waited for after its end.
const AFTERWARDS: Duration = Duration::from_millis(500);
/// Octets that are kept of each stream of a command.
const MOST_OUTPUT: usize = 64 * 1024;
/// Characters that are quoted of a complaint.
const MOST_QUOTED: usize = 300;

#[cfg(all(test, unix))]
#[path = "secrets_tests.rs"]
mod tests;
