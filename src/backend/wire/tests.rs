use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::pop3::{MessageNumber, Password, Word};

/// A wire on which the greeting is due and whose patience is at its end, and the server's end of it.
async fn wire() -> (Wire, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (far, _) = listener.accept().await.unwrap();
    let mut wire = Wire::new(Stream::Plain(near.unwrap()), u64::MAX, Haste::default());
    wire.heard = Instant::now().checked_sub(wire.patience).unwrap();
    (wire, far)
}

#[tokio::test]
async fn p96_the_time_in_which_nobody_listened_is_not_the_servers_silence() {
    let (mut wire, mut far) = wire().await;
    wire.listen(false);
    wire.listen(true);
    let early = timeout(Duration::from_millis(20), wire.next()).await;
    assert!(early.is_err(), "it is waited for: {early:?}");
    let (greeting, said) = tokio::join!(wire.next(), far.write_all(b"+OK\r\n"));
    said.unwrap();
    assert!(matches!(greeting, Ok(Event::Greeting(_))), "{greeting:?}");
}

#[tokio::test]
async fn q16_only_answers_that_are_due_are_waited_for_and_those_of_the_login_are_forgotten() {
    let (mut wire, mut far) = wire().await;
    wire.heard = Instant::now().checked_sub(PATIENCE / 2).unwrap();
    let (greeting, said) = tokio::join!(wire.next(), far.write_all(b"+OK\r\n"));
    said.unwrap();
    greeting.unwrap();
    assert!(wire.waited() >= PATIENCE / 2, "{:?}", wire.waited());
    wire.be_patient(PATIENCE);
    assert_eq!(wire.waited(), Duration::ZERO);
    // Nothing is due now, so what comes was not waited for.
    wire.heard = Instant::now().checked_sub(PATIENCE / 2).unwrap();
    let (unasked, said) = tokio::join!(wire.next(), far.write_all(b"-ERR bye\r\n"));
    said.unwrap();
    assert!(unasked.is_err(), "{unasked:?}");
    assert_eq!(wire.waited(), Duration::ZERO);
}

#[tokio::test]
async fn v14_what_nobody_asked_for_is_heard_before_quit() {
    for said in [&b"+OK\r\n"[..], b"-ERR"] {
        let (mut wire, mut far) = wire().await;
        wire.be_patient(PATIENCE);
        far.write_all(b"+OK\r\n").await.unwrap();
        wire.next().await.unwrap();
        wire.quiet().await.unwrap();
        far.write_all(said).await.unwrap();
        let heard = async { while wire.quiet().await.is_ok() {} };
        timeout(PATIENCE, heard).await.expect("it is heard");
        assert!(wire.clean().await.is_err());
    }
    let (mut wire, mut far) = wire().await;
    wire.be_patient(PATIENCE);
    far.write_all(b"+OK\r\n").await.unwrap();
    wire.next().await.unwrap();
    drop(far);
    let heard = async { while wire.quiet().await.is_ok() {} };
    timeout(PATIENCE, heard).await.expect("the end is heard");
}

#[tokio::test]
async fn p96_a_server_that_is_silent_while_somebody_listens_is_not_waited_for() {
    let (mut wire, _far) = wire().await;
    wire.listen(true);
    let end = timeout(PATIENCE / 4, wire.next()).await;
    assert!(matches!(end, Ok(Err(Error::Silent(_)))), "{end:?}");
}

#[tokio::test]
async fn p96_a_message_that_makes_progress_is_waited_for_however_long_it_takes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (mut far, _) = listener.accept().await.unwrap();
    let mut wire = Wire::new(Stream::Plain(near.unwrap()), u64::MAX, Haste::default());
    far.write_all(b"+OK\r\n").await.unwrap();
    wire.next().await.unwrap();
    let user = Command::User(Word::new("ann").unwrap());
    let password = Command::Pass(Password::new("x").unwrap());
    for command in [user, password] {
        wire.send(&command).unwrap();
        far.write_all(b"+OK\r\n").await.unwrap();
        wire.next().await.unwrap();
    }
    wire.send(&Command::Retr(MessageNumber::new(1).unwrap()))
        .unwrap();
    let text = b"+OK\r\nSubject: slow\r\n\r\nvery slow\r\n.\r\n";
    let (mut octets, mut ended) = (Vec::new(), false);
    for octet in text {
        // Each octet takes most of the patience; all of them together take very much more.
        wire.heard = Instant::now().checked_sub(PATIENCE * 9 / 10).unwrap();
        far.write_all(&[*octet]).await.unwrap();
        wire.more_within(Duration::MAX).await.unwrap();
        while let Some(event) = wire.here().unwrap() {
            match event {
                Event::MessageChunk(chunk) => octets.extend(chunk),
                Event::MessageEnd { .. } => ended = true,
                _ => {}
            }
        }
    }
    assert!(ended);
    assert_eq!(octets, b"Subject: slow\r\n\r\nvery slow\r\n");
}
