use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TomlError};

use super::account;
use super::error::ConfigError;
use super::reader::{Entry, Section, Source, sentence};
use super::rules;
use super::types::{Config, GLYPHS, KEY_SETS, KeyOverride, Keys, NOTIFY, Theme};

impl Config {
    /// Reads the file. A file that does not exist is an empty one: everything has a default, and there is no account.
    ///
    /// Names of files in it count from its own folder; `~/` is the person's home.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        match read(path)? {
            Some(text) => parse(&text, path, &|file| file.is_file()),
            None => Ok(Self::default()),
        }
    }

    /// Reads a text as if it stood in the file `path`, without looking whether files that it names exist.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        parse(text, path, &|_| true)
    }
}

/// The file's text; `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |cause| ConfigError::Read {
        path: path.to_owned(),
        cause,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(failed(cause)),
    };
    let mut octets = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut octets)
        .map_err(failed)?;
    if octets.len() as u64 > LARGEST {
        return Err(ConfigError::TooLarge {
            path: path.to_owned(),
            limit: LARGEST,
        });
    }
    String::from_utf8(octets).map(Some).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        Source { path, text: &text }.mistake(
            good..good + 1,
            "this is not UTF-8",
            "Save the file in the encoding UTF-8.",
        )
    })
}

fn parse(text: &str, path: &Path, exists: &dyn Fn(&Path) -> bool) -> Result<Config, ConfigError> {
    let source = Source { path, text };
    let document = Document::parse(text).map_err(|error| syntax(source, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let top = Section::top(source, document.as_table()).only(&TOP)?;
    let mut config = Config::default();
    if let Some(entry) = top.entry("theme") {
        config.theme = theme(&entry, folder, exists)?;
    }
    if let Some(entry) = top.entry("keys") {
        config.keys = keys(&entry)?;
    }
    if let Some(entry) = top.entry("glyphs") {
        config.glyphs = entry.choice(&GLYPHS)?;
    }
    if let Some(entry) = top.entry("mark_read_after") {
        config.mark_read_after = rules::duration_or_never(&entry, "2 s")?;
    }
    if let Some(entry) = top.entry("notify") {
        config.notify = entry.choice(&NOTIFY)?;
    }
    if let Some(entry) = top.entry("searches") {
        let texts = entry.texts("[\"is:starred\", \"from:ada has:file\"]")?;
        config.searches = texts.into_iter().map(|(text, _)| text.to_owned()).collect();
    }
    if let Some(mirror) = top.section("mirror")? {
        let mirror = mirror.only(&["maildir"])?;
        if let Some(entry) = mirror.entry("maildir") {
            config.mirror = Some(file(&entry, folder, "~/Mail")?);
        }
    }
    if let Some(accounts) = top.section("accounts")? {
        for entry in accounts.entries() {
            let account = account::read(&entry, folder)?;
            account::refuse_twin(&entry, &account, &config.accounts)?;
            config.accounts.push(account);
        }
    }
    Ok(config)
}

/// A file name: from the home folder when it starts with `~/`, otherwise from `folder`.
pub(super) fn file(
    entry: &Entry<'_>,
    folder: &Path,
    example: &str,
) -> Result<PathBuf, ConfigError> {
    let text = entry.text(example)?;
    if text.is_empty() || text.contains('\0') {
        return Err(entry.wrong(
            &format!("`{}` names no file", entry.key),
            &format!("Write it like this: {} = \"{example}\"", entry.key),
        ));
    }
    let in_home = under_home(text).map_err(|_| {
        entry.wrong(
            "`~` cannot be resolved: there is no home folder",
            "Write the whole path.",
        )
    })?;
    Ok(in_home.unwrap_or_else(|| folder.join(text)))
}

/// What `~/` leads to, if the text begins with that.
fn under_home(text: &str) -> Result<Option<PathBuf>, etcetera::HomeDirError> {
    if text != "~" && !text.starts_with("~/") {
        return Ok(None);
    }
    let home = etcetera::home_dir()?;
    Ok(Some(home.join(
        text.trim_start_matches('~').trim_start_matches('/'),
    )))
}

/// The file that a person names at a prompt: `~/` is their home, and what is not absolute counts from where poppet was started.
pub fn path_as_typed(text: &str) -> PathBuf {
    let path = under_home(text).ok().flatten();
    let path = path.unwrap_or_else(|| PathBuf::from(text));
    std::path::absolute(&path).unwrap_or(path)
}

fn theme(
    entry: &Entry<'_>,
    folder: &Path,
    exists: &dyn Fn(&Path) -> bool,
) -> Result<Theme, ConfigError> {
    let name = entry.text("auto")?;
    let file_name = name.strip_suffix(".toml").unwrap_or(name);
    let named = match name {
        "auto" => return Ok(Theme::Auto),
        "dark" => return Ok(Theme::Dark),
        "light" => return Ok(Theme::Light),
        "ansi" => return Ok(Theme::Ansi),
        _ => folder.join("themes").join(format!("{file_name}.toml")),
    };
    let plain = !file_name.is_empty()
        && !file_name.starts_with('.')
        && !file_name.contains(['/', '\\', ':', '\0']);
    if plain && exists(&named) {
        return Ok(Theme::File(named));
    }
    let what = if plain {
        format!("there is no theme \"{name}\", and no file themes/{file_name}.toml beside this one")
    } else {
        format!("\"{name}\" is not the name of a theme")
    };
    let remedy = match super::nearest(name, THEMES) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => "Take auto, dark, light or ansi, or put a file into themes/.".to_owned(),
    };
    Err(entry.wrong(&what, &remedy))
}

/// `keys = "mutt"`, or a section `[keys]` in which `set` names the set and every other line changes a key.
fn keys(entry: &Entry<'_>) -> Result<Keys, ConfigError> {
    if entry.item().is_str() {
        return Ok(Keys {
            set: entry.choice(&KEY_SETS)?,
            overrides: Vec::new(),
        });
    }
    if !entry.item().is_table_like() {
        return Err(entry.wrong_kind("a text in quotes", "\"poppet\""));
    }
    let section = entry.section()?;
    let mut keys = Keys::default();
    for line in section.entries() {
        if line.key == "set" {
            keys.set = line.choice(&KEY_SETS)?;
            continue;
        }
        let values = if let Item::Value(toml_edit::Value::String(text)) = line.item() {
            vec![text.value().clone()]
        } else if !line.item().is_array() {
            return Err(line.wrong_kind("a text or a list of texts", "\"x\""));
        } else {
            line.texts("[\"x\", \"ctrl-x\"]")?
                .into_iter()
                .map(|(text, _)| text.to_owned())
                .collect()
        };
        let (line_number, column) = line.place();
        keys.overrides.push(KeyOverride {
            name: line.key.to_owned(),
            values,
            line: line_number,
            column,
        });
    }
    Ok(keys)
}

pub(super) fn syntax(source: Source<'_>, error: &TomlError) -> ConfigError {
    let span = error.span().unwrap_or_default();
    let words = error.message().lines().collect::<Vec<_>>().join("; ");
    let at = source.text.get(span.clone()).unwrap_or_default();
    if words.contains("duplicate key") {
        if at == "keys" {
            return source.mistake(
                span,
                "`keys` stands here as a set and as a section, and TOML allows only one of them",
                "Keep the section, and name the set in its first line: set = \"mutt\"",
            );
        }
        return source.mistake(
            span,
            "this stands in the file twice",
            "Keep one of the two and delete the other.",
        );
    }
    source.mistake(
        span,
        explained(&words),
        &sentence("a line is a [section], or key = value, where a text stands in \"quotes\""),
    )
}

/// The parser's words in ours. They are not handed on: they may quote what the parser stumbled over, which may be a
/// password that lost its quotes.
fn explained(words: &str) -> &'static str {
    SYNTAX
        .iter()
        .find(|(part, _)| words.contains(part))
        .map_or("this is not TOML", |(_, what)| what)
}

const SYNTAX: [(&str, &str); 11] = [
    ("must be quoted", "a text stands in quotes"),
    ("key with no value", "this key has no value"),
    ("keys cannot be empty", "there is no key before the `=`"),
    ("unclosed table", "a `]` is missing"),
    ("unclosed array", "a `]` is missing"),
    ("unclosed inline table", "a `}` is missing"),
    (
        "escape",
        "this is no escape sequence: write `\\\\` for a backslash",
    ),
    ("string", "this text has no closing quote"),
    ("newline", "here the line should have ended"),
    ("number", "this is not a number"),
    ("recursion", "this is nested too deeply"),
];

/// Octets of a file that is still read.
const LARGEST: u64 = 1 << 20;
const TOP: [&str; 8] = [
    "theme",
    "keys",
    "glyphs",
    "mark_read_after",
    "notify",
    "searches",
    "accounts",
    "mirror",
];
const THEMES: [&str; 4] = ["auto", "dark", "light", "ansi"];
