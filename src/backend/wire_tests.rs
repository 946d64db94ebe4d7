use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::pop3::{MessageNumber, Password, Word};

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
