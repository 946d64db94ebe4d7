//! The language in which a person looks for mail: `from:ada has:file older:30d "engine report"`.
//!
//! - Terms side by side must all match; `or` between two groups of them lets either match; round brackets group.
//! - `-` in front of a term, phrase, field or bracket turns it round. `repor*` matches words that begin so.
//! - Words match whole words, whatever their case and accents; Chinese, Japanese and Korean any part of a word.
//! - What says nothing to look for by itself, such as a dash between words, is left out; where nothing else is there, or
//!   a sign waits for something that does not come, that is a mistake.
//! - `before:` a day ends where it begins, `after:` a day begins with it, so that both together leave no gap.

mod calendar;
mod fold;
mod letters;
mod lexer;
mod matching;
mod parser;
mod spans;
mod values;

pub(super) use fold::each_word;
pub use fold::{is_cjk, words};
pub use spans::Needles;

use super::{Flags, Folder, MessageId, Timestamp};

/// What a person looks for.
///
/// The default matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    source: String,
    term: Term,
}

impl Query {
    /// Matches every message.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Reads a query. `now` and `utc_offset_seconds` (east of Greenwich is positive) give `older:30d` and
    /// `before:2026-01-01` their meaning.
    pub fn parse(text: &str, now: Timestamp, utc_offset_seconds: i32) -> Result<Self, QueryError> {
        match Self::parse_lenient(text, now, utc_offset_seconds) {
            (query, None) => Ok(query),
            (_, Some(error)) => Err(error),
        }
    }

    /// Reads a query that may still be in the making: terms with a mistake are left out, and the first mistake is told.
    pub fn parse_lenient(
        text: &str,
        now: Timestamp,
        utc_offset_seconds: i32,
    ) -> (Self, Option<QueryError>) {
        let (term, error) = parser::parse(
            text,
            calendar::Clock {
                now,
                utc_offset_seconds,
            },
        );
        let query = Self {
            source: text.to_owned(),
            term,
        };
        (query, error)
    }

    /// Whether the language has a field of this name, in whatever case: `from` in `from:ada`.
    pub fn has_field(name: &str) -> bool {
        values::is_field(name)
    }

    /// Whether words are looked for in a field of this name, in whatever case.
    pub fn has_text_field(name: &str) -> bool {
        values::text_field(&name.to_ascii_lowercase()).is_some()
    }

    /// The text it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it says.
    pub fn term(&self) -> &Term {
        &self.term
    }

    /// Whether it matches every message.
    pub fn is_everything(&self) -> bool {
        self.term == Term::default()
    }

    /// Whether it looks for words, which only the search index knows.
    pub fn has_words(&self) -> bool {
        self.term.has_words()
    }

    /// The names of accounts that it speaks of, in its order.
    pub fn accounts(&self) -> Vec<&str> {
        self.term.accounts()
    }

    /// Whether it says itself which folder to look in.
    pub fn names_folder(&self) -> bool {
        self.term.names_folder()
    }
}

/// A query, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// Each of these; of none: everything.
    All(Vec<Self>),
    /// One of these at least.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// These words, one behind the other. Never empty of words.
    Text {
        /// Where.
        field: SearchField,
        /// The words as they were typed.
        text: String,
        /// Whether the last word only needs to begin so.
        prefix: bool,
    },
    /// With this flag.
    Flag(Flags),
    /// With attachments.
    HasFile,
    /// The server has a copy.
    OnServer,
    /// This computer does not have every octet.
    NoCopy,
    /// This very message.
    Id(MessageId),
    /// With this `Message-ID`, without angle brackets.
    HeaderId(String),
    /// Of the account with this name.
    Account(String),
    /// In this folder.
    Folder(Folder),
    /// Of more than so many octets.
    Larger(u64),
    /// Of fewer than so many octets.
    Smaller(u64),
    /// Dated earlier than this.
    Before(Timestamp),
    /// Dated at this time or later.
    Since(Timestamp),
}

impl Default for Term {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Term {
    fn has_words(&self) -> bool {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().any(Self::has_words),
            Self::Not(term) => term.has_words(),
            Self::Text { .. } => true,
            _ => false,
        }
    }

    fn accounts(&self) -> Vec<&str> {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().flat_map(Self::accounts).collect(),
            Self::Not(term) => term.accounts(),
            Self::Account(name) => vec![name],
            _ => Vec::new(),
        }
    }

    fn names_folder(&self) -> bool {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().any(Self::names_folder),
            Self::Not(term) => term.names_folder(),
            Self::Folder(_) => true,
            _ => false,
        }
    }
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// Everywhere in the message.
    Anywhere,
    /// In the sender's name and address.
    From,
    /// In the recipients' names and addresses.
    To,
    /// In those of `Cc`.
    Cc,
    /// In the subject.
    Subject,
    /// In the text.
    Body,
    /// In the names of attachments.
    File,
}

/// A mistake in a query, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {hint}")]
pub struct QueryError {
    /// The octet of the query at which the mistake begins; always at a character.
    pub at: usize,
    /// How many octets belong to it; 0 when something is missing there.
    pub length: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub hint: String,
    /// Whether it reaches to the end of the query, so that it may be none once more is typed.
    pub unfinished: bool,
}

impl QueryError {
    /// The character, counted from 0, at which the mistake begins.
    pub fn column(&self, query: &str) -> usize {
        query.get(..self.at).unwrap_or(query).chars().count()
    }
}

#[cfg(test)]
mod tests;
