//! Questions to the person at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::stop::Stop;
use crate::backend::Asker;
use crate::mail::{AccountId, Kind, Problem, Secret, safe};

/// Whether somebody is there who can read a question and answer it.
pub(super) fn somebody() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// How the engine asks for passwords; `None` when nobody is there.
pub(super) fn asker() -> Option<Asker> {
    if !somebody() {
        return None;
    }
    // Accounts work side by side, but a terminal takes one answer at a time.
    let turn = Arc::new(Mutex::new(()));
    Some(Asker::new(move |account: AccountId| {
        let turn = Arc::clone(&turn);
        async move {
            let _turn = turn.lock().await;
            password(&format!("Password for {account}: ")).await
        }
    }))
}

/// Asks for a password without showing it. `None` when none is given.
pub(super) async fn password(prompt: &str) -> Option<Secret> {
    let prompt = format!("\r\x1b[K{}", safe::line(prompt));
    let typed = tokio::task::spawn_blocking(move || rpassword::prompt_password(prompt)).await;
    let secret = Secret::new(typed.ok()?.ok()?);
    (!secret.is_empty()).then_some(secret)
}

/// Asks on the terminal; anything but a yes is a no.
pub(super) async fn yes(question: &str) -> bool {
    let question = safe::line(question).into_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "{question} [y/N] ");
        let _ = stderr.flush();
        let mut answer = String::new();
        let _ = io::stdin().lock().take(LONGEST).read_line(&mut answer);
        answer
    })
    .await
    .unwrap_or_default();
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// One line from standard input, without its line end.
pub(super) async fn line() -> Result<Secret, Stop> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = Vec::new();
        io::stdin()
            .lock()
            .take(LONGEST)
            .read_until(b'\n', &mut line)
            .map(|_| line)
    })
    .await;
    let unusable = |why: &str| {
        Problem::new(
            Kind::Login,
            "There was no password to read",
            why.to_owned(),
            "Give it on the first line of standard input: `pass show mail | poppet password set NAME`.",
        )
    };
    let mut line = match read {
        Ok(Ok(line)) => line,
        Ok(Err(error)) => return Err(unusable(&error.to_string()).into()),
        Err(_) => return Err(unusable("standard input cannot be read").into()),
    };
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    let secret = String::from_utf8(line).map_err(|_| unusable("what came is not UTF-8"))?;
    if secret.is_empty() {
        return Err(unusable("the first line of standard input is empty").into());
    }
    Ok(Secret::new(secret))
}

/// Octets of an answer that are read.
const LONGEST: u64 = 64 * 1024;
