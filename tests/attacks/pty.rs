//! A terminal with the binary in it, every octet of whose output is kept.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::support::real::until;

/// A program in a pseudo-terminal.
pub(crate) struct Pty {
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

struct Seen {
    octets: Vec<u8>,
    screen: vt100::Parser,
    /// How many of the octets the screen has.
    drawn: usize,
    ended: bool,
}

impl Seen {
    fn take(&mut self, new: &[u8]) {
        self.octets.extend(new);
        let whole = self.octets.len() - incomplete(&self.octets[self.drawn..]);
        let text = String::from_utf8_lossy(&self.octets[self.drawn..whole]).into_owned();
        // The emulator leaves U+FFFD out, as no terminal does.
        self.screen
            .process(text.replace('\u{FFFD}', "?").as_bytes());
        self.drawn = whole;
    }
}

/// How many octets at the end are the beginning of a character.
fn incomplete(octets: &[u8]) -> usize {
    let last = octets.utf8_chunks().last();
    last.map_or(0, |chunk| chunk.invalid().len().min(3))
}

impl Pty {
    /// Starts `command` in a terminal of that size.
    pub(crate) fn start(command: &Command, columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                builder.env(name, value);
            }
        }
        if let Some(folder) = command.get_current_dir() {
            builder.cwd(folder);
        }
        let child = pair
            .slave
            .spawn_command(builder)
            .expect("start the program");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("its output");
        let keys = Arc::new(Mutex::new(pair.master.take_writer().expect("its keys")));
        let seen = Arc::new(Mutex::new(Seen {
            octets: Vec::new(),
            screen: vt100::Parser::new(nonzero(rows), nonzero(columns), 0),
            drawn: 0,
            ended: false,
        }));
        let (record, answers) = (Arc::clone(&seen), Arc::clone(&keys));
        std::thread::spawn(move || {
            let mut octets = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut octets) {
                let new = &octets[..count];
                // It asks what kind of terminal this is, and need not wait for the answer.
                if new.windows(3).any(|octets| octets == b"\x1b[c") {
                    let _ = answers.lock().unwrap().write_all(b"\x1b[?62;22c");
                }
                record.lock().unwrap().take(new);
            }
            record.lock().unwrap().ended = true;
        });
        Self {
            keys: Box::new(Shared(keys)),
            child,
            seen,
            _master: pair.master,
        }
    }

    /// Presses keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("press keys");
        self.keys.flush().expect("press keys");
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// What stands in each cell of the screen, row by row.
    pub(crate) fn cells(&self) -> Vec<Vec<String>> {
        let seen = self.seen.lock().unwrap();
        let screen = seen.screen.screen();
        let (rows, columns) = screen.size();
        let cell = |row, column| {
            screen
                .cell(row, column)
                .map(|cell| cell.contents().to_owned())
        };
        (0..rows.get())
            .map(|row| {
                (0..columns.get())
                    .map(|column| cell(row, column).unwrap_or_default())
                    .collect()
            })
            .collect()
    }

    /// Waits until the screen is as wanted, and gives it.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let seen = || Some(self.screen()).filter(|screen| wanted(screen));
        until(LIMIT, seen)
            .unwrap_or_else(|| panic!("waited for {what}; the screen is\n{}", self.screen()))
    }

    /// Waits until the screen has `text`, and gives it.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?}"), |screen| screen.contains(text))
    }

    /// Every octet that came so far.
    pub(crate) fn octets(&self) -> Vec<u8> {
        self.seen.lock().unwrap().octets.clone()
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("its number")
    }

    /// Waits for the end, and gives the exit status and every octet.
    #[track_caller]
    pub(crate) fn end(mut self) -> (u32, Vec<u8>) {
        let ended = until(LIMIT, || self.child.try_wait().expect("ask for its end"));
        let Some(status) = ended else {
            panic!("it does not end; the screen is\n{}", self.screen());
        };
        until(LIMIT, || self.seen.lock().unwrap().ended.then_some(()))
            .expect("the end of its output");
        (status.exit_code(), self.octets())
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nonzero(size: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(size).expect("a terminal has room")
}

struct Shared(Arc<Mutex<Box<dyn Write + Send>>>);

impl Write for Shared {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap().flush()
    }
}

/// The first thing in what went to a terminal that is neither text nor a sequence of poppet's own; what stands around it.
pub(crate) fn foreign(stream: &[u8], columns: u16, rows: u16) -> Option<String> {
    let mut rest = stream;
    while !rest.is_empty() {
        let Some(length) = taken(rest, columns, rows) else {
            let at = stream.len() - rest.len();
            let around = &stream[at.saturating_sub(40)..(at + 40).min(stream.len())];
            return Some(around.escape_ascii().to_string());
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

/// How many octets the first character or sequence has; `None` for one that is not ours.
fn taken(rest: &[u8], columns: u16, rows: u16) -> Option<usize> {
    match rest {
        // A terminal adds the CR to each LF; alone it only begins the line of progress anew.
        [b'\r', b'\n', ..] => Some(2),
        [b'\r', 0x1b, b'[', b'K', ..] => Some(4),
        [0x1b, b'[', after @ ..] => {
            let length = after
                .iter()
                .position(|octet| (0x40..=0x7E).contains(octet))?;
            let (inside, last) = (
                std::str::from_utf8(after.get(..length)?).ok()?,
                *after.get(length)?,
            );
            is_ours(inside, last, columns, rows).then_some(length + 3)
        }
        [0x1b, b']', after @ ..] => {
            let end = after
                .iter()
                .position(|octet| matches!(octet, 0x07 | 0x1b))?;
            let closing = if after.get(end) == Some(&0x07) { 1 } else { 2 };
            let inside = std::str::from_utf8(after.get(..end)?).ok()?;
            (is_our_command(inside) && (closing == 1 || after.get(end + 1) == Some(&b'\\')))
                .then_some(2 + end + closing)
        }
        [0x20..=0x7E, ..] => Some(1),
        [0x80..=0xFF, ..] => {
            let character = rest.utf8_chunks().next()?.valid().chars().next()?;
            is_text(character).then(|| character.len_utf8())
        }
        _ => None,
    }
}

/// Control sequences that poppet writes, with what may stand in them.
fn is_ours(inside: &str, last: u8, columns: u16, rows: u16) -> bool {
    let numbers = || inside.split(';').map(|number| number.parse::<u16>().ok());
    match last {
        b'm' => are_colours(inside),
        b'H' => {
            matches!(numbers().collect::<Vec<_>>()[..], [Some(y), Some(x)] if (1..=rows).contains(&y) && (1..=columns).contains(&x))
        }
        b'h' | b'l' => matches!(
            inside,
            "?25"
                | "?1049"
                | "?2004"
                | "?1004"
                | "?1000"
                | "?1002"
                | "?1003"
                | "?1006"
                | "?1015"
                | "?1007"
                | "?2026"
        ),
        b't' => matches!(inside, "22;0" | "23;0"),
        b'K' | b'c' => inside.is_empty(),
        _ => false,
    }
}

/// Colours and attributes; no blinking and nothing concealed, which poppet has no use for.
fn are_colours(inside: &str) -> bool {
    let mut numbers = inside.split([';', ':']).map(str::parse::<u16>);
    if inside.is_empty() {
        return true;
    }
    while let Some(number) = numbers.next() {
        match number {
            Ok(38 | 48 | 58) => match (numbers.next(), numbers.next()) {
                (Some(Ok(5)), Some(Ok(0..=255))) => {}
                (Some(Ok(2)), Some(Ok(0..=255))) => {
                    if !matches!(
                        (numbers.next(), numbers.next()),
                        (Some(Ok(0..=255)), Some(Ok(0..=255)))
                    ) {
                        return false;
                    }
                }
                _ => return false,
            },
            Ok(
                0..=4 | 7 | 9 | 22..=24 | 27 | 29..=37 | 39..=47 | 49 | 59 | 90..=97 | 100..=107,
            ) => {}
            _ => return false,
        }
    }
    true
}

/// The window's title, a notification, and the question for the background.
fn is_our_command(inside: &str) -> bool {
    let count = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let titled = |title: &str| {
        title == "poppet"
            || title
                .strip_prefix("poppet ")
                .and_then(|rest| rest.strip_suffix(" new"))
                .is_some_and(count)
    };
    match inside.split_once(';') {
        Some(("0", title)) => titled(title),
        Some(("9", told)) => told
            .strip_prefix("poppet: ")
            .and_then(|rest| rest.strip_suffix(" new"))
            .is_some_and(count),
        Some(("11", asked)) => asked == "?",
        _ => false,
    }
}

/// Whether a character is text: it draws something where it stands, and turns nothing round.
fn is_text(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{61C}'
            | '\u{AD}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}' | '\u{FFF9}'..='\u{FFFB}'))
}

const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn v16_the_check_of_a_terminal_finds_what_is_not_ours() {
    assert_eq!(
        foreign(
            "\x1b[1;1H\x1b[38;2;1;2;3mtext\x1b[0m\r\n\x1b[?25l\x1b]0;poppet 3 new\x07Grüße ▌"
                .as_bytes(),
            80,
            24
        ),
        None
    );
    for (name, payload) in crate::octets::PAYLOADS {
        let stream = [b"\x1b[1;1Hbefore ", *payload, b" after"].concat();
        assert!(foreign(&stream, 80, 24).is_some(), "{name}");
    }
    for title in [
        "\x1b]0;owned\x07",
        "\x1b]0;poppet x new\x07",
        "\x1b]9;poppet: 3 newer\x07",
        "\x1b[25;1H",
        "\x1b[2J",
    ] {
        assert!(foreign(title.as_bytes(), 80, 24).is_some(), "{title:?}");
    }
}
