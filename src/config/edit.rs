//! Changes to the file that keep everything else in it as it is: comments, order, blank lines.
//!
//! Each change reads the file anew, and is written only if the result loads; otherwise the file stays as it was. Writing
//! replaces the whole file in one step.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml_edit::{Array, Document, DocumentMut, Item, Table, TableLike, Value};

use super::error::{ConfigError, Mistake};
use super::{Auth, Config, Password, Tls, load, write};
use crate::mail::{AccountId, Digest};

/// An account to be written.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its name.
    pub account: AccountId,
    /// The person's address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// Host name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Whether the password may go unencrypted.
    pub allow_cleartext: bool,
    /// User name for the login.
    pub user: String,
    /// How the login is made.
    pub auth: Auth,
    /// Where the password comes from.
    pub password: Password,
    /// `bodies`, as it is written in the file: `"all"`, `{ up_to = "5 MB" }`.
    pub bodies: String,
    /// `keep`, as it is written in the file: `"until-deleted"`, `{ days = 30 }`.
    pub keep: String,
    /// The mailbox's size, such as `2 GB`.
    pub quota: Option<String>,
    /// Authority or certificate to trust as well.
    pub ca_file: Option<PathBuf>,
    /// The SHA-256 of the one certificate to trust.
    pub pin: Option<Digest>,
}

/// Adds an account at the end of the file, which is made if there is none.
pub fn add_account(path: &Path, account: &NewAccount) -> Result<(), ConfigError> {
    change(path, |text| {
        let document = parsed(path, text)?;
        if account_names(document.as_table()).contains(&account.account.as_str()) {
            return Err(ConfigError::AccountExists(account.account.to_string()));
        }
        let mut text = if text.trim().is_empty() {
            FIRST_LINES.to_owned()
        } else {
            text.to_owned()
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&section(account));
        Ok(text)
    })
}

/// Removes an account, and the comment directly above each of its sections.
pub fn remove_account(path: &Path, account: &AccountId) -> Result<(), ConfigError> {
    change(path, |text| {
        let document = parsed(path, text)?;
        let names = account_names(document.as_table());
        if !names.contains(&account.as_str()) {
            return Err(ConfigError::NoAccount {
                name: account.to_string(),
                others: names.into_iter().map(str::to_owned).collect(),
            });
        }
        let shorter = without_sections(text, document.as_table(), account);
        let mut rest: DocumentMut = shorter.parse().map_err(|_| not_toml(path, &shorter))?;
        if account_names(rest.as_table()).contains(&account.as_str()) {
            // It was written in another way than as sections of its own.
            if let Some(accounts) = rest.get_mut("accounts").and_then(Item::as_table_like_mut) {
                accounts.remove(account.as_str());
            }
            return Ok(rest.to_string());
        }
        Ok(shorter)
    })
}

/// Sets a key such as `["accounts", "home", "server", "rules_delete"]` to a value as it is written in the file, such as
/// `"auto"` in quotes. A comment behind the old value stays.
///
/// `["keys"]` and `["keys", NAME]` turn the one way of writing `keys` into the other where they must.
pub fn set_key(path: &Path, key: &[&str], toml: &str) -> Result<(), ConfigError> {
    change(path, |text| {
        parsed(path, text)?;
        let mut document: DocumentMut = text.parse().map_err(|_| not_toml(path, text))?;
        let value: Value = toml.parse().map_err(|_| not_toml(path, text))?;
        let key = with_keys_as_section(&mut document, key);
        if set(document.as_table_mut(), &key, value).is_none() {
            let what = format!(
                "`{}` cannot be set: something else stands there",
                key.join(".")
            );
            let mistake = Mistake::new(path, text, 0..0, &what, "Change it by hand in the file.");
            return Err(ConfigError::Refused(Box::new(mistake)));
        }
        Ok(document.to_string())
    })
}

/// The text of a value in quotes, as TOML has it.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Has a text stand in a list of texts, at its end, or no longer. What else is in it stays as it is written.
pub fn keep_in_list(path: &Path, key: &str, text: &str, on: bool) -> Result<(), ConfigError> {
    change(path, |file| {
        parsed(path, file)?;
        let mut document: DocumentMut = file.parse().map_err(|_| not_toml(path, file))?;
        let none = Value::from(Array::new());
        let list = document.entry(key).or_insert(none.into());
        let list = list.as_array_mut().ok_or_else(|| not_toml(path, file))?;
        let is_it = |value: &Value| value.as_str() == Some(text);
        if !on {
            list.retain(|value| !is_it(value));
        } else if !list.iter().any(is_it) {
            list.push(text);
        }
        Ok(document.to_string())
    })
}

fn change(
    path: &Path,
    edit: impl Fn(&str) -> Result<String, ConfigError>,
) -> Result<(), ConfigError> {
    let failed = |cause| ConfigError::Write {
        path: path.to_owned(),
        cause,
    };
    for _ in 0..ATTEMPTS {
        let before = load::read(path)?;
        let after = edit(before.as_deref().unwrap_or_default())?;
        Config::parse(&after, path).map_err(|error| match error {
            ConfigError::Mistake(mistake) => ConfigError::Refused(mistake),
            other => other,
        })?;
        // Somebody may have saved the file in an editor meanwhile: their change counts as well.
        if load::read(path)? == before {
            return write::replace(path, &after).map_err(failed);
        }
    }
    Err(failed(std::io::Error::other(
        "another program keeps changing it",
    )))
}

fn parsed<'a>(path: &Path, text: &'a str) -> Result<Document<&'a str>, ConfigError> {
    match Document::parse(text) {
        Ok(document) => Ok(document),
        // For its words and its place.
        Err(_) => Err(Config::parse(text, path)
            .err()
            .unwrap_or_else(|| not_toml(path, text))),
    }
}

fn not_toml(path: &Path, text: &str) -> ConfigError {
    let mistake = Mistake::new(
        path,
        text,
        0..0,
        "the new value is not TOML",
        "Change it by hand in the file.",
    );
    ConfigError::Refused(Box::new(mistake))
}

fn account_names(table: &Table) -> Vec<&str> {
    table
        .get("accounts")
        .and_then(Item::as_table_like)
        .map(|accounts| accounts.iter().map(|(name, _)| name).collect())
        .unwrap_or_default()
}

/// The text without the sections `[accounts.NAME]` and below. Each goes from the comment directly above its header to the
/// line of its last value; what follows, such as a comment for the next section, stays.
fn without_sections(text: &str, top: &Table, account: &AccountId) -> String {
    let item = top
        .get("accounts")
        .and_then(Item::as_table_like)
        .and_then(|accounts| accounts.get(account.as_str()));
    let mut sections = Vec::new();
    if let Some(Item::Table(table)) = item {
        collect_sections(table, &mut sections);
    }
    let mut ranges: Vec<Range<usize>> = sections
        .into_iter()
        .map(|span| whole_lines(text, &span))
        .collect();
    ranges.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        out.push_str(text.get(from..range.start.max(from)).unwrap_or_default());
        from = range.end.max(from);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// From the header to the last value of each section that has a header of its own.
fn collect_sections(table: &Table, spans: &mut Vec<Range<usize>>) {
    if let Some(header) = table
        .span()
        .filter(|_| !table.is_implicit() && !table.is_dotted())
    {
        spans.push(header.start..last_value(table).max(header.start + 1));
    }
    for (_, item) in table {
        if let Item::Table(inner) = item {
            collect_sections(inner, spans);
        }
    }
}

fn last_value(table: &dyn TableLike) -> usize {
    table
        .iter()
        .map(|(_, item)| match item {
            Item::Value(value) => value.span().map_or(0, |span| span.end),
            Item::Table(inner) if inner.is_dotted() => last_value(inner),
            _ => 0,
        })
        .max()
        .unwrap_or(0)
}

/// The lines of a section, the comment lines directly above, and the empty lines below.
fn whole_lines(text: &str, section: &Range<usize>) -> Range<usize> {
    let line_start = |at: usize| {
        text.get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline + 1)
    };
    let line_end = |at: usize| {
        text.get(at..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |newline| at + newline + 1)
    };
    let mut start = line_start(section.start);
    while start > 0 {
        let above = line_start(start - 1);
        let comment = text
            .get(above..start)
            .is_some_and(|line| line.trim_start().starts_with('#'));
        // A comment that opens the file speaks of the file.
        if !comment || above == 0 {
            break;
        }
        start = above;
    }
    let mut end = line_end(section.end.saturating_sub(1));
    while end < text.len() {
        let next = line_end(end);
        if text
            .get(end..next)
            .is_some_and(|line| line.trim().is_empty())
        {
            end = next;
        } else {
            break;
        }
    }
    start..end
}

fn with_keys_as_section<'a>(document: &mut DocumentMut, key: &[&'a str]) -> Vec<&'a str> {
    match key {
        ["keys"] if document.get("keys").is_some_and(Item::is_table_like) => vec!["keys", "set"],
        ["keys", _] => {
            if let Some(Item::Value(set @ Value::String(_))) = document.get("keys").cloned() {
                let mut section = Table::new();
                section.insert("set", Item::Value(set));
                document.remove("keys");
                document.insert("keys", Item::Table(section));
            }
            key.to_vec()
        }
        _ => key.to_vec(),
    }
}

/// Sets the value below `table`; `None` when something that is no table is in the way.
fn set(table: &mut dyn TableLike, key: &[&str], mut value: Value) -> Option<()> {
    let (first, rest) = key.split_first()?;
    if rest.is_empty() {
        match table.get_mut(first) {
            Some(Item::Value(old)) => {
                *value.decor_mut() = old.decor().clone();
                *old = value;
            }
            Some(item) if !item.is_none() => return None,
            _ => {
                table.insert(first, Item::Value(value));
            }
        }
        return Some(());
    }
    if table.get(first).is_none_or(Item::is_none) {
        let mut section = Table::new();
        section.set_implicit(rest.len() > 1);
        table.insert(first, Item::Table(section));
    }
    set(table.get_mut(first)?.as_table_like_mut()?, rest, value)
}

fn section(account: &NewAccount) -> String {
    let name = toml_edit::Key::new(account.account.as_str());
    let name = name.display_repr();
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        let written = out.write_fmt(text);
        debug_assert!(written.is_ok(), "a String takes everything");
        out.push('\n');
    };
    line(format_args!("\n[accounts.{name}]"));
    line(format_args!("email = {}", quoted(&account.email)));
    if !account.name.is_empty() {
        line(format_args!("name = {}", quoted(&account.name)));
    }
    line(format_args!("\n[accounts.{name}.pop3]"));
    line(format_args!("host = {}", quoted(&account.host)));
    line(format_args!("port = {}", account.port));
    line(format_args!("tls = {}", quoted(account.tls.as_str())));
    if account.allow_cleartext {
        line(format_args!(
            "allow_cleartext = true   # anyone on the way can read the password"
        ));
    }
    line(format_args!("user = {}", quoted(&account.user)));
    if account.auth != Auth::Auto {
        line(format_args!("auth = {}", quoted(account.auth.as_str())));
    }
    line(format_args!("password = {}", password(&account.password)));
    if let Some(file) = &account.ca_file {
        line(format_args!(
            "ca_file = {}",
            quoted(&file.to_string_lossy())
        ));
    }
    if let Some(pin) = account.pin {
        line(format_args!("pin = \"sha256:{pin}\""));
    }
    line(format_args!("\n[accounts.{name}.download]"));
    line(format_args!("bodies = {}", account.bodies));
    line(format_args!("\n[accounts.{name}.server]"));
    line(format_args!("keep = {}", account.keep));
    if let Some(quota) = &account.quota {
        line(format_args!("quota = {}", quoted(quota)));
    }
    out
}

fn password(password: &Password) -> String {
    match password {
        Password::Keyring => "\"keyring\"".to_owned(),
        Password::Ask => "\"ask\"".to_owned(),
        Password::Command(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            format!("{{ command = [{}] }}", words.join(", "))
        }
    }
}

/// How often a change is made anew because the file changed meanwhile.
const ATTEMPTS: usize = 3;

/// What a new file starts with.
const FIRST_LINES: &str = r#"# poppet's configuration. Comments stay when poppet changes something here.

# theme = "auto"            # auto, dark, light, ansi, or a file in themes/
# keys = "poppet"           # poppet, mutt, gmail, alpine
# glyphs = "auto"           # auto, ascii, unicode, nerd
# mark_read_after = "2 s"   # or "never"
# notify = "auto"           # auto, off, bell, terminal, desktop
# searches = ["is:starred"] # what g s offers; ^s adds to it
"#;

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
