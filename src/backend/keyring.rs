//! The keyring of the operating system: the Secret Service on Linux, the Keychain on macOS, the Credential Manager on
//! Windows.
//!
//! Its calls block, and may block for ever when a dialog waits for somebody who is not there. Each runs on a thread of
//! its own, with a time limit: a thread that hangs is left behind and does not keep the program from ending.

#[cfg_attr(target_os = "linux", path = "keyring/platform_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "keyring/platform_other.rs")]
mod platform;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::mail::{AccountId, Kind, Problem, Secret};

/// The entries of one service in the keyring.
#[derive(Clone)]
pub struct Keyring {
    service: Arc<str>,
    limit: Duration,
    store: platform::Store,
    hanging: Arc<AtomicUsize>,
}

/// Why the keyring gave or took nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is no session bus to reach a keyring by, as over ssh, in cron and in containers.
    #[error("there is no session bus")]
    NoBus,
    /// No program offers a keyring.
    #[error("no keyring is running")]
    NoService,
    /// It is locked, and nobody unlocked it.
    #[error("the keyring is locked")]
    Locked,
    /// It runs, but no keyring was ever made in it.
    #[error("no keyring has been set up yet")]
    NotSetUp,
    /// It did not answer in time: it hangs, or a dialog waits for an answer.
    #[error("the keyring did not answer within {} seconds", .0.as_secs())]
    Silent(Duration),
    /// It holds so many entries under one name.
    #[error("the keyring holds {0} entries of this name")]
    Ambiguous(usize),
    /// What it holds is no text.
    #[error("what the keyring holds is no text")]
    NotText,
    /// It takes no password of this kind: too long, or empty.
    #[error("the keyring does not take this password: {0}")]
    Unfit(String),
    /// Something else.
    #[error("the keyring failed: {0}")]
    Other(String),
}

impl KeyringError {
    /// What can be done about it; always names the two other ways to give a password.
    pub fn remedy(&self) -> String {
        let first = match self {
            Self::NoBus => {
                "Log in to a desktop session, or run poppet under dbus-run-session with a keyring."
            }
            Self::NoService => "Start a keyring such as gnome-keyring, KWallet or KeePassXC.",
            Self::Locked => "Unlock the keyring.",
            Self::NotSetUp => "Make a keyring named \"login\" with your keyring program.",
            Self::Silent(_) => {
                "Answer the keyring's dialog if one is open, or restart the keyring."
            }
            Self::Ambiguous(_) => "Delete all but one in your keyring program.",
            Self::NotText => "Save the password again: poppet password set NAME.",
            Self::Unfit(_) => "Take a shorter password or token.",
            Self::Other(_) => "Look at it with: poppet doctor.",
        };
        format!("{first} {OTHER_WAYS}")
    }
}

impl From<KeyringError> for Problem {
    fn from(error: KeyringError) -> Self {
        Self::new(
            Kind::Login,
            "The keyring cannot be used",
            error.to_string(),
            error.remedy(),
        )
    }
}

impl Keyring {
    /// poppet's own entries. With a display, a person gets time to unlock the keyring.
    pub fn new() -> Self {
        Self::of(SERVICE, if has_display() { PATIENCE } else { LIMIT })
    }

    /// The entries of another service, with another time limit for each call.
    pub fn of(service: &str, limit: Duration) -> Self {
        Self {
            service: service.into(),
            limit,
            store: platform::Store::default(),
            hanging: Arc::default(),
        }
    }

    /// The password of this account; `None` when the keyring is usable but has none.
    pub async fn password(&self, account: &AccountId) -> Result<Option<Secret>, KeyringError> {
        let found = self
            .call(account, |entry| match entry.get_password() {
                Ok(text) => Ok(Some(Secret::new(text))),
                Err(keyring::Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            })
            .await?;
        Ok(found.filter(|secret| !secret.is_empty()))
    }

    /// Keeps a password. Only when this has succeeded is it saved.
    pub async fn store(&self, account: &AccountId, password: &Secret) -> Result<(), KeyringError> {
        let password = password.clone();
        self.call(account, move |entry| entry.set_password(password.expose()))
            .await
    }

    /// Forgets the password; says whether there was one.
    pub async fn clear(&self, account: &AccountId) -> Result<bool, KeyringError> {
        self.call(account, |entry| match entry.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring::Error::NoEntry) => Ok(false),
            Err(error) => Err(error),
        })
        .await
    }

    /// Whether it keeps and gives: writes an entry that is nobody's, reads it back and deletes it. May open the dialog
    /// that unlocks the keyring.
    pub async fn probe(&self) -> Result<(), KeyringError> {
        // Two probes at a time, also of two processes, must not meet in one entry.
        let turn = PROBES.fetch_add(1, Ordering::Relaxed);
        let user = format!("{PROBE}-{}-{turn}", std::process::id());
        self.call_user(user, |entry| {
            entry.set_password(PROBE)?;
            let back = entry.get_password();
            entry.delete_credential()?;
            back
        })
        .await
        .and_then(|back| {
            if back == PROBE {
                Ok(())
            } else {
                Err(KeyringError::Other(
                    "it gave back something else than it was given".to_owned(),
                ))
            }
        })
    }

    async fn call<T: Send + 'static>(
        &self,
        account: &AccountId,
        work: impl FnMut(&platform::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, KeyringError> {
        self.call_user(format!("{account}/pop3"), work).await
    }

    async fn call_user<T: Send + 'static>(
        &self,
        user: String,
        mut work: impl FnMut(&platform::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, KeyringError> {
        // Each thread that hangs may come back when the keyring does; a pile of them helps nobody.
        if self.hanging.load(Ordering::SeqCst) >= MOST_HANGING {
            return Err(KeyringError::Silent(self.limit));
        }
        let (send, mut receive) = oneshot::channel();
        let (store, service) = (self.store.clone(), Arc::clone(&self.service));
        let (late, hanging) = (Arc::new(AtomicBool::new(false)), Arc::clone(&self.hanging));
        let given_up = Arc::clone(&late);
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                let answer = store.with(&service, &user, &mut work).map_err(explain);
                if send.send(answer).is_err() && given_up.load(Ordering::SeqCst) {
                    hanging.fetch_sub(1, Ordering::SeqCst);
                }
            })
            .map_err(|error| KeyringError::Other(error.to_string()))?;
        match tokio::time::timeout(self.limit, &mut receive).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(KeyringError::Other("its library broke down".to_owned())),
            Err(_) => {
                // In this order the thread counts itself out if, and only if, it was counted in and comes too late.
                self.hanging.fetch_add(1, Ordering::SeqCst);
                late.store(true, Ordering::SeqCst);
                receive.close();
                if let Ok(answer) = receive.try_recv() {
                    self.hanging.fetch_sub(1, Ordering::SeqCst);
                    return answer;
                }
                self.store.renew();
                Err(KeyringError::Silent(self.limit))
            }
        }
    }
}

impl Default for Keyring {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("service", &self.service)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// What an error of the keyring's library means. The library tells many situations apart in its words only.
fn explain(error: keyring::Error) -> KeyringError {
    use keyring::Error;
    match error {
        Error::NoDefaultStore => KeyringError::NoService,
        Error::NoStorageAccess(cause) => {
            let words = cause.to_string();
            if words.contains("result not returned") {
                KeyringError::NotSetUp
            } else {
                KeyringError::Locked
            }
        }
        Error::PlatformFailure(cause) => failure(&cause.to_string()),
        Error::Ambiguous(entries) => KeyringError::Ambiguous(entries.len()),
        // These carry what was found, which may be the password: only the variant is looked at.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyringError::NotText,
        Error::TooLong(_, most) => {
            KeyringError::Unfit(format!("it is longer than {most} characters"))
        }
        Error::Invalid(_, reason) => KeyringError::Unfit(plain(&reason)),
        Error::BadStoreFormat(reason) | Error::NotSupportedByStore(reason) => {
            KeyringError::Other(plain(&reason))
        }
        _ => KeyringError::Other("its library reports an error of a new kind".to_owned()),
    }
}

fn failure(words: &str) -> KeyringError {
    let has = |part: &str| words.contains(part);
    if has("ServiceUnknown")
        || has("not provided by any .service")
        || has("no secret service provider")
    {
        KeyringError::NoService
    } else if has("Failed to connect to address")
        || has("DBUS_SESSION_BUS_ADDRESS")
        || has("No such file or directory")
        || has("Connection refused")
    {
        KeyringError::NoBus
    } else if has("IsLocked") || has("object locked") {
        KeyringError::Locked
    } else {
        KeyringError::Other(plain(words))
    }
}

/// The words on one line, short, and without anything that plays with a terminal.
fn plain(words: &str) -> String {
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect()
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

const SERVICE: &str = "poppet";
static PROBES: AtomicUsize = AtomicUsize::new(0);
/// How the user of the entry begins that [`Keyring::probe`] writes. No account is called so: a name holds no `/`.
const PROBE: &str = "doctor/probe";
/// For one call, with nobody to answer a dialog.
const LIMIT: Duration = Duration::from_secs(8);
/// For one call, with a dialog that a person may have to answer.
const PATIENCE: Duration = Duration::from_mins(1);
const MOST_HANGING: usize = 4;
pub(super) const OTHER_WAYS: &str = "Or have poppet ask each time (password = \"ask\"), or run a command (password = { command = [\"pass\", \"show\", \"mail\"] }).";

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(words: &str) -> Box<dyn std::error::Error + Send + Sync> {
        words.into()
    }

    #[test]
    fn each_situation_of_a_linux_keyring_is_told_apart() {
        use keyring::Error;
        for (error, meaning) in [
            (
                Error::PlatformFailure(boxed(
                    "zbus error: I/O error: Failed to connect to address `unix:path=/run/user/0/bus`: No such file or directory",
                )),
                KeyringError::NoBus,
            ),
            (
                Error::PlatformFailure(boxed(
                    "zbus error: org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not provided by any .service files",
                )),
                KeyringError::NoService,
            ),
            (Error::NoDefaultStore, KeyringError::NoService),
            (
                Error::NoStorageAccess(boxed("SS error: result not returned from SS API")),
                KeyringError::NotSetUp,
            ),
            (
                Error::NoStorageAccess(boxed("SS error: prompt dismissed")),
                KeyringError::Locked,
            ),
            (
                Error::BadEncoding(b"hunter2\xff".to_vec()),
                KeyringError::NotText,
            ),
            (Error::Ambiguous(Vec::new()), KeyringError::Ambiguous(0)),
        ] {
            assert_eq!(explain(error), meaning);
        }
    }

    #[test]
    fn every_problem_names_the_two_other_ways() {
        for error in [
            KeyringError::NoBus,
            KeyringError::NoService,
            KeyringError::Locked,
            KeyringError::NotSetUp,
            KeyringError::Silent(LIMIT),
            KeyringError::Ambiguous(2),
            KeyringError::NotText,
            KeyringError::Unfit("x".to_owned()),
            KeyringError::Other("x".to_owned()),
        ] {
            let problem = Problem::from(error);
            assert_eq!(problem.kind, Kind::Login);
            assert!(problem.remedy.contains("password = \"ask\""), "{problem:?}");
            assert!(problem.remedy.contains("command ="), "{problem:?}");
        }
    }

    #[test]
    fn what_the_keyring_held_is_in_no_error() {
        let error = explain(keyring::Error::BadDataFormat(
            b"hunter2".to_vec(),
            boxed("hunter2"),
        ));
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
}
