//! poppet as a person meets it: the binary in a real terminal, driven by keys, looked at on the screen.
//!
//! `POPPET_SCREENS=FOLDER` keeps what was seen on the way, as text and with its colours.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed, and says where"
)]

use std::time::{Duration, Instant};

use rustix::process::Signal;
use unicode_width::UnicodeWidthStr;

mod support;

#[path = "terminal/asked.rs"]
mod asked;

use support::dovecot::Dovecot;
use support::home::{Home, id, text};
use support::mailbox::{messages, subject};
use support::real::until;
use support::run::signal;
use support::tmux::Tmux;

#[test]
fn a_person_reads_and_tidies_a_real_mailbox_at_80x24() {
    read_and_tidy(80, 24);
}

#[test]
fn a_person_reads_and_tidies_a_real_mailbox_at_120x40() {
    read_and_tidy(120, 40);
}

#[test]
fn a_person_walks_through_the_demo_at_80x24() {
    walk_through_the_demo(80, 24);
}

#[test]
fn a_person_walks_through_the_demo_at_120x40() {
    walk_through_the_demo(120, 40);
}

#[test]
fn peeking_at_80x24_fetches_no_message() {
    peek(80, 24);
}

#[test]
fn peeking_at_120x40_fetches_no_message() {
    peek(120, 40);
}

#[test]
fn the_terminal_is_as_it_was_after_leaving() {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    let before = terminal.modes();
    terminal.line("poppet demo");
    wait_for_list(&terminal, DEMO_WELCOME);
    leave(&terminal);
    assert_eq!(terminal.modes(), before);
}

#[test]
fn no_colour_is_shown_where_none_is_wanted() {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    // The default colours are 39 and 49; all others begin with 3, 4, 9 or 10.
    let coloured = |screen: &str| {
        let mut codes = screen
            .split("\u{1b}[")
            .skip(1)
            .filter_map(|rest| rest.split_once('m').map(|(codes, _)| codes))
            .flat_map(|codes| codes.split(';'));
        codes.any(|code| {
            matches!(
                code.as_bytes(),
                [b'3' | b'4', b'0'..=b'8'] | [b'9', _] | [b'1', b'0', _]
            )
        })
    };
    terminal.line("poppet demo");
    wait_for_list(&terminal, DEMO_WELCOME);
    assert!(coloured(&terminal.colours()));
    leave(&terminal);
    terminal.line("poppet --color never demo");
    wait_for_list(&terminal, DEMO_WELCOME);
    assert!(!coloured(&terminal.colours()));
    leave(&terminal);
}

#[test]
fn the_terminal_is_as_it_was_after_a_signal() {
    for ending in [Signal::TERM, Signal::HUP, Signal::INT] {
        let home = Home::new();
        let Some(terminal) = Tmux::open(&home, 80, 24) else {
            return;
        };
        let before = terminal.modes();
        terminal.line("poppet demo");
        wait_for_list(&terminal, DEMO_WELCOME);
        signal(
            terminal.foreground().expect("poppet runs in the terminal"),
            ending,
        );
        terminal.wait_for_prompt();
        assert_eq!(terminal.modes(), before, "{ending:?}");
        assert!(
            home.left_in("tmp").is_empty(),
            "{ending:?} left {:?}",
            home.left_in("tmp")
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_but_the_clock_wakes_a_reader_that_nobody_uses() {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    terminal.line("poppet demo");
    wait_for_list(&terminal, DEMO_WELCOME);
    let reader = terminal.foreground().expect("poppet runs in the terminal");
    let mut since = (wakings(reader), Instant::now());
    let quiet = until(Duration::from_secs(50), || {
        let count = wakings(reader);
        if count != since.0 {
            since = (count, Instant::now());
        }
        (since.1.elapsed() > Duration::from_secs(3)).then_some(())
    });
    assert!(quiet.is_some(), "woken {} times by now", since.0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_whose_terminal_is_gone_ends_also_where_no_signal_tells_it() {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    // In a session of its own, the terminal's end signals nothing to it.
    terminal.line("setsid --wait sh -c 'echo $$ > pid; exec poppet demo'");
    wait_for_list(&terminal, DEMO_WELCOME);
    let reader = std::fs::read_to_string(home.path().join("pid")).expect("its number");
    let process = std::path::Path::new("/proc").join(reader.trim());
    assert!(process.exists());
    drop(terminal);
    let ended = until(Duration::from_secs(10), || {
        (!process.exists()).then_some(())
    });
    assert!(ended.is_some(), "it still runs");
}

#[test]
fn the_terminal_is_as_it_was_while_suspended_and_the_screen_comes_back() {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    let before = terminal.modes();
    terminal.line("poppet demo");
    wait_for_list(&terminal, DEMO_WELCOME);
    let selected = select(&terminal, "Photos from the garden");
    for _ in 0..2 {
        terminal.keys(&["C-z"]);
        terminal.wait_for("Stopped");
        terminal.wait_for_prompt();
        assert_eq!(terminal.modes(), before);
        terminal.line("fg");
        wait_for_list(&terminal, DEMO_WELCOME);
        terminal.wait_until("the same message selected", |screen| {
            cursor_row(screen).as_deref() == Some(&*selected)
        });
    }
    leave(&terminal);
    assert_eq!(terminal.modes(), before);
}

#[test]
fn the_selection_survives_every_size_and_a_window_too_small_says_so() {
    let home = Home::new();
    let Some(mut terminal) = Tmux::open(&home, 120, 40) else {
        return;
    };
    terminal.line("poppet demo");
    wait_for_list(&terminal, DEMO_WELCOME);
    select(&terminal, "Photos from the garden");
    for (columns, rows) in [(80, 24), (40, 12), (200, 50), (60, 8), (120, 40)] {
        terminal.resize(columns, rows);
        terminal.wait_until(&format!("the selection at {columns}x{rows}"), |screen| {
            cursor_row(screen).is_some_and(|row| row.contains("Photos from the"))
                && is_drawn_for(screen, columns, rows)
        });
        terminal.keep("resized");
    }
    terminal.resize(30, 6);
    terminal.wait_for("40x8");
    terminal.resize(80, 24);
    wait_for_list(&terminal, "Photos from the garden");
    leave(&terminal);
}

#[test]
fn pasted_and_mashed_keys_delete_nothing() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(5));
    let home = Home::with_accounts(&[server.account()]);
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    terminal.line("poppet");
    wait_for_list(&terminal, &subject(4));
    terminal.paste("dddq$\nddd");
    // The next key is answered after the paste was taken in.
    terminal.keys(&["?"]);
    let help = terminal.wait_for("Esc close");
    assert!(!help.contains("staged"), "{help}");
    terminal.keys(&["Escape"]);
    wait_for_list(&terminal, &subject(4));
    delete(&terminal, &subject(4));
    wait_until_staged(&home, 1);
    terminal.keys(&["$"]);
    terminal.wait_for("Review: 1 deletion");
    for _ in 0..20 {
        terminal.keys(&["Enter"]);
    }
    terminal.keys(&["?"]);
    terminal.wait_for("Esc close");
    assert_eq!(server.holds("sam").len(), 5);
    signal(
        terminal.foreground().expect("poppet runs in the terminal"),
        Signal::TERM,
    );
    terminal.wait_for_prompt();
    assert_eq!(server.holds("sam").len(), 5);
}

#[test]
fn the_first_start_offers_to_set_up_an_account_and_leaves_nothing_when_left() {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    let before = terminal.modes();
    terminal.line("poppet");
    terminal.wait_for("Welcome to poppet");
    terminal.keep("wizard");
    terminal.keys(&["C-c"]);
    terminal.wait_for("nothing was saved");
    wait_until_list(&terminal);
    leave(&terminal);
    assert_eq!(terminal.modes(), before);
    assert!(
        home.left_in("config").is_empty(),
        "{:?}",
        home.left_in("config")
    );
}

#[test]
fn a_wrong_password_is_explained_and_the_stored_mail_stays_readable() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(3));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let mut account = server.account();
    account.password = "not-the-password".to_owned();
    home.configure(&[account]);
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    terminal.line("poppet");
    let screen = terminal.wait_until("the refused login", |screen| {
        let screen = screen.to_lowercase();
        screen.contains("login") || screen.contains("password")
    });
    assert!(!screen.contains("not-the-password"), "{screen}");
    terminal.keep("refused-login");
    terminal.keys(&["Escape"]);
    wait_for_list(&terminal, &subject(2));
    read_selected(&terminal, &subject(2), "Dear Sam");
    signal(
        terminal.foreground().expect("poppet runs in the terminal"),
        Signal::TERM,
    );
    terminal.wait_for_prompt();
}

/// Open, read, back, stage, undo, review, apply, quit, and again without the server.
fn read_and_tidy(columns: u16, rows: u16) {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(12));
    let home = Home::with_accounts(&[server.account()]);
    let Some(terminal) = Tmux::open(&home, columns, rows) else {
        return;
    };
    let before = server.holds("sam");
    terminal.line("poppet; echo $? > status");
    wait_for_list(&terminal, &subject(11));
    until(WAIT, || {
        (home.list("").iter().all(|m| text(m, "local") == "full")).then_some(())
    })
    .expect("all bodies");
    terminal.keep("inbox");
    read_selected(&terminal, &subject(11), "Three files.");
    terminal.keep("message");
    back_to_list(&terminal);

    let wanted = [subject(10), subject(2), subject(1)];
    for (staged, subject) in (1..).zip(&wanted) {
        delete(&terminal, subject);
        wait_until_staged(&home, staged);
    }
    // The last one is undone where it was done, the one before taken back in the Trash.
    terminal.keys(&["z"]);
    wait_for_list(&terminal, &wanted[2]);
    wait_until_staged(&home, 2);
    terminal.keys(&["g", "T"]);
    wait_for_list(&terminal, &wanted[0]);
    select(&terminal, &wanted[1]);
    terminal.keys(&["u"]);
    wait_until_staged(&home, 1);
    terminal.keys(&["g", "i"]);
    wait_for_list(&terminal, &wanted[1]);
    assert_eq!(
        server.holds("sam").len(),
        12,
        "nothing leaves the server before the review"
    );

    terminal.keys(&["$"]);
    let review = terminal.wait_for("Review: 1 deletion");
    let listed: Vec<&str> = review
        .lines()
        .filter(|line| line.contains("copy here"))
        .collect();
    assert!(
        matches!(listed.as_slice(), [only] if only.contains(&wanted[0])),
        "{review}"
    );
    terminal.keep("review");
    // The button under the cursor is the one that does nothing.
    terminal.keys(&["Enter"]);
    wait_for_list(&terminal, &subject(11));
    assert_eq!(server.holds("sam").len(), 12);
    terminal.keys(&["$"]);
    terminal.wait_for("Review: 1 deletion");
    press_second_button(&terminal);
    // Asked only now: a second session in the middle of a deletion is told of messages that are gone when it wants them.
    terminal.wait_for("1 message deleted on the server");
    let after = server.holds("sam");
    assert_eq!(after.len(), 11);
    assert!(after.iter().all(|(uidl, octets)| before[uidl] == *octets));
    terminal.keep("applied");
    terminal.keys(&["Escape"]);
    wait_for_list(&terminal, &subject(11));
    leave(&terminal);
    assert_eq!(terminal.status(), "0");

    server.stop();
    let trash = home.list("folder:trash");
    assert_eq!(trash.len(), 1);
    assert_eq!(text(&trash[0], "subject"), wanted[0]);
    assert!(
        !home
            .poppet(["show", &id(&trash[0]), "--raw"])
            .expect_code(0)
            .stdout
            .is_empty()
    );
    terminal.line("poppet; echo $? > status");
    wait_for_list(&terminal, &subject(11));
    terminal.keep("offline");
    read_selected(&terminal, &subject(11), "Three files.");
    back_to_list(&terminal);
    leave(&terminal);
    assert_eq!(terminal.status(), "0");
}

/// What the sample mailbox is there to show.
fn walk_through_the_demo(columns: u16, rows: u16) {
    let home = Home::new();
    let Some(terminal) = Tmux::open(&home, columns, rows) else {
        return;
    };
    terminal.line("poppet demo; echo $? > status");
    wait_for_list(&terminal, DEMO_WELCOME);
    terminal.keep("demo-inbox");
    select(&terminal, DEMO_WELCOME);
    read_selected(&terminal, DEMO_WELCOME, "");
    terminal.keep("demo-welcome");
    back_to_list(&terminal);
    for (subject, words, name) in [
        ("灯の夜の準備が", "", "demo-japanese"),
        ("Tide table for Lamp Night", "", "demo-attachments"),
        (
            "One lamp, eight coasts",
            "Forty-one words",
            "demo-newsletter",
        ),
        ("URGENT: your account", "", "demo-phishing"),
    ] {
        select(&terminal, subject);
        read_selected(&terminal, subject, words);
        let screen = terminal.screen();
        assert!(
            screen
                .lines()
                .all(|line| line.width() <= usize::from(columns)),
            "{screen}"
        );
        terminal.keep(name);
        back_to_list(&terminal);
    }
    terminal.keys(&["g", "g"]);
    select(&terminal, "Photos from the garden");
    terminal.keys(&["p"]);
    terminal.wait_until("the peek", |screen| title(screen).contains("Peek"));
    terminal.wait_for("the roses");
    terminal.keep("demo-peek");
    terminal.keys(&["Escape"]);
    wait_until_list(&terminal);
    terminal.keys(&["?"]);
    terminal.wait_for("Esc close");
    terminal.keep("demo-help");
    terminal.keys(&["Escape"]);
    wait_until_list(&terminal);

    delete(&terminal, "Reset your library password");
    terminal.keys(&["$"]);
    terminal.wait_for("Review: 1 deletion");
    terminal.keep("demo-review");
    press_second_button(&terminal);
    terminal.wait_for("1 message deleted on the server");
    terminal.keys(&["Escape"]);
    wait_until_list(&terminal);
    leave(&terminal);
    assert_eq!(terminal.status(), "0");
    for part in ["config", "data", "state", "tmp"] {
        assert!(
            home.left_in(part).is_empty(),
            "the demo left {:?}",
            home.left_in(part)
        );
    }
}

/// A mailbox that is only peeked at: `p` shows the beginning, Esc changes nothing, Enter downloads.
fn peek(columns: u16, rows: u16) {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(3));
    let mut account = server.account();
    account
        .more
        .push_str("[accounts.home.download]\nbodies = \"none\"\n");
    let home = Home::with_accounts(&[account]);
    let Some(terminal) = Tmux::open(&home, columns, rows) else {
        return;
    };
    terminal.line("poppet; echo $? > status");
    wait_for_list(&terminal, &subject(2));
    terminal.keys(&["p"]);
    terminal.wait_until("the peek", |screen| {
        title(screen).contains("Peek") && screen.contains("Dear Sam")
    });
    terminal.keep("peek");
    terminal.keys(&["Escape"]);
    wait_for_list(&terminal, &subject(2));
    assert!(home.list("").iter().all(|m| text(m, "local") != "full"));
    let sessions: Vec<String> = server
        .log()
        .lines()
        .filter(|l| l.contains("retr="))
        .map(str::to_owned)
        .collect();
    assert!(
        sessions.iter().all(|line| line.contains("retr=0/0")),
        "{sessions:?}"
    );

    terminal.keys(&["p"]);
    terminal.wait_until("the peek", |screen| title(screen).contains("Peek"));
    terminal.keys(&["Enter"]);
    let full = || {
        (home
            .list("")
            .iter()
            .filter(|m| text(m, "local") == "full")
            .count()
            == 1)
            .then_some(())
    };
    until(WAIT, full).expect("the message is downloaded");
    assert_eq!(server.holds("sam").len(), 3);
    signal(
        terminal.foreground().expect("poppet runs in the terminal"),
        Signal::TERM,
    );
    terminal.wait_for_prompt();
}

/// How often the threads of a process have waited for something and were woken.
#[cfg(target_os = "linux")]
fn wakings(process: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("its threads");
    let of = |task: std::fs::DirEntry| {
        let status = std::fs::read_to_string(task.path().join("status")).ok()?;
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        count.trim().parse::<u64>().ok()
    };
    tasks.flatten().filter_map(of).sum()
}

/// Waits for the message list with this subject in it.
#[track_caller]
fn wait_for_list(terminal: &Tmux, subject: &str) -> String {
    let subject = beginning(subject);
    terminal.wait_until(&format!("the list with {subject:?}"), |screen| {
        is_list(screen) && screen.contains(subject)
    })
}

#[track_caller]
fn wait_until_list(terminal: &Tmux) -> String {
    terminal.wait_until("the list", is_list)
}

/// Opens the selected message and waits for its title and for words of its text.
#[track_caller]
fn read_selected(terminal: &Tmux, subject: &str, words: &str) {
    let subject = beginning(subject);
    terminal.keys(&["Enter"]);
    terminal.wait_until(&format!("the message {subject:?}"), |screen| {
        title(screen).contains(subject) && !is_list(screen) && screen.contains(words)
    });
}

/// Deletes the message with this subject: it leaves the list at once.
#[track_caller]
fn delete(terminal: &Tmux, subject: &str) {
    select(terminal, subject);
    terminal.keys(&["d"]);
    let (subject, said) = (
        beginning(subject),
        format!("Deleted \"{}", beginning(subject)),
    );
    terminal.wait_until(&said, |screen| {
        let rows = screen.lines().filter(|line| !line.contains(&said));
        screen.contains(&said)
            && is_list(screen)
            && !rows.into_iter().any(|row| row.contains(subject))
    });
}

/// Waits until so many deletions are staged, as another process sees it.
#[track_caller]
fn wait_until_staged(home: &Home, count: usize) {
    let staged = || {
        let pending = home.poppet(["pending", "--json"]).json().len();
        (pending == count).then_some(())
    };
    until(WAIT, staged).unwrap_or_else(|| panic!("there are never {count} deletions staged"));
}

/// Presses the button of the review that deletes, once the focus is seen to be on it.
#[track_caller]
fn press_second_button(terminal: &Tmux) {
    let buttons = || {
        let screen = terminal.colours();
        screen
            .lines()
            .rfind(|line| line.contains("Back"))
            .map(str::to_owned)
    };
    let before = buttons();
    terminal.keys(&["Tab"]);
    until(WAIT, || (buttons() != before).then_some(())).expect("the focus moves");
    terminal.keys(&["Enter"]);
}

/// Leaves poppet for the shell, also while mail is being fetched.
#[track_caller]
fn leave(terminal: &Tmux) {
    terminal.keys(&["q"]);
    let asked = terminal.wait_until("the end, or a question", |screen| {
        screen.contains(LEAVE) || terminal.at_the_prompt()
    });
    if asked.contains(LEAVE) {
        assert!(!asked.contains("staged deletion"), "{asked}");
        terminal.keys(&["q"]);
    }
    terminal.wait_for_prompt();
}

#[track_caller]
fn back_to_list(terminal: &Tmux) {
    terminal.keys(&["q"]);
    wait_until_list(terminal);
}

/// Moves the selection, from the top, down to the message with this subject; gives its row.
#[track_caller]
fn select(terminal: &Tmux, subject: &str) -> String {
    let subject = beginning(subject);
    terminal.keys(&["Home"]);
    terminal.wait_until("the first row selected", |screen| {
        is_list(screen)
            && screen
                .lines()
                .nth(2)
                .is_some_and(|row| row.starts_with('▌'))
    });
    for _ in 0..60 {
        let screen = terminal.screen();
        let row = cursor_row(&screen).unwrap_or_default();
        if row.contains(subject) {
            return row;
        }
        terminal.keys(&["j"]);
        terminal.wait_until("the next row", |screen| {
            cursor_row(screen).is_some_and(|now| now != row)
        });
    }
    panic!("{subject:?} is not in the list:\n{}", terminal.screen());
}

/// The row that the selection bar stands in.
fn cursor_row(screen: &str) -> Option<String> {
    screen
        .lines()
        .find(|line| line.starts_with('▌'))
        .map(|line| line.trim_end().to_owned())
}

/// Whether the screen was drawn for this size: every row fits, and the last one ends with the help's key at its right.
fn is_drawn_for(screen: &str, columns: u16, rows: u16) -> bool {
    let columns = usize::from(columns);
    let last = screen.lines().last().unwrap_or_default().trim_end();
    screen.lines().count() == usize::from(rows)
        && screen.lines().all(|line| line.width() <= columns)
        && last.ends_with("? help")
        && last.width() + 1 >= columns
}

fn title(screen: &str) -> &str {
    screen.lines().next().unwrap_or_default()
}

/// Whether the second row is the head of the list's columns.
fn is_list(screen: &str) -> bool {
    screen
        .lines()
        .nth(1)
        .is_some_and(|line| line.contains("From") && line.contains("Subject"))
}

/// As much of a subject as every column shows.
fn beginning(subject: &str) -> &str {
    subject
        .char_indices()
        .nth(18)
        .map_or(subject, |(at, _)| &subject[..at])
}

/// The message of the sample mailbox that one should read first.
const DEMO_WELCOME: &str = "Welcome. You may touch everything.";
const LEAVE: &str = "Leave poppet?";
const WAIT: Duration = Duration::from_secs(30);
