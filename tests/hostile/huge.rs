//! Slow and huge: a server of an octet at a time, a listing of a million messages, a message of gigabytes. How much memory it
//! takes is measured of a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use poppet::bridge::SyncMode;

use crate::house::House;
use crate::server::quirks::Quirk;
use crate::session::{SUBJECTS, mailbox};
use crate::support::home::{Account, Home};
use crate::support::score::score;

/// The most memory that a process has had so far, in kibibytes.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"));
    let status = status.ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A server without a maildrop: what it lists and sends is made while it is sent.
#[derive(Clone, Copy)]
struct Endless {
    /// So many messages.
    messages: u32,
    /// Which LIST says to have so many octets each.
    announced: u64,
    /// And of which so many are sent.
    octets: u64,
}

impl Endless {
    async fn serve(self, socket: TcpStream, heard: Heard) -> std::io::Result<()> {
        let (reader, mut writer) = socket.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"+OK ready\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            heard.lock().unwrap().push(line.clone());
            let mut words = line.split(' ');
            let verb = words.next().unwrap_or_default();
            let number: Option<u32> = words.next().and_then(|word| word.parse().ok());
            match (verb, number) {
                ("CAPA", _) => {
                    writer
                        .write_all(b"+OK\r\nUSER\r\nTOP\r\nUIDL\r\nPIPELINING\r\n.\r\n")
                        .await?;
                }
                ("STAT", _) => {
                    let said = format!("+OK {} {}\r\n", self.messages, self.announced);
                    writer.write_all(said.as_bytes()).await?;
                }
                ("LIST", None) => {
                    self.list(&mut writer, |_| self.announced.to_string())
                        .await?;
                }
                ("UIDL", None) => {
                    self.list(&mut writer, |number| format!("{number:08x}"))
                        .await?;
                }
                ("LIST", Some(number)) => {
                    let said = format!("+OK {number} {}\r\n", self.announced);
                    writer.write_all(said.as_bytes()).await?;
                }
                ("UIDL", Some(number)) => {
                    let said = format!("+OK {number} {number:08x}\r\n");
                    writer.write_all(said.as_bytes()).await?;
                }
                ("TOP", Some(number)) => {
                    let said = format!("+OK\r\nSubject: {number}\r\n\r\n.\r\n");
                    writer.write_all(said.as_bytes()).await?;
                }
                ("RETR", Some(number)) => self.message(&mut writer, number).await?,
                ("QUIT", _) => return writer.write_all(b"+OK bye\r\n").await,
                _ => writer.write_all(b"+OK\r\n").await?,
            }
        }
        Ok(())
    }

    async fn list(
        self,
        writer: &mut (impl AsyncWriteExt + Unpin),
        name: impl Fn(u32) -> String,
    ) -> std::io::Result<()> {
        let mut piece = b"+OK\r\n".to_vec();
        for number in 1..=self.messages {
            piece.extend_from_slice(format!("{number} {}\r\n", name(number)).as_bytes());
            if piece.len() > 32 * 1024 {
                writer.write_all(&piece).await?;
                piece.clear();
            }
        }
        piece.extend_from_slice(b".\r\n");
        writer.write_all(&piece).await
    }

    async fn message(
        self,
        writer: &mut (impl AsyncWriteExt + Unpin),
        number: u32,
    ) -> std::io::Result<()> {
        let head = format!("+OK\r\nSubject: {number}\r\n\r\n");
        writer.write_all(head.as_bytes()).await?;
        let piece =
            b"sixty-two octets of a line that is there again and again......\r\n".repeat(1_024);
        let mut left = self.octets;
        while left > 0 {
            writer.write_all(&piece).await?;
            left = left.saturating_sub(piece.len() as u64);
        }
        writer.write_all(b".\r\n").await
    }
}

/// Such a server that runs, a person who has an account there, and every line that was said to it.
struct Visited {
    home: Home,
    heard: Heard,
}

type Heard = Arc<Mutex<Vec<String>>>;

/// How a run ended.
struct Ran {
    code: Option<i32>,
    said: String,
    /// The most memory that it had, in mebibytes.
    most: u64,
    took: Duration,
}

impl Visited {
    async fn start(server: Endless) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let record = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(server.serve(socket, Arc::clone(&record)));
            }
        });
        Self {
            home: Home::with_accounts(&[Account::plain("home", port)]),
            heard,
        }
    }

    /// Runs `poppet` with these arguments.
    async fn run(&self, args: &[&str]) -> Ran {
        let errors = self.home.path().join("errors");
        let mut command = self.home.command(args);
        command
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&errors).unwrap());
        let begun = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut most = 0;
        let status = loop {
            most = most.max(peak(child.id()).unwrap_or_default());
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Ran {
            code: status.code(),
            said: std::fs::read_to_string(errors).unwrap(),
            most: most / 1_024,
            took: begun.elapsed(),
        }
    }

    fn heard(&self, verb: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|line| line.starts_with(verb)).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q29_v32_a_listing_of_a_million_messages_takes_bounded_memory() {
    let server = Endless {
        messages: 1_000_000,
        announced: 500,
        octets: 500,
    };
    let visited = Visited::start(server).await;
    let (mut passed, mut worst) = (0, Vec::new());
    // The second is told of so many new messages by its exit status.
    let runs: [&[&str]; 2] = [&["sync", "--dry-run"], &["check"]];
    for args in runs {
        let ran = visited.run(args).await;
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.said);
        passed += usize::from(ran.most < MOST_MEMORY);
        let seconds = ran.took.as_secs_f64();
        worst.push(format!("{}: {} MiB, {seconds:.1} s", args[0], ran.most));
    }
    score(
        "listing of 1,000,000 messages",
        passed,
        2,
        &worst.join("; "),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn v31_a_message_of_two_gigabytes_is_left_on_the_server_whether_or_not_it_is_announced() {
    let (mut passed, mut worst) = (0, Vec::new());
    // What is announced is not asked for; what is not announced is left off when it has become too large.
    for (announced, asked) in [(GIGABYTES, 0), (500, 1)] {
        let server = Endless {
            messages: 1,
            announced,
            octets: GIGABYTES,
        };
        let visited = Visited::start(server).await;
        let ran = visited.run(&["sync"]).await;
        let told = ran.said.contains("A message is too large to download");
        assert!(told && ran.code == Some(0), "{:?}: {}", ran.code, ran.said);
        let seconds = ran.took.as_secs_f64();
        worst.push(format!(
            "{announced} announced: {} MiB, {seconds:.1} s",
            ran.most
        ));
        // It is not tried again with every check.
        let again = visited.run(&["sync"]).await;
        assert_eq!((again.code, again.said.as_str()), (Some(0), ""));
        let [row] = visited.home.list("").try_into().unwrap();
        assert_eq!(
            (&row["too_large"], &row["local"], &row["server"]),
            (&true.into(), &"headers".into(), &"present".into())
        );
        assert_eq!(visited.heard("RETR"), asked, "{announced}");
        assert_eq!(visited.heard("DELE"), 0, "{announced}");
        passed += usize::from(ran.most < MOST_MEMORY && again.most < MOST_MEMORY);
    }
    score("message of 2 GiB", passed, 2, &worst.join("; "));
}

#[tokio::test(flavor = "multi_thread")]
async fn q25_a_session_whose_every_octet_comes_by_itself_ends_as_any_other() {
    let begun = Instant::now();
    let house = House::new(&mailbox(), Quirk::Q25OctetByOctet.server());
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    let held = run.whole().await.len() == SUBJECTS.len() && house.wrongs(&run).await.is_empty();
    let worst = format!("{:.2} s", begun.elapsed().as_secs_f64());
    score(
        "a server of an octet at a time",
        usize::from(held),
        1,
        &worst,
    );
}

/// In mebibytes: the most that a process may have, whatever a server lists and sends.
const MOST_MEMORY: u64 = 200;
const GIGABYTES: u64 = 2 * 1024 * 1024 * 1024;
