//! Slow and huge: a server of an octet at a time, a listing of a million messages, a message of gigabytes. How much memory it
//! takes is measured of a process of its own.

use std::path::Path;
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
    async fn serve(self, socket: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = socket.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"+OK ready\r\n").await?;
        while let Some(line) = lines.next_line().await? {
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

/// Runs `poppet` with these arguments against such a server: its exit status, the most memory it had in mebibytes, and how
/// long it took.
async fn run(server: Endless, args: &[&str]) -> (Option<i32>, u64, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(server.serve(socket));
        }
    });
    let home = Home::with_accounts(&[Account::plain("home", port)]);
    let begun = Instant::now();
    let mut child = home.command(args).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(peak(child.id()).unwrap_or_default());
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    serving.abort();
    (status.code(), most / 1_024, begun.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn q29_v32_a_listing_of_a_million_messages_takes_bounded_memory() {
    let server = Endless {
        messages: 1_000_000,
        announced: 500,
        octets: 500,
    };
    let (code, most, took) = run(server, &["sync", "--dry-run"]).await;
    assert_eq!(code, Some(0));
    let held = most < MOST_FOR_A_MILLION;
    let worst = format!("{most} MiB, {:.1} s", took.as_secs_f64());
    score(
        "listing of 1,000,000 messages",
        usize::from(held),
        1,
        &worst,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn v31_a_message_of_two_gigabytes_is_left_on_the_server_whether_or_not_it_is_announced() {
    let (mut passed, mut worst) = (0, String::new());
    // What is announced is not asked for; what is not announced is left off when it has become too large.
    for announced in [GIGABYTES, 500] {
        let server = Endless {
            messages: 1,
            announced,
            octets: GIGABYTES,
        };
        let (code, most, took) = run(server, &["sync"]).await;
        if code.is_some() && most < MOST_FOR_A_MESSAGE {
            passed += 1;
        }
        worst = format!(
            "{worst}announced as {announced}: {most} MiB, {:.1} s; ",
            took.as_secs_f64()
        );
    }
    score("message of 2 GiB", passed, 2, worst.trim_end_matches("; "));
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

/// In mebibytes, of a build that is not optimised; the most that a million messages may take.
const MOST_FOR_A_MILLION: u64 = 450;
/// One message may be held in memory while it is on its way, up to 256 MiB of it, and what holds it grows by doubling.
const MOST_FOR_A_MESSAGE: u64 = 1_000;
const GIGABYTES: u64 = 2 * 1024 * 1024 * 1024;
