//! Rust source as a list of paths: enough of the language to know which room a file talks to.
//!
//! Comments, strings and character literals are skipped, `use` groups are spread out, and `super` is resolved from the
//! place of the file and the inline modules around it, so that no spelling of an arrow stays unseen.

/// A word or a sign of the source, with the line that it stands on (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    /// Whether this is a name or a keyword.
    pub(crate) fn is_word(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// A path such as `crate::mail::Uidl`, made absolute where it began with `self` or `super`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

impl Path {
    /// The segments, joined as they are written.
    pub(crate) fn text(&self) -> String {
        self.segments.join("::")
    }

    /// Whether the path begins with these segments.
    pub(crate) fn starts_with(&self, prefix: &[&str]) -> bool {
        self.segments.len() >= prefix.len()
            && prefix.iter().zip(&self.segments).all(|(a, b)| a == b)
    }
}

/// The words and signs of a source text; `::` is one sign.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = text.get(at) {
        let start = at;
        let token = match c {
            '/' if text.get(at + 1) == Some(&'/') => {
                at = find(&text, at, |rest| rest.first() == Some(&'\n'));
                None
            }
            '/' if text.get(at + 1) == Some(&'*') => {
                at = block_comment_end(&text, at);
                None
            }
            '"' => {
                at = string_end(&text, at);
                None
            }
            '\'' => {
                at = quote_end(&text, at);
                None
            }
            c if c.is_alphabetic() || c == '_' => {
                at = find(&text, at, |rest| {
                    !rest
                        .first()
                        .is_some_and(|c| c.is_alphanumeric() || *c == '_')
                });
                let word: String = text[start..at].iter().collect();
                match raw_string_end(&text, at, &word) {
                    Some(end) => {
                        at = end;
                        None
                    }
                    None => Some(word),
                }
            }
            ':' if text.get(at + 1) == Some(&':') => {
                at += 2;
                Some("::".to_owned())
            }
            c => {
                at += 1;
                (!c.is_whitespace() && !c.is_ascii_digit()).then(|| c.to_string())
            }
        };
        if let Some(text) = token {
            found.push(Token { text, line });
        }
        line += text[start..at].iter().filter(|c| **c == '\n').count();
    }
    found
}

/// Every path in the tokens of a file, whose own module path is `module` (`["ui", "reader"]`; empty for the crate root).
pub(crate) fn paths(tokens: &[Token], module: &[String]) -> Vec<Path> {
    let mut found = Vec::new();
    let mut here: Vec<String> = module.to_vec();
    let mut inline: Vec<usize> = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(token) = tokens.get(at) {
        let next = |n: usize| tokens.get(at + n).map_or("", |t| t.text.as_str());
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    here.pop();
                }
            }
            "mod" if next(2) == "{" => {
                inline.push(depth);
                here.push(next(1).to_owned());
                depth += 1;
                at += 2;
            }
            _ if token.is_word() && (next(1) == "::" || is_use_of_word(tokens, at)) => {
                at = spread(tokens, at, &[], &here, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// `use rusqlite;` and `use rusqlite as sql;` have no `::` and are paths all the same.
fn is_use_of_word(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|t| t.text == "use")
}

/// Follows one path from `at`, groups included; gives the position after it.
fn spread(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    here: &[String],
    found: &mut Vec<Path>,
) -> usize {
    let mut segments = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |t| t.line);
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    match token.text.as_str() {
                        "}" => return at + 1,
                        "{" | "*" => at = spread(tokens, at, &segments, here, found),
                        _ if token.is_word() => at = spread(tokens, at, &segments, here, found),
                        _ => at += 1,
                    }
                }
                return at;
            }
            "*" => {
                segments.push("*".to_owned());
                at += 1;
                break;
            }
            _ if token.is_word() => {
                segments.push(token.text.clone());
                at += 1;
                if tokens.get(at).is_none_or(|t| t.text != "::") {
                    break;
                }
                at += 1;
            }
            _ => break,
        }
    }
    // `as name` is no path of its own.
    if tokens.get(at).is_some_and(|t| t.text == "as")
        && tokens.get(at + 1).is_some_and(Token::is_word)
    {
        at += 2;
    }
    found.push(Path {
        segments: absolute(&segments, here),
        line,
    });
    at
}

/// Replaces leading `self` and `super` by the module they stand for.
fn absolute(segments: &[String], here: &[String]) -> Vec<String> {
    let ups = segments
        .iter()
        .take_while(|s| *s == "super" || *s == "self")
        .filter(|s| *s == "super")
        .count();
    let skipped = segments
        .iter()
        .take_while(|s| *s == "super" || *s == "self")
        .count();
    if skipped == 0 {
        return segments.to_vec();
    }
    let kept = here.len().saturating_sub(ups);
    let mut path = vec!["crate".to_owned()];
    path.extend_from_slice(&here[..kept]);
    path.extend_from_slice(&segments[skipped..]);
    path
}

fn find(text: &[char], from: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (from..text.len())
        .find(|at| is_end(&text[*at..]))
        .unwrap_or(text.len())
}

fn block_comment_end(text: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn string_end(text: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(c) = text.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The end of a character literal, or of the quote alone when it begins a lifetime.
fn quote_end(text: &[char], from: usize) -> usize {
    match (text.get(from + 1), text.get(from + 2)) {
        (Some('\\'), Some(_)) => find(text, from + 3, |rest| rest.first() == Some(&'\'')) + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
    .min(text.len())
}

/// The end of `r"..."`, `r#"..."#` and their byte and C forms, when `word` before `at` begins one.
fn raw_string_end(text: &[char], at: usize, word: &str) -> Option<usize> {
    if !matches!(word, "r" | "br" | "cr") {
        return None;
    }
    let hashes = text[at..].iter().take_while(|c| **c == '#').count();
    if text.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closes = |rest: &[char]| {
        rest.first() == Some(&'"')
            && rest[1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    Some((find(text, at + hashes + 1, closes) + 1 + hashes).min(text.len()))
}
