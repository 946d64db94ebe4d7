//! The server: RFC 1939 with CAPA and PIPELINING, an UPDATE state, and every way to end too early.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::chance::Chance;
use crate::mailbox::{Meddling, Naming, Numbered};
use crate::mails::Mail;
use crate::model::Model;

/// What goes wrong in one session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    /// The connection is closed once so many octets were sent.
    pub(crate) cut_after: Option<usize>,
    /// The connection is closed in place of the answer to this command, counted from 1.
    pub(crate) cut_at: Option<u32>,
    /// The so-manieth command with this verb gets `-ERR`.
    pub(crate) refuse: Option<(&'static str, u32)>,
    pub(crate) quit: Quit,
    /// Something happens before this command.
    pub(crate) at: Option<(u32, Meanwhile)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Quit {
    #[default]
    Honest,
    /// Removes what is marked, and closes the connection.
    Unanswered,
    /// Never arrives.
    Lost,
    /// Removes some of what is marked, and answers `-ERR`.
    Refused,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Meanwhile {
    Meddling(Meddling, u64),
    /// Another client has its turn.
    Turn,
}

/// What the server and the history share.
pub(crate) struct Stage {
    model: Mutex<Model>,
    /// What goes wrong in the sessions to come.
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    open: watch::Sender<usize>,
    open_of: watch::Sender<HashMap<usize, usize>>,
    turns: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

impl Stage {
    pub(crate) fn new(model: Model) -> (Arc<Self>, mpsc::UnboundedReceiver<oneshot::Sender<()>>) {
        let (turns, waiting) = mpsc::unbounded_channel();
        let stage = Self {
            model: Mutex::new(model),
            faults: Mutex::default(),
            open: watch::Sender::new(0),
            open_of: watch::Sender::default(),
            turns,
        };
        (Arc::new(stage), waiting)
    }

    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap()
    }

    /// Waits until a client has no session open.
    pub(crate) async fn idle_of(&self, client: usize) {
        let mut open = self.open_of.subscribe();
        let _ = open
            .wait_for(|open| open.get(&client).is_none_or(|open| *open == 0))
            .await;
    }

    /// Waits until no session is open.
    pub(crate) async fn idle(&self) {
        let mut open = self.open.subscribe();
        let _ = open.wait_for(|open| *open == 0).await;
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(stage: Arc<Stage>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let _ = socket.set_nodelay(true);
                stage.open.send_modify(|open| *open += 1);
                let fault = stage.faults.lock().unwrap().pop_front();
                let session = Session::new(Arc::clone(&stage), fault.unwrap_or_default());
                let stage = Arc::clone(&stage);
                tokio::spawn(async move {
                    session.serve(socket).await;
                    stage.open.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { address, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Session {
    stage: Arc<Stage>,
    fault: Fault,
    client: Option<usize>,
    user: Option<usize>,
    numbered: Vec<Numbered>,
    marked: BTreeSet<usize>,
    retrieved: BTreeSet<usize>,
    /// Retrieved though it was plain that it was there already.
    needless: BTreeSet<usize>,
    dele: BTreeSet<usize>,
    listed: (bool, bool),
    commands: u32,
    of_verb: u32,
    sent: usize,
}

/// What becomes of the connection behind an answer.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Close,
}

impl Session {
    fn new(stage: Arc<Stage>, fault: Fault) -> Self {
        Self {
            stage,
            fault,
            client: None,
            user: None,
            numbered: Vec::new(),
            marked: BTreeSet::new(),
            retrieved: BTreeSet::new(),
            needless: BTreeSet::new(),
            dele: BTreeSet::new(),
            listed: (false, false),
            commands: 0,
            of_verb: 0,
            sent: 0,
        }
    }

    async fn serve(mut self, mut socket: TcpStream) {
        let ended_by_quit = self.converse(&mut socket).await;
        drop(socket);
        if !ended_by_quit && let Some(client) = self.client {
            let updates = self.stage.model().mailbox.manners.updates_without_quit;
            let removed = if updates {
                self.update(client, usize::MAX, false)
            } else {
                BTreeSet::new()
            };
            self.end(client, &removed, false);
        }
        if let Some(client) = self.client {
            self.stage.open_of.send_modify(|open| {
                if let Some(open) = open.get_mut(&client) {
                    *open -= 1;
                }
            });
        }
    }

    /// Whether QUIT was what ended it.
    async fn converse(&mut self, socket: &mut TcpStream) -> bool {
        let mut out = b"+OK at your service\r\n".to_vec();
        let mut buffer = Vec::new();
        loop {
            let room = self
                .fault
                .cut_after
                .map(|most| most.saturating_sub(self.sent));
            if let Some(room) = room.filter(|room| *room < out.len()) {
                let _ = socket.write_all(&out[..room]).await;
                return false;
            }
            if !out.is_empty() {
                if socket.write_all(&out).await.is_err() {
                    return false;
                }
                self.sent += out.len();
                out.clear();
            }
            match socket.read_buf(&mut buffer).await {
                Ok(1..) => {}
                _ => return false,
            }
            while let Some(end) = buffer.windows(2).position(|octets| octets == b"\r\n") {
                let line: Vec<u8> = buffer.drain(..end + 2).collect();
                let line = String::from_utf8_lossy(&line[..end]).into_owned();
                self.commands += 1;
                if let Some((at, what)) = self.fault.at
                    && at == self.commands
                {
                    self.fault.at = None;
                    if let Some(client) = self.client {
                        self.stage.model().watches[client].honest = false;
                    }
                    match what {
                        Meanwhile::Meddling(meddling, seed) => {
                            let mut model = self.stage.model();
                            model.meddle(meddling, &mut Chance::new(seed));
                        }
                        Meanwhile::Turn => {
                            if !out.is_empty() {
                                if socket.write_all(&out).await.is_err() {
                                    return false;
                                }
                                self.sent += out.len();
                                out.clear();
                            }
                            let (resume, resumed) = oneshot::channel();
                            if self.stage.turns.send(resume).is_ok() {
                                let _ = resumed.await;
                            }
                        }
                    }
                }
                if self.fault.cut_at == Some(self.commands) {
                    let _ = socket.write_all(&out).await;
                    return false;
                }
                let quit = line == "QUIT";
                if self.answer(&line, &mut out) == Then::Close {
                    let _ = socket.write_all(&out).await;
                    let _ = socket.shutdown().await;
                    return quit;
                }
            }
        }
    }

    fn answer(&mut self, line: &str, out: &mut Vec<u8>) -> Then {
        let stage = Arc::clone(&self.stage);
        let mut model = stage.model();
        model.steps += 1;
        let client = self.client;
        model.tell(|| match client {
            Some(client) => format!("    {client}: {line}"),
            None => format!("    -: {line}"),
        });
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        if let Some((refused, nth)) = self.fault.refuse
            && refused == verb
        {
            self.of_verb += 1;
            if self.of_verb == nth {
                model.tell(|| "      -ERR".to_owned());
                if let Some(client) = client {
                    model.watches[client].honest = false;
                }
                out.extend_from_slice(b"-ERR not now\r\n");
                return Then::GoOn;
            }
        }
        let Some(client) = self.client else {
            return self.authorize(&mut model, verb, argument, out);
        };
        let manners = model.mailbox.manners;
        match verb {
            "CAPA" if manners.capa => capabilities(&model, out),
            "STAT" => {
                let left = self.left();
                let sizes = left.iter().map(|place| {
                    model
                        .mailbox
                        .listed_octets(&model.mails, self.numbered[*place].mail)
                });
                let octets: u64 = sizes.sum();
                out.extend_from_slice(format!("+OK {} {octets}\r\n", left.len()).as_bytes());
            }
            "NOOP" => out.extend_from_slice(b"+OK\r\n"),
            "RSET" => {
                self.marked.clear();
                out.extend_from_slice(b"+OK\r\n");
            }
            "LIST" | "UIDL" if verb == "LIST" || manners.naming != Naming::Missing => {
                let of = |place: usize| {
                    let one = &self.numbered[place];
                    let mut line = format!("{} ", place + 1).into_bytes();
                    if verb == "LIST" {
                        let size = model.mailbox.listed_octets(&model.mails, one.mail);
                        line.extend_from_slice(size.to_string().as_bytes());
                    } else {
                        line.extend_from_slice(&one.uidl);
                    }
                    line.extend_from_slice(b"\r\n");
                    line
                };
                if argument.is_empty() {
                    out.extend_from_slice(b"+OK\r\n");
                    for place in self.left() {
                        out.extend_from_slice(&of(place));
                    }
                    out.extend_from_slice(b".\r\n");
                    if verb == "LIST" {
                        self.listed.0 = true;
                    } else {
                        self.listed.1 = true;
                    }
                    if self.listed.0 && (self.listed.1 || manners.naming == Naming::Missing) {
                        self.listed = (false, false);
                        model.listed(client, &self.numbered);
                    }
                } else if let Some(place) = self.place(argument) {
                    out.extend_from_slice(b"+OK ");
                    out.extend_from_slice(&of(place));
                } else {
                    out.extend_from_slice(b"-ERR no such message\r\n");
                }
            }
            "TOP" if manners.top => {
                let number = argument.split(' ').next().unwrap_or_default();
                match self.readable(&model, number) {
                    Some(place) => {
                        let mail = self.numbered[place].mail;
                        body(model.mails.header(mail), out);
                    }
                    None => out.extend_from_slice(b"-ERR no such message\r\n"),
                }
            }
            "RETR" => match self.readable(&model, argument) {
                Some(place) => {
                    let mail = self.numbered[place].mail;
                    self.retrieved.insert(place);
                    model.watches[client].retrieved += 1;
                    if model.needs_not(client, mail, &self.numbered) {
                        self.needless.insert(place);
                    }
                    body(model.mails.octets(mail), out);
                }
                None => out.extend_from_slice(b"-ERR no such message\r\n"),
            },
            "DELE" => match self.place(argument) {
                Some(place) => {
                    self.dele.insert(place);
                    let mail = self.numbered[place].mail;
                    model.may_delete(client, mail, &self.numbered);
                    if model.mailbox.holds(self.numbered[place].serial) {
                        self.marked.insert(place);
                        out.extend_from_slice(b"+OK marked\r\n");
                    } else {
                        out.extend_from_slice(b"-ERR gone\r\n");
                    }
                }
                None => out.extend_from_slice(b"-ERR no such message\r\n"),
            },
            "QUIT" => {
                drop(model);
                return self.quit(client, out);
            }
            _ => out.extend_from_slice(b"-ERR unknown command\r\n"),
        }
        Then::GoOn
    }

    fn authorize(
        &mut self,
        model: &mut Model,
        verb: &str,
        argument: &str,
        out: &mut Vec<u8>,
    ) -> Then {
        match verb {
            "CAPA" if model.mailbox.manners.capa => capabilities(model, out),
            "USER" => {
                self.user = argument
                    .strip_prefix('c')
                    .and_then(|client| client.parse().ok());
                out.extend_from_slice(b"+OK\r\n");
            }
            "PASS" => {
                self.client = self.user;
                self.numbered = model.mailbox.listing(&model.mails);
                let numbered = &self.numbered;
                model.tell(|| {
                    let all = numbered
                        .iter()
                        .map(|one| format!("{}={}", String::from_utf8_lossy(&one.uidl), one.mail));
                    format!("      {}", all.collect::<Vec<_>>().join(" "))
                });
                if let Some(client) = self.client {
                    let watch = &mut model.watches[client];
                    watch.doing.sessions += 1;
                    if watch.doing.sessions == 1 {
                        watch.listed_now = self.numbered.iter().map(|one| one.mail).collect();
                    }
                    self.stage
                        .open_of
                        .send_modify(|open| *open.entry(client).or_default() += 1);
                }
                out.extend_from_slice(b"+OK\r\n");
            }
            "QUIT" => {
                out.extend_from_slice(b"+OK\r\n");
                return Then::Close;
            }
            _ => out.extend_from_slice(b"-ERR unknown command\r\n"),
        }
        Then::GoOn
    }

    fn quit(&mut self, client: usize, out: &mut Vec<u8>) -> Then {
        let (removed, answered) = match self.fault.quit {
            Quit::Lost => (BTreeSet::new(), false),
            Quit::Honest => {
                out.extend_from_slice(b"+OK bye\r\n");
                (self.update(client, usize::MAX, true), true)
            }
            Quit::Unanswered => (self.update(client, usize::MAX, true), false),
            Quit::Refused => {
                out.extend_from_slice(b"-ERR some deleted messages not removed\r\n");
                let some = self.marked.len() / 2;
                (self.update(client, some, true), false)
            }
        };
        let quit = self.fault.quit;
        self.stage.model().tell(|| format!("      QUIT {quit:?}"));
        self.end(client, &removed, answered);
        Then::Close
    }

    /// The UPDATE state. Removes so many of what is marked. `quits`: whether it was reached in order.
    fn update(&mut self, client: usize, most: usize, quits: bool) -> BTreeSet<Mail> {
        let mut model = self.stage.model();
        let mut serials = BTreeSet::new();
        let mut removed = BTreeSet::new();
        for place in self.marked.iter().take(most) {
            serials.insert(self.numbered[*place].serial);
            removed.insert(self.numbered[*place].mail);
        }
        if model.mailbox.manners.removes_retrieved && quits {
            for place in &self.retrieved {
                let one = &self.numbered[*place];
                if model.mailbox.holds(one.serial) && !self.marked.contains(place) {
                    model.may_expire(client, one.mail);
                    serials.insert(one.serial);
                }
            }
        }
        model.mailbox.remove(&serials);
        removed
    }

    fn end(&mut self, client: usize, removed: &BTreeSet<Mail>, answered: bool) {
        let mut model = self.stage.model();
        let complete = !self.numbered.is_empty() || answered;
        model.ended(client, &self.numbered, complete, removed, answered);
        model.watches[client].honest &= answered;
        let doing = &model.watches[client].doing;
        if answered && doing.syncs && doing.sessions == 1 {
            let needless: Vec<usize> = self.needless.difference(&self.dele).copied().collect();
            for place in needless {
                let mail = self.numbered[place].mail;
                model.violated(format!("client {client}: mail {mail} is fetched twice"));
            }
        }
    }

    fn left(&self) -> Vec<usize> {
        (0..self.numbered.len())
            .filter(|place| !self.marked.contains(place))
            .collect()
    }

    fn place(&self, number: &str) -> Option<usize> {
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        (place < self.numbered.len() && !self.marked.contains(&place)).then_some(place)
    }

    fn readable(&self, model: &Model, number: &str) -> Option<usize> {
        let place = self.place(number)?;
        let there = model.mailbox.holds(self.numbered[place].serial);
        (there || model.mailbox.manners.reads_expunged).then_some(place)
    }
}

fn capabilities(model: &Model, out: &mut Vec<u8>) {
    let manners = model.mailbox.manners;
    out.extend_from_slice(b"+OK\r\nUSER\r\nRESP-CODES\r\n");
    if manners.top {
        out.extend_from_slice(b"TOP\r\n");
    }
    if manners.naming != Naming::Missing {
        out.extend_from_slice(b"UIDL\r\n");
    }
    if manners.pipelining {
        out.extend_from_slice(b"PIPELINING\r\n");
    }
    if manners.expire_0 {
        out.extend_from_slice(b"EXPIRE 0\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

/// A multi-line answer: dots are stuffed.
fn body(octets: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"+OK\r\n");
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b".\r\n");
}
