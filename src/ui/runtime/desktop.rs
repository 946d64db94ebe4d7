//! The clipboard, notifications, and whatever opens files and links here.

use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};

use tokio::sync::mpsc::Sender;

use crate::ui::Notify;

/// Opens a file or an address in whatever the person has for it; never waits for it.
pub(super) fn open(target: OsString, outcomes: Sender<Result<String, String>>) {
    tokio::task::spawn_blocking(move || {
        let outcome = match open::that_detached(&target) {
            Ok(()) => Ok("Opened".to_owned()),
            Err(error) => Err(unopened(&error)),
        };
        let _ = outcomes.blocking_send(outcome);
    });
}

/// What failed, in words: the library's own are those of its program.
fn unopened(error: &std::io::Error) -> String {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no program such as xdg-open that could",
        _ => "this computer has no program for it, or no desktop",
    };
    format!("Nothing here opens it: {why}. Copy the link or save the file instead")
}

/// Copies text: by a tool of the desktop where there is one, else by the terminal (OSC 52); then gives what to write to it.
pub(super) fn copy(text: &str, outcomes: &Sender<Result<String, String>>) -> Option<Vec<u8>> {
    let outcomes = outcomes.clone();
    if text.len() > MOST_COPIED {
        let _ = outcomes.try_send(Err(format!(
            "Too much for a clipboard: {} octets",
            text.len()
        )));
        return None;
    }
    if let Some(tool) = tool() {
        let text = text.to_owned();
        tokio::task::spawn_blocking(move || {
            let outcome = match pipe(tool, &text) {
                Ok(()) => Ok(format!("Copied {} octets", text.len())),
                Err(error) => Err(format!("{}: {error}", tool[0])),
            };
            let _ = outcomes.blocking_send(outcome);
        });
        return None;
    }
    let mut sequence = Vec::new();
    let copied = crossterm::queue!(
        sequence,
        crossterm::clipboard::CopyToClipboard::to_clipboard_from(text)
    );
    copied.ok()?;
    let _ = outcomes.try_send(Ok(format!(
        "Copied {} octets by the terminal, if it lets us (OSC 52)",
        text.len()
    )));
    Some(through_tmux(&sequence))
}

/// Tells of so many new messages; a count and no names.
pub(super) fn notification(how: Notify, n: usize) -> Vec<u8> {
    match how {
        Notify::Off => Vec::new(),
        Notify::Bell => b"\x07".to_vec(),
        Notify::Terminal => through_tmux(format!("\x1b]9;poppet: {n} new\x1b\\").as_bytes()),
    }
}

/// tmux passes on only what is wrapped for it.
fn through_tmux(sequence: &[u8]) -> Vec<u8> {
    if std::env::var_os("TMUX").is_none() {
        return sequence.to_vec();
    }
    let mut wrapped = b"\x1bPtmux;".to_vec();
    for octet in sequence {
        if *octet == 0x1b {
            wrapped.push(0x1b);
        }
        wrapped.push(*octet);
    }
    wrapped.extend_from_slice(b"\x1b\\");
    wrapped
}

fn tool() -> Option<&'static [&'static str]> {
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let found = |tool: &str| {
        std::env::var_os("PATH").is_some_and(|path| {
            std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
        })
    };
    if cfg!(target_os = "macos") {
        Some(&["pbcopy"])
    } else if has("WAYLAND_DISPLAY") && found("wl-copy") {
        Some(&["wl-copy"])
    } else if has("DISPLAY") && found("xclip") {
        Some(&["xclip", "-selection", "clipboard"])
    } else {
        None
    }
}

fn pipe(tool: &[&str], text: &str) -> std::io::Result<()> {
    let (name, arguments) = tool.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    child.wait().map(|_| ())
}

/// Terminals cut longer OSC 52 sequences short.
const MOST_COPIED: usize = 74_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launcher_that_fails_is_told_in_words() {
        let raw = std::io::Error::other(
            "Launcher \"gio\" \"open\" \"/tmp/x\" failed with ExitStatus(512)",
        );
        let told = unopened(&raw);
        assert!(told.contains("no desktop"), "{told}");
        assert!(!told.contains("Launcher"), "{told}");
    }
}
