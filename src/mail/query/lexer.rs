use std::ops::Range;

/// A piece of a query and the octets it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Or,
    Minus,
    Word(String),
    Phrase {
        text: String,
        closed: bool,
    },
    Field {
        /// In lower case.
        name: String,
        value: String,
        value_at: usize,
        quoted: bool,
        closed: bool,
    },
}

/// Cuts a query into tokens. Nothing is a mistake yet.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        depth: 0,
    };
    std::iter::from_fn(|| lexer.token()).collect()
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Lexer<'_> {
    fn token(&mut self) -> Option<Token> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let start = self.at;
        let kind = match self.rest().chars().next()? {
            '(' => {
                self.depth += 1;
                self.at += 1;
                TokenKind::Open
            }
            ')' if self.depth > 0 => {
                self.depth -= 1;
                self.at += 1;
                TokenKind::Close
            }
            '"' => {
                let (text, closed) = self.quoted();
                TokenKind::Phrase { text, closed }
            }
            '-' if self
                .rest()
                .chars()
                .nth(1)
                .is_some_and(|next| !next.is_whitespace()) =>
            {
                self.at += 1;
                TokenKind::Minus
            }
            _ => self.word(),
        };
        Some(Token {
            kind,
            span: start..self.at,
        })
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What stands in quotation marks; stops behind the closing one, or at the end.
    fn quoted(&mut self) -> (String, bool) {
        let inside = self.rest().get(1..).unwrap_or_default();
        let (text, closed) = match inside.find('"') {
            Some(end) => (inside.get(..end).unwrap_or_default().to_owned(), true),
            None => (inside.to_owned(), false),
        };
        self.at += 1 + text.len() + usize::from(closed);
        (text, closed)
    }

    fn bare(&mut self) -> String {
        let depth = self.depth;
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '"' || (c == ')' && depth > 0))
            .unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        word
    }

    fn word(&mut self) -> TokenKind {
        let name_length = self
            .rest()
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(self.rest().len());
        let is_field = name_length > 0 && self.rest().as_bytes().get(name_length) == Some(&b':');
        if !is_field {
            let word = self.bare();
            return if word.eq_ignore_ascii_case("or") {
                TokenKind::Or
            } else {
                TokenKind::Word(word)
            };
        }
        let name = self
            .rest()
            .get(..name_length)
            .unwrap_or_default()
            .to_ascii_lowercase();
        self.at += name_length + 1;
        let value_at = self.at;
        let quoted = self.rest().starts_with('"');
        let (value, closed) = if quoted {
            self.quoted()
        } else {
            (self.bare(), true)
        };
        TokenKind::Field {
            name,
            value,
            value_at,
            quoted,
            closed,
        }
    }
}
