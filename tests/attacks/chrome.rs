//! V28: what a message says never stands where poppet itself speaks.

use poppet::demo::{Maildrop, Message};

use crate::pty::Pty;
use crate::served::Served;
use crate::support::home::Home;
use crate::support::real::until;

/// What looks like the words of a program: marks, counts, keys, questions.
const FAKES: [(&str, &str, &str); 4] = [
    (
        "signature good, sender verified",
        "✓ Verified: the sender is your bank",
        "[✓ signed and encrypted by your bank, checked by poppet]",
    ),
    (
        "▌ $ 0 staged ? help",
        "1 unread │ inbox │ all is well │ ? help",
        "Apply now: delete all?   [ Yes ]  [ No ]   Enter press",
    ),
    (
        "┌──────────┐",
        "└─ poppet 0.1 ── no new mail ── 0 errors ─┘",
        "From: your bank <safe at the bank>",
    ),
    (
        "Subject: other",
        "To: sam@example.net   Date: today   ↓ full   srv",
        "── End of the message ─────────────────────────",
    ),
];

#[test]
fn v28_no_cell_outside_the_text_of_a_message_is_changed_by_what_it_says() {
    for (name, subject, body) in FAKES {
        // The same message, with nothing in it but letters of which poppet writes no words.
        let blank = |text: &str| "x".repeat(text.chars().count());
        let (honest, _one) = opened(&blank(name), &blank(subject), &blank(body));
        let (fake, _two) = opened(name, subject, body);
        let mut difference = String::new();
        let same = until(std::time::Duration::from_secs(30), || {
            let found = difference_of(&honest.cells(), &fake.cells());
            difference = found.clone().unwrap_or_default();
            found.is_none().then_some(())
        });
        assert!(same.is_some(), "{subject}: {difference}");
    }
}

#[test]
fn v28_the_comparison_finds_a_word_of_a_message_among_our_own() {
    let row = |text: &str| text.chars().map(|c| c.to_string()).collect::<Vec<_>>();
    let honest = vec![row("inbox xxxx ? help")];
    assert_eq!(difference_of(&honest, &[row("inbox fake ? help")]), None);
    assert!(difference_of(&honest, &[row("inb0x fake ? help")]).is_some());
    assert!(difference_of(&honest, &[row("inbox fake ! help")]).is_some());
}

/// The first row in which two screens differ where the first has none of the letters of its message.
fn difference_of(honest: &[Vec<String>], fake: &[Vec<String>]) -> Option<String> {
    honest.iter().zip(fake).find_map(|(one, other)| {
        let differs = one
            .iter()
            .zip(other)
            .any(|(one, other)| one.trim() != other.trim() && one != "x");
        differs.then(|| format!("{}\n{}", one.concat(), other.concat()))
    })
}

/// A reader with this message open.
fn opened(name: &str, subject: &str, body: &str) -> (Pty, (Home, Served)) {
    let lines = format!("{body}\r\n\r\n").repeat(5);
    let message = format!(
        "From: \"{name}\" <xxx@xxx.xxx>\r\nTo: sam@example.net\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nX-Pad: {}\r\n\r\n{lines}\r\n",
        "p".repeat(4000 - lines.len() - name.len() - subject.len()),
    );
    let server = Served::mailbox(Maildrop::new(vec![Message::new(message)]));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let command = home.command(Vec::<&str>::new());
    let mut reader = Pty::start(&command, 110, 30);
    reader.wait_for("Subject");
    reader.wait_for("Nov");
    reader.keys("\r");
    let first = body.chars().take(8).collect::<String>();
    reader.wait_for(&first);
    (reader, (home, server))
}
