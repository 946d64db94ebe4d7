use std::ops::Range;
use std::path::Path;

use toml_edit::{Item, TableLike, Value};

use super::error::{ConfigError, Mistake};
use super::excerpt::Excerpt;
use super::types::choose;

/// The file as it was read.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Source<'_> {
    pub(super) fn mistake(self, span: Range<usize>, what: &str, remedy: &str) -> ConfigError {
        ConfigError::Mistake(Box::new(Mistake::new(
            self.path, self.text, span, what, remedy,
        )))
    }
}

/// A table of the file.
pub(super) struct Section<'a> {
    source: Source<'a>,
    /// As it is written between brackets; empty for the top of the file.
    name: String,
    table: &'a dyn TableLike,
    span: Range<usize>,
}

impl<'a> Section<'a> {
    /// The top of the file.
    pub(super) fn top(source: Source<'a>, table: &'a dyn TableLike) -> Self {
        Self {
            source,
            name: String::new(),
            table,
            span: 0..0,
        }
    }

    /// Refuses a key that is not among these.
    pub(super) fn only(self, keys: &[&str]) -> Result<Self, ConfigError> {
        for (name, item) in self.table.iter() {
            if item.is_none() || keys.contains(&name) {
                continue;
            }
            let span = self
                .entry(name)
                .map_or(self.span.clone(), |entry| entry.key_span);
            let place = if self.name.is_empty() {
                "at the top of the file".to_owned()
            } else {
                format!("in [{}]", self.name)
            };
            let remedy = match super::nearest(name, keys.iter().copied()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("The keys here are: {}.", keys.join(", ")),
            };
            return Err(self.source.mistake(
                span,
                &format!("unknown key `{name}` {place}"),
                &remedy,
            ));
        }
        Ok(self)
    }

    /// The entry of this key.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'a>> {
        let (key, item) = self.table.get_key_value(key)?;
        if item.is_none() {
            return None;
        }
        let key_span = key.span().unwrap_or_else(|| self.span.clone());
        Some(Entry {
            source: self.source,
            section: self.name.clone(),
            key: key.get(),
            key_span,
            item,
        })
    }

    /// The entries in the order of the file.
    pub(super) fn entries(&self) -> Vec<Entry<'a>> {
        self.table
            .iter()
            .filter_map(|(key, _)| self.entry(key))
            .collect()
    }

    /// The table of this key.
    pub(super) fn section(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        self.entry(key).map(|entry| entry.section()).transpose()
    }

    /// The mistake of leaving out a key.
    pub(super) fn missing(&self, key: &str, remedy: &str) -> ConfigError {
        let what = format!("`{key}` is missing in [{}]", self.name);
        self.source.mistake(self.span.clone(), &what, remedy)
    }
}

/// A key and its value.
pub(super) struct Entry<'a> {
    source: Source<'a>,
    section: String,
    pub key: &'a str,
    key_span: Range<usize>,
    item: &'a Item,
}

impl<'a> Entry<'a> {
    pub(super) fn span(&self) -> Range<usize> {
        self.item.span().unwrap_or_else(|| self.key_span.clone())
    }

    /// The line and column of its name: 1 for the first.
    pub(super) fn place(&self) -> (usize, usize) {
        let excerpt = Excerpt::new(self.source.text, self.key_span.clone());
        (excerpt.line, excerpt.column)
    }

    pub(super) fn item(&self) -> &'a Item {
        self.item
    }

    /// A mistake in the value.
    pub(super) fn wrong(&self, what: &str, remedy: &str) -> ConfigError {
        self.source.mistake(self.span(), what, remedy)
    }

    /// A mistake of having the key at all.
    pub(super) fn wrong_key(&self, what: &str, remedy: &str) -> ConfigError {
        self.source.mistake(self.key_span.clone(), what, remedy)
    }

    /// The mistake of a value of another kind.
    pub(super) fn wrong_kind(&self, wanted: &str, example: &str) -> ConfigError {
        let what = format!("`{}` wants {wanted}, not {}", self.key, kind(self.item));
        self.wrong(
            &what,
            &format!("Write it like this: {} = {example}", self.key),
        )
    }

    pub(super) fn section(&self) -> Result<Section<'a>, ConfigError> {
        let name = if self.section.is_empty() {
            self.key.to_owned()
        } else {
            format!("{}.{}", self.section, self.key)
        };
        let Some(table) = self.item.as_table_like() else {
            let what = format!("`{}` is a section, not {}", self.key, kind(self.item));
            return Err(self.wrong(
                &what,
                &format!("Write [{name}] on a line of its own, and its keys below."),
            ));
        };
        let span = match self.item {
            Item::Table(table) if !table.is_implicit() && !table.is_dotted() => table.span(),
            _ => None,
        };
        Ok(Section {
            source: self.source,
            name,
            table,
            span: span.unwrap_or_else(|| self.key_span.clone()),
        })
    }

    pub(super) fn text(&self, example: &str) -> Result<&'a str, ConfigError> {
        self.item
            .as_str()
            .ok_or_else(|| self.wrong_kind("a text in quotes", &format!("\"{example}\"")))
    }

    pub(super) fn flag(&self) -> Result<bool, ConfigError> {
        self.item
            .as_bool()
            .ok_or_else(|| self.wrong_kind("true or false", "true"))
    }

    /// A whole number from `low` to `high`.
    pub(super) fn number(&self, low: i64, high: i64, example: i64) -> Result<i64, ConfigError> {
        let number = self
            .item
            .as_integer()
            .ok_or_else(|| self.wrong_kind("a whole number", &example.to_string()))?;
        if (low..=high).contains(&number) {
            return Ok(number);
        }
        let what = format!("`{}` is out of range: {number}", self.key);
        Err(self.wrong(&what, &format!("It goes from {low} to {high}.")))
    }

    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        let example = choices.first().map_or("", |(name, _)| name);
        let text = self.text(example)?;
        choose(text, choices).map_err(|may| {
            self.wrong(
                &format!("`{}` cannot be \"{text}\"", self.key),
                &sentence(&may),
            )
        })
    }

    /// Texts of a list.
    pub(super) fn texts(&self, example: &str) -> Result<Vec<(&'a str, Range<usize>)>, ConfigError> {
        let array = self
            .item
            .as_array()
            .ok_or_else(|| self.wrong_kind("a list of texts", example))?;
        array
            .iter()
            .map(|value| match value {
                Value::String(text) => Ok((
                    text.value().as_str(),
                    value.span().unwrap_or_else(|| self.span()),
                )),
                _ => Err(self.wrong_kind("a list of texts", example)),
            })
            .collect()
    }

    pub(super) fn mistake(&self, span: Range<usize>, what: &str, remedy: &str) -> ConfigError {
        self.source.mistake(span, what, remedy)
    }
}

/// With a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let dot = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{dot}", chars.as_str())
}

/// What an item is, in words.
fn kind(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Table(_) | Item::Value(Value::InlineTable(_)) => "a table",
        Item::ArrayOfTables(_) => "a list of tables",
        Item::Value(Value::Array(_)) => "a list",
        Item::Value(Value::String(_)) => "a text",
        Item::Value(Value::Integer(_)) => "a number",
        Item::Value(Value::Float(_)) => "a number with decimals",
        Item::Value(Value::Boolean(_)) => "true or false",
        Item::Value(Value::Datetime(_)) => "a date",
    }
}
