use std::ops::Range;

use super::calendar::Clock;
use super::lexer::{Token, TokenKind, tokens};
use super::values::{self, has_star_within, text_term};
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
    if let (None, Some(first)) = (&term, parser.tokens.first()) {
        let all = first.span.start..text.trim_end().len();
        // Whatever else is wrong with it says more.
        if parser.error.is_none() {
            parser.tell(
                all,
                "there is no word in this",
                "write letters or digits",
                true,
            );
        }
    }
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
                    let at = self.peek().map_or(self.end, |next| next.span.start);
                    self.mistake(
                        at..at,
                        "nothing behind \"or\"",
                        "write what else may match, or \"or\" in quotation marks",
                    );
                }
                break;
            };
            if missing {
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
        let mut minus = None;
        while let Some(Token {
            kind: TokenKind::Minus,
            span,
        }) = self.peek()
        {
            minus = Some(span.clone());
            turned = !turned;
            self.at += 1;
        }
        if self.ends() {
            if let Some(minus) = minus {
                self.nothing_behind(minus);
            }
            return None;
        }
        let token = self.peek()?.clone();
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
            TokenKind::Word(word) => {
                if word == "-" && self.ends() {
                    self.nothing_behind(token.span);
                } else if word.starts_with(')') {
                    self.mistake(
                        token.span,
                        "no bracket was opened that this closes",
                        "leave it out, or put it in quotation marks",
                    );
                    return None;
                } else if has_star_within(&word) {
                    return self.star_within(token.span);
                }
                text_term(SearchField::Anywhere, &word, false)
            }
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
                let unquoted = !quoted && values::text_field(&name).is_some();
                if unquoted && has_star_within(&value) {
                    return self.star_within(value_at..token.span.end);
                }
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
        let before = self.error.clone();
        let term = self.any();
        self.depth -= 1;
        let Some(close) = self.peek().map(|close| close.span.end) else {
            self.tell(
                open,
                "this bracket is not closed",
                "close it with \")\"",
                true,
            );
            return term;
        };
        self.at += 1;
        if term.is_none() && self.error == before {
            self.mistake(
                open.start..close,
                "nothing is in this bracket",
                "write what may be there, or leave it out",
            );
        }
        term
    }

    /// Whether what is together ends here.
    fn ends(&self) -> bool {
        self.peek()
            .is_none_or(|next| matches!(next.kind, TokenKind::Or | TokenKind::Close))
    }

    fn nothing_behind(&mut self, minus: Range<usize>) {
        self.mistake(
            minus,
            "nothing behind \"-\"",
            "write what is not to be found, or leave it out",
        );
    }

    /// No more letters mend it, so it is told while they are typed.
    fn star_within(&mut self, word: Range<usize>) -> Option<Term> {
        self.tell(
            word,
            "a star stands only at the end of a word",
            "write how the word begins, as in repor*, or put it in quotation marks",
            false,
        );
        None
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
        let unfinished = span.end >= self.end;
        self.tell(span, what, hint, unfinished);
    }

    /// Keeps the first mistake; one that what is yet to be typed may mend only where there is no other.
    fn tell(&mut self, span: Range<usize>, what: &str, hint: &str, unfinished: bool) {
        let first = |error: &QueryError| (error.unfinished, error.at) <= (unfinished, span.start);
        if !self.error.as_ref().is_some_and(first) {
            self.error = Some(QueryError {
                at: span.start,
                length: span.len(),
                what: what.to_owned(),
                hint: hint.to_owned(),
                unfinished,
            });
        }
    }
}

const MAX_TERMS: usize = 200;
const MAX_DEPTH: usize = 32;
