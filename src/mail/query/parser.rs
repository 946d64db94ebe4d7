use std::ops::Range;

use super::calendar::Clock;
use super::lexer::{Token, TokenKind, tokens};
use super::values::{self, text_term};
use super::{QueryError, SearchField, Term};

/// Reads a query as far as it is right, and tells the first mistake.
pub(super) fn parse(text: &str, clock: Clock) -> (Term, Option<QueryError>) {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        depth: 0,
        terms: 0,
        end: text.len(),
        clock,
        error: None,
    };
    let term = parser.any();
    (term.unwrap_or_default(), parser.error)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    terms: usize,
    end: usize,
    clock: Clock,
    error: Option<QueryError>,
}

impl Parser {
    /// Groups with `or` between them, up to a closing bracket or the end. `None` when nothing usable stands there.
    fn any(&mut self) -> Option<Term> {
        let mut groups = Vec::new();
        loop {
            let group = self.all();
            let or = match self.peek() {
                Some(Token {
                    kind: TokenKind::Or,
                    span,
                }) => Some(span.clone()),
                _ => None,
            };
            let missing = group.is_none() && (or.is_some() || !groups.is_empty());
            groups.extend(group);
            let Some(span) = or else {
                if missing {
                    self.mistake(
                        self.end..self.end,
                        "nothing behind \"or\"",
                        "write what else may match, or \"or\" in quotation marks",
                    );
                }
                break;
            };
            if missing && groups.is_empty() {
                self.mistake(
                    span,
                    "nothing in front of \"or\"",
                    "write what else may match, or \"or\" in quotation marks",
                );
            }
            self.at += 1;
        }
        if groups.len() > 1 {
            Some(Term::Any(groups))
        } else {
            groups.pop()
        }
    }

    fn all(&mut self) -> Option<Term> {
        let mut terms = Vec::new();
        while let Some(token) = self.peek() {
            if matches!(token.kind, TokenKind::Or | TokenKind::Close) {
                break;
            }
            terms.extend(self.term());
        }
        if terms.len() > 1 {
            Some(Term::All(terms))
        } else {
            terms.pop()
        }
    }

    /// One term with the `-` in front of it; always moves on.
    fn term(&mut self) -> Option<Term> {
        let mut turned = false;
        while let Some(TokenKind::Minus) = self.peek().map(|token| &token.kind) {
            turned = !turned;
            self.at += 1;
        }
        let token = self.peek()?.clone();
        if matches!(token.kind, TokenKind::Or | TokenKind::Close) {
            return None;
        }
        self.at += 1;
        self.terms += 1;
        if self.terms > MAX_TERMS {
            self.mistake(token.span, "too many words", "look for fewer of them");
            return None;
        }
        let term = self.plain(token)?;
        Some(if turned {
            Term::Not(Box::new(term))
        } else {
            term
        })
    }

    fn plain(&mut self, token: Token) -> Option<Term> {
        match token.kind {
            TokenKind::Open => self.group(token.span),
            TokenKind::Word(word) => text_term(SearchField::Anywhere, &word, false),
            TokenKind::Phrase { text, closed } => {
                self.closed(&token.span, closed);
                text_term(SearchField::Anywhere, &text, true)
            }
            TokenKind::Field {
                name,
                value,
                value_at,
                quoted,
                closed,
            } => {
                self.closed(&(value_at..token.span.end), closed);
                match values::field(&name, &value, quoted, self.clock) {
                    Ok(term) => term,
                    Err(mistake) => {
                        let span = if mistake.in_name {
                            token.span.start..value_at
                        } else {
                            value_at..token.span.end
                        };
                        self.mistake(span, &mistake.what, &mistake.hint);
                        None
                    }
                }
            }
            TokenKind::Or | TokenKind::Close | TokenKind::Minus => None,
        }
    }

    fn group(&mut self, open: Range<usize>) -> Option<Term> {
        if self.depth >= MAX_DEPTH {
            self.mistake(open, "too many brackets in brackets", "use fewer of them");
            self.at = self.tokens.len();
            return None;
        }
        self.depth += 1;
        let term = self.any();
        self.depth -= 1;
        if self.peek().is_some() {
            self.at += 1;
        } else {
            self.mistake(open, "this bracket is not closed", "close it with \")\"");
        }
        term
    }

    fn closed(&mut self, span: &Range<usize>, closed: bool) {
        if !closed {
            self.mistake(
                span.clone(),
                "this quotation mark is not closed",
                "close it with \"",
            );
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn mistake(&mut self, span: Range<usize>, what: &str, hint: &str) {
        let earlier = self
            .error
            .as_ref()
            .is_some_and(|error| error.at <= span.start);
        if !earlier {
            self.error = Some(QueryError {
                at: span.start,
                length: span.len(),
                what: what.to_owned(),
                hint: hint.to_owned(),
            });
        }
    }
}

const MAX_TERMS: usize = 200;
const MAX_DEPTH: usize = 32;
