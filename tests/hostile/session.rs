//! The sessions that faults happen to, and what is true after each of them.

use std::time::{Duration, Instant};

use poppet::backend::Haste;
use poppet::bridge::SyncMode;
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::{Local, Server as Copy};
use tokio::sync::OnceCell;

use crate::house::{House, Image, Run, Transport};
use crate::server::behaviour::Behaviour;

/// What the client is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It fetches everything and leaves it where it is.
    Leave,
    /// It deletes two of the messages, which it has.
    Delete,
    /// It fetches headers and nothing else.
    Peek,
    /// It fetches everything from a server that names nothing.
    NoUidl,
}

impl Mode {
    pub(crate) const ALL: [Self; 4] = [Self::Leave, Self::Delete, Self::Peek, Self::NoUidl];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Delete => "delete",
            Self::Peek => "peek",
            Self::NoUidl => "no UIDL",
        }
    }

    /// A good server for it.
    pub(crate) fn server(self) -> Behaviour {
        Behaviour::quirky(Quirks {
            no_uidl: self == Self::NoUidl,
            mechanisms: Vec::new(),
            quit_without_crlf: true,
            ..Quirks::default()
        })
    }

    async fn act(self, run: &mut Run) {
        // How it ends is not the point: what is true afterwards is.
        match self {
            Self::Leave | Self::NoUidl => {
                let _ = run.sync(SyncMode::Full).await;
            }
            Self::Peek => {
                let _ = run.sync(SyncMode::Headers).await;
            }
            Self::Delete => {
                let doomed = run.ids(&DOOMED).await;
                let _ = run.apply(&doomed).await;
            }
        }
    }
}

/// What became of one case.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) wrongs: Vec<String>,
    pub(crate) took: Duration,
    /// Octets that the server sent, and heard, on the first connection.
    pub(crate) carried: (u64, u64),
    /// Commands of the first engine.
    pub(crate) commands: usize,
}

/// One session on a server that behaves so, and after it another engine on the same store with a server that is good.
pub(crate) async fn case(
    mode: Mode,
    transport: Transport,
    behaviour: Behaviour,
    haste: Haste,
) -> Outcome {
    let begun = Instant::now();
    let maildrop = mailbox();
    let mut house = House::reached_by(transport, &maildrop, behaviour);
    if mode == Mode::Delete {
        house = house.with_store(stored().await);
        house.permit(doomed(&maildrop));
    }
    let mut run = house.run(haste);
    mode.act(&mut run).await;
    let commands = house.mark();
    run.end().await;
    maildrop.idle().await;
    let first = house.server.register().wires().first().copied();
    let carried = first.map_or((0, 0), |count| (count.sent, count.heard));
    house.server.behave(mode.server());
    let mut wrongs = Vec::new();
    let mut run = house.good_run();
    settle(mode, &house, &mut run, &mut wrongs).await;
    wrongs.extend(house.wrongs(&run).await);
    run.end().await;
    Outcome {
        wrongs,
        took: begun.elapsed(),
        carried,
        commands,
    }
}

/// The clean session after the fault, and what it has to bring about.
async fn settle(mode: Mode, house: &House, run: &mut Run, wrongs: &mut Vec<String>) {
    let mark = house.mark();
    let before = run.rows().await;
    let whole = before.iter().filter(|row| row.local == Local::Full).count();
    let maildrop = house.server.maildrop();
    let how = if mode == Mode::Peek {
        SyncMode::Headers
    } else {
        SyncMode::Full
    };
    if let Err(problem) = run.sync(how).await {
        wrongs.push(format!("the clean session failed: {problem}"));
        return;
    }
    let rows = run.rows().await;
    if rows.len() != SUBJECTS.len() {
        wrongs.push(format!("{} rows", rows.len()));
    }
    // A header block of which a part came is none.
    for subject in SUBJECTS {
        if !rows.iter().any(|row| row.subject == subject) {
            wrongs.push(format!("there is no {subject} in the list"));
        }
    }
    // Where a header was refused, looking at all of a message is as good.
    let fits = |local| local == Local::Full || (mode == Mode::Peek && local == Local::Headers);
    for row in rows.iter().filter(|row| !fits(row.local)) {
        wrongs.push(format!("{} is {:?} here", row.subject, row.local));
    }
    let retrieved = house.sent("RETR", mark);
    let missing = if mode == Mode::Peek {
        0
    } else {
        SUBJECTS.len() - whole
    };
    if retrieved > missing {
        wrongs.push(format!(
            "{retrieved} retrieved where {missing} were missing"
        ));
    }
    if mode != Mode::Delete {
        if !maildrop.removed().is_empty() {
            wrongs.push("something was removed".to_owned());
        }
        return;
    }
    // What was wanted is still wanted, or has happened.
    let there = maildrop.uidls().len();
    let doomed = run.ids(&DOOMED).await;
    let mut wanted = Vec::new();
    for id in &doomed {
        match run.copy(*id).await {
            Copy::DeleteWanted => wanted.push(*id),
            Copy::Deleted => {}
            other => wrongs.push(format!("a deletion is {other:?} after a listing")),
        }
    }
    if there != SUBJECTS.len() - DOOMED.len() + wanted.len() {
        wrongs.push(format!("{there} on the server, {} wanted", wanted.len()));
    }
    if !wanted.is_empty() {
        match run.apply(&wanted).await {
            Ok(applied) if applied.deleted.len() == wanted.len() => {}
            other => wrongs.push(format!("the deletion was not repeated: {other:?}")),
        }
    }
    if maildrop.uidls().len() != SUBJECTS.len() - DOOMED.len() {
        wrongs.push("what was wanted was not deleted in the end".to_owned());
    }
}

/// The messages: some dots, a line end of another kind, two with the same header block but for the subject.
pub(crate) fn mailbox() -> Maildrop {
    let letter = |subject: &str, body: &str| {
        let head = format!(
            "From: ann@a.example\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 11:02:03 +0000\r\n"
        );
        Message::new(format!(
            "{head}Message-ID: <{subject}@a.example>\r\n\r\n{body}\r\n"
        ))
    };
    Maildrop::new(vec![
        letter(SUBJECTS[0], "first"),
        letter(SUBJECTS[1], ".\r\n..two dots\r\n.\r\n-ERR no"),
        letter(SUBJECTS[2], "a bare\nline feed and a bare\rreturn"),
        letter(SUBJECTS[3], "+OK 1 octets"),
        letter(SUBJECTS[4], "last\r\n."),
    ])
}

pub(crate) fn doomed(maildrop: &Maildrop) -> Vec<Vec<u8>> {
    let uidls = maildrop.uidls().into_iter().zip(SUBJECTS);
    let doomed = uidls.filter(|(_, subject)| DOOMED.contains(subject));
    doomed.map(|(uidl, _)| uidl).collect()
}

/// A store that has them all, of which two are to be deleted.
pub(crate) async fn stored() -> &'static Image {
    static STORED: OnceCell<Image> = OnceCell::const_new();
    let make = || async {
        let house = House::new(&mailbox(), Mode::Delete.server());
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.expect("a good server");
        let doomed = run.ids(&DOOMED).await;
        run.stage(&doomed).await;
        house.into_image(run).await
    };
    STORED.get_or_init(make).await
}

pub(crate) const SUBJECTS: [&str; 5] = ["one", "two", "three", "four", "five"];
pub(crate) const DOOMED: [&str; 2] = ["two", "four"];
