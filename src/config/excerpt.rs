use unicode_width::UnicodeWidthStr as _;

/// Where an offset lies, and the line around it as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line: 1 for the first.
    pub line: usize,
    /// The character in the line: 1 for the first.
    pub column: usize,
    /// The line and, below it, a caret. What stands behind an `=` is left out unless it can be no secret.
    pub quoted: String,
}

impl Excerpt {
    /// The place of `span`, in octets of `text`.
    pub(super) fn new(text: &str, span: std::ops::Range<usize>) -> Self {
        let start = floor_boundary(text, span.start);
        let line_start = text
            .get(..start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1);
        let before = text.get(line_start..start).unwrap_or_default();
        let line = text
            .get(..line_start)
            .unwrap_or_default()
            .matches('\n')
            .count()
            + 1;
        let full = text
            .get(line_start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let marked = floor_boundary(text, span.end.max(start))
            .saturating_sub(line_start)
            .min(full.len());
        let marked = full.get(before.len()..marked).unwrap_or_default();
        Self {
            line,
            column: before.chars().count() + 1,
            quoted: quoted(text, line, full, before, marked),
        }
    }
}

/// Control characters, bidirectional marks and zero-width characters become visible, so that the text cannot play with
/// the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

fn quoted(text: &str, line: usize, full: &str, before: &str, marked: &str) -> String {
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let open = shown(text, line, full);
    let mut out = format!("{number} | {}", visible(open).trim_end());
    if open.len() < full.trim_end().len() {
        out.push_str(" …");
    }
    if before.len() <= open.len() && (before.len() < open.len() || open.len() == full.len()) {
        let pad = " ".repeat(visible(before).width());
        let inside = marked
            .get(..marked.len().min(open.len() - before.len()))
            .unwrap_or(marked);
        let carets = "^".repeat(visible(inside).trim_end().width().max(1));
        out.push_str(&format_args!("\n{margin} | {pad}{carets}").to_string());
    }
    out
}

/// The beginning of a line that can hold no secret: up to the first key that is not known to be harmless, or the first
/// word that speaks of a password; nothing of a line that goes on with the value of such a key.
fn shown<'a>(text: &str, line: usize, full: &'a str) -> &'a str {
    if full.contains('=') {
        return full.get(..open_until(full)).unwrap_or_default();
    }
    if is_header(full) {
        return full;
    }
    let owner = text
        .lines()
        .take(line.saturating_sub(1))
        .filter(|line| line.contains('=') || is_header(line))
        .last();
    let free = owner.is_none_or(|owner| is_header(owner) || open_until(owner) == owner.len());
    // Without an `=` it may be a secret that lost its key.
    let word = full.trim();
    let brackets = word.contains(['[', ']', '{', '}', ',']) && !word.contains(['"', '\'']);
    if free && (brackets || HARMLESS.contains(&word)) || word.starts_with('#') && owner.is_none() {
        full
    } else {
        ""
    }
}

fn is_header(line: &str) -> bool {
    let line = line.trim_start();
    let known = ["[accounts", "[keys", "[mirror"]
        .iter()
        .any(|start| line.starts_with(start));
    line.starts_with('[') && !line.contains('=') && (known || !line.contains(['"', '\'', ',']))
}

/// The octets of a line before what may be a secret, with the `=` that leads to it.
fn open_until(line: &str) -> usize {
    let harmful_key = line
        .match_indices('=')
        .map(|(at, _)| at)
        .find(|at| {
            let key = line
                .get(..*at)
                .unwrap_or_default()
                .trim_end()
                .rsplit(|c: char| !is_word(c))
                .next()
                .unwrap_or_default();
            !HARMLESS.contains(&key)
        })
        .map_or(line.len(), |at| at + 1);
    let lower = line.to_ascii_lowercase();
    let telling = SECRET.iter().filter_map(|word| lower.find(word)).min();
    let Some(at) = telling else {
        return harmful_key;
    };
    let rest = line.get(at..).unwrap_or_default();
    let word_end = at + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let behind = line.get(word_end..).unwrap_or_default();
    let sign = behind.len() - behind.trim_start().len() + 1;
    let equals = behind.trim_start().starts_with('=');
    harmful_key.min(if equals { word_end + sign } else { word_end })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

fn floor_boundary(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

/// Keys whose values may be quoted: all but `password` and `command`.
const HARMLESS: &[&str] = &[
    "theme",
    "keys",
    "set",
    "glyphs",
    "mark_read_after",
    "notify",
    "searches",
    "accounts",
    "email",
    "name",
    "pop3",
    "host",
    "port",
    "tls",
    "allow_cleartext",
    "user",
    "auth",
    "ca_file",
    "pin",
    "download",
    "bodies",
    "up_to",
    "check_every",
    "server",
    "keep",
    "days",
    "newest",
    "size",
    "except",
    "delete",
    "rules_delete",
    "grace",
    "quota",
    "mirror",
    "maildir",
    // The colours of a theme.
    "base",
    "background",
    "selection",
    "text",
    "muted",
    "accent",
    "ok",
    "warn",
    "danger",
];

/// Words behind which a secret may stand.
const SECRET: [&str; 5] = ["pass", "secret", "token", "pwd", "kennwort"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters_from_one() {
        let text = "a = 1\r\n\u{fc}\u{fc} = x\n";
        let at = text.find('x').unwrap_or_default();
        let excerpt = Excerpt::new(text, at..at + 1);
        assert_eq!((excerpt.line, excerpt.column), (2, 6));
    }

    #[test]
    fn the_caret_stands_below_the_mistake_also_behind_wide_characters() {
        let text = "name = \"\u{4e2d}\u{6587}\" x\n";
        let at = text.find('x').unwrap_or_default();
        assert_eq!(
            Excerpt::new(text, at..at + 1).quoted,
            "1 | name = \"\u{4e2d}\u{6587}\" x\n  |               ^"
        );
    }

    #[test]
    fn values_of_keys_that_may_hold_a_secret_are_not_quoted() {
        for text in [
            "password = \"hunter2\"",
            "pasword = 'hunter2'",
            "pop3 = { password = \"hunter2\", hots = \"x\" }",
            "host = \"x\" # password=hunter2",
            "a.b.password=\"hunter2",
            "password = \"\"\"\nhunter2",
            "password\nhunter2",
            "pop3 = { host = \"x\", password : \"hunter2\" }",
            "host = \"x\" password \"hunter2\"",
            "hunter2",
            "command = [\n \"hunter2\",\n",
        ] {
            for at in 0..=text.len() {
                let quoted = Excerpt::new(text, at..text.len()).quoted;
                assert!(!quoted.contains("hunter2"), "{text:?} at {at}: {quoted}");
            }
        }
    }

    #[test]
    fn what_could_play_with_the_terminal_is_made_visible() {
        assert_eq!(
            visible("a\u{1b}[31m\u{202e}b\tc\u{200b}"),
            "a\u{fffd}[31m\u{fffd}b c\u{fffd}"
        );
    }

    #[test]
    fn an_offset_past_the_end_or_inside_a_character_is_no_trouble() {
        for at in 0..10 {
            let _ = Excerpt::new("\u{4e2d}\n", at..at + 3);
            let _ = Excerpt::new("", at..at);
        }
    }
}
