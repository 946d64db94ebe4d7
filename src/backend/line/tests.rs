use std::io::{BufRead as _, BufReader, Write as _};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpSocket;

use super::*;
use crate::backend::dial::Stream;
use crate::backend::haste::Haste;
use crate::pop3::{Password, Word};

/// A server of one connection that knows nothing of pipelining: it answers a command before it reads the next, and waits until
/// the client has taken the answer. `answer` is asked for each command behind the login; nothing means that it is lost.
pub(super) fn server(
    answer: impl Fn(&str) -> Option<Vec<u8>> + Send + 'static,
) -> (u16, JoinHandle<()>) {
    // Little fits between the two, so that whoever only writes is soon stuck.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap().into_std().unwrap();
    listener.set_nonblocking(false).unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut out = stream.try_clone().unwrap();
        out.write_all(b"+OK\r\n").unwrap();
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            let said = match line.split(' ').next() {
                Some("USER" | "PASS") => Some(b"+OK\r\n".to_vec()),
                _ => answer(&line),
            };
            if out.write_all(&said.unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    (port, served)
}

pub(super) async fn line(port: u16) -> Line<u32> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    let server = ([127, 0, 0, 1], port).into();
    let mut wire = Wire::new(
        Stream::Plain(socket.connect(server).await.unwrap()),
        u64::MAX,
        Haste::default(),
    );
    wire.next().await.unwrap();
    let user = Command::User(Word::new("demo").unwrap());
    wire.ask(&user).await.unwrap();
    let password = Command::Pass(Password::new("demo").unwrap());
    wire.ask(&password).await.unwrap();
    Line::new(wire, true)
}

fn top(line: &mut Line<u32>, number: u32) {
    line.launch(Job {
        number: MessageNumber::new(number).unwrap(),
        part: Part::Top(0),
        expect: 100,
        listed: None,
        tag: number,
    })
    .unwrap();
}

/// The header block of the message that a command names.
fn header(command: &str) -> Vec<u8> {
    let number = command.split(' ').nth(1).unwrap_or("none");
    format!("+OK\r\nSubject: {number}\r\n\r\n.\r\n").into_bytes()
}

fn honest(command: &str) -> Vec<u8> {
    if command == "NOOP" {
        b"+OK\r\n".to_vec()
    } else {
        header(command)
    }
}

impl<T> Line<T> {
    /// The next job that comes to its end; `None` when none is left. Nothing is lost when the future is dropped before it is
    /// ready.
    pub(super) async fn next(&mut self) -> Result<Option<Landed<T>>, Error> {
        match self.next_of_all().await? {
            Some(Came::Landed(landed)) => Ok(Some(landed)),
            Some(Came::Answer(_)) => Err(Error::Unexpected(Verb::Noop)),
            None => Ok(None),
        }
    }
}

#[tokio::test]
async fn p43_a_server_that_reads_nothing_before_its_answer_is_taken_blocks_nobody() {
    let large = "X: ".to_owned() + &"x".repeat(998) + "\r\n";
    let (port, _served) = server(move |command| {
        let mut answer = honest(command);
        if command.starts_with("TOP") {
            answer.truncate(answer.len() - 5);
            answer.extend(large.as_bytes().repeat(2));
            answer.extend(b"\r\n.\r\n");
        }
        Some(answer)
    });
    let mut line = line(port).await;
    // Commands of 100 kB and answers of 20 MB: more than all the buffers between the two hold.
    for number in 1..=10_000 {
        top(&mut line, number);
    }
    for number in 1..=10_000 {
        let landed = line.next().await.unwrap().unwrap();
        assert_eq!(landed.tag, number);
        assert!(landed.octets.unwrap().len() > 2_000);
    }
}

#[tokio::test]
async fn q16_what_was_sent_ahead_is_not_believed_before_a_fence_behind_it_was_answered() {
    let (port, _served) = server(|command| Some(honest(command)));
    let mut line = line(port).await;
    for number in 1..=5 {
        top(&mut line, number);
    }
    for number in 1..=5 {
        let landed = line.next().await.unwrap().unwrap();
        let expected = format!("Subject: {number}\r\n");
        assert_eq!(landed.octets.unwrap().held(), Some(expected.as_bytes()));
        // The first of the five lands when all of them, and the two NOOPs behind them, were answered.
        assert_eq!(line.proven, 7);
    }
    assert!(line.is_idle());
}

#[tokio::test]
async fn q16_a_lost_command_has_no_answer_taken_for_another_ones() {
    for lost in 1..=5 {
        let (port, _served) =
            server(move |command| (command != format!("TOP {lost} 0")).then(|| honest(command)));
        let mut line = line(port).await;
        for number in 1..=5 {
            top(&mut line, number);
        }
        let error = line.next().await.unwrap_err();
        assert!(
            matches!(error, Error::Ahead { certain: true, .. }),
            "{lost}: {error:?}"
        );
    }
}

#[tokio::test]
async fn p44_a_command_taken_for_two_has_no_answer_taken_for_another_ones() {
    let (port, _served) = server(|command| {
        let mut answer = honest(command);
        if command == "TOP 3 0" {
            answer = b"-ERR unknown command\r\n-ERR unknown command\r\n".to_vec();
        }
        Some(answer)
    });
    let mut line = line(port).await;
    // So many at once were answered in step before.
    line.proven = 100;
    for number in 1..=5 {
        top(&mut line, number);
    }
    assert_eq!(line.next().await.unwrap().unwrap().tag, 1);
    assert_eq!(line.next().await.unwrap().unwrap().tag, 2);
    let error = line.next().await.unwrap_err();
    assert!(
        matches!(error, Error::Ahead { certain: true, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn p44_a_message_refused_among_others_is_refused_and_the_others_land() {
    let (port, _served) = server(|command| {
        if command == "TOP 3 0" {
            return Some(b"-ERR no such message\r\n".to_vec());
        }
        Some(honest(command))
    });
    let mut line = line(port).await;
    for number in 1..=5 {
        top(&mut line, number);
    }
    for number in 1..=5 {
        let landed = line.next().await.unwrap().unwrap();
        assert_eq!((landed.tag, landed.octets.is_ok()), (number, number != 3));
    }
}

#[tokio::test]
async fn the_window_is_filled_again_while_a_large_message_arrives() {
    let (port, _served) = server(|command| Some(honest(command)));
    let mut line = line(port).await;
    let window = line.pace.window();
    top(&mut line, 1);
    line.in_flight = window;
    assert!(!line.has_room(1));
    line.in_flight = window - 10;
    assert!(line.has_room(10) && !line.has_room(11));
    line.in_flight = window / 2 - 1;
    assert!(line.has_room(u64::MAX));
}

#[tokio::test]
async fn the_next_message_is_asked_for_before_a_large_one_has_come_to_its_end() {
    let text = |lines| ("x".repeat(998) + "\r\n").repeat(lines);
    // What is left of the first comes only once the second is asked for.
    let (port, _served) = server(move |command| {
        let answer = match command {
            "RETR 1" => format!("+OK\r\nSubject: 1\r\n\r\n{}", text(390)),
            "RETR 2" => format!("{}.\r\n+OK\r\nSubject: 2\r\n\r\n.\r\n", text(10)),
            _ => "+OK\r\n".to_owned(),
        };
        Some(answer.into_bytes())
    });
    let mut line = line(port).await;
    let mut waiting = vec![(2, 20), (1, 400_014)];
    let mut landed = Vec::new();
    while landed.len() < 2 {
        while let Some((number, expect)) = waiting.pop_if(|(_, expect)| line.has_room(*expect)) {
            let number = MessageNumber::new(number).unwrap();
            line.launch(Job {
                tag: number.value(),
                number,
                part: Part::Whole,
                expect,
                listed: None,
            })
            .unwrap();
        }
        let next = tokio::time::timeout(Duration::from_secs(30), line.next_or_room());
        if let Some(Came::Landed(one)) = next.await.expect("it comes").unwrap() {
            landed.push((one.tag, one.octets.unwrap().len()));
        }
    }
    assert_eq!(landed, [(1, 400_014), (2, 14)]);
}

#[tokio::test]
async fn a_fence_with_nothing_behind_it_is_waited_for_and_no_longer() {
    let (port, _served) = server(|command| Some(honest(command)));
    let mut line = line(port).await;
    // So many at once were answered in step before, so that the answer lands at once and the fence trails.
    line.proven = 3;
    top(&mut line, 1);
    line.unproven = 1;
    line.fence().unwrap();
    assert_eq!(line.next().await.unwrap().unwrap().tag, 1);
    assert!(!line.is_idle());
    let next = tokio::time::timeout(Duration::from_secs(30), line.next());
    let next = next
        .await
        .expect("nothing is due, so nothing is waited for");
    assert!(next.unwrap().is_none() && line.is_idle());
}

#[tokio::test]
async fn of_a_top_that_sends_the_whole_message_only_the_header_block_is_kept() {
    let body = ("x".repeat(998) + "\r\n").repeat(1_000);
    let (port, _served) = server(move |command| {
        let mut answer = honest(command);
        if command.starts_with("TOP") {
            answer.truncate(answer.len() - 3);
            answer.extend(body.as_bytes());
            answer.extend(b".\r\n");
        }
        Some(answer)
    });
    let mut line = line(port).await;
    for number in 1..=3 {
        top(&mut line, number);
    }
    for number in 1..=3 {
        let octets = line.next().await.unwrap().unwrap().octets.unwrap();
        let octets = octets.into_beginning();
        assert_eq!(octets, format!("Subject: {number}\r\n").as_bytes());
        assert!(octets.capacity() < 1_000);
    }
}

#[tokio::test]
async fn what_is_held_back_does_not_fill_the_memory_when_list_has_lied() {
    let body = ("x".repeat(998) + "\r\n").repeat(4_000);
    let (port, _served) = server(move |_command| {
        let message = format!("+OK\r\nSubject: large\r\n\r\n{body}.\r\n");
        Some(message.into_bytes())
    });
    let mut line = line(port).await;
    for number in 1..=20 {
        line.launch(Job {
            number: MessageNumber::new(number).unwrap(),
            part: Part::Whole,
            expect: 1,
            listed: None,
            tag: number,
        })
        .unwrap();
    }
    let error = line.next().await.unwrap_err();
    assert!(
        matches!(error, Error::Ahead { certain: true, .. }),
        "{error:?}"
    );
    let held = line.doubtful.iter().map(|doubted| match &doubted.came {
        Came::Landed(landed) => landed
            .octets
            .as_ref()
            .map_or(0, |octets| octets.beginning().len()),
        Came::Answer(_) => 0,
    });
    assert!(held.sum::<usize>() < 40_000_000);
}

#[tokio::test]
async fn p31_while_there_is_nothing_to_ask_a_noop_says_now_and_then_that_we_are_here() {
    for answer in ["+OK\r\n", "-ERR what?\r\n"] {
        let (heard, said) = tokio::sync::oneshot::channel();
        let state = std::sync::Mutex::new((0, Some(heard)));
        let (port, _served) = server(move |command| {
            assert_eq!(command, "NOOP");
            let mut state = state.lock().unwrap();
            state.0 += 1;
            if state.0 == 3 {
                state.1.take().unwrap().send(()).unwrap();
            }
            Some(answer.as_bytes().to_vec())
        });
        let mut line = line(port).await;
        // The work ends when the server has heard of us three times.
        let done = line.awake(std::time::Duration::from_millis(5), said).await;
        assert!(done.unwrap().is_ok());
        assert!(line.is_idle());
    }
}

#[tokio::test]
async fn p31_a_server_that_has_gone_meanwhile_ends_the_work() {
    let (port, served) = server(|_| None);
    let mut line = line(port).await;
    line.wire.be_patient(std::time::Duration::from_millis(50));
    let never = std::future::pending::<()>();
    let gone = line.awake(std::time::Duration::from_millis(5), never).await;
    assert!(matches!(gone, Err(Error::Silent(_))), "{gone:?}");
    drop(line);
    served.join().unwrap();
}
