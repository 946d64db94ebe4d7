//! STLS and TLS from the first octet on.

use poppet::demo::{self, Quirks, Server, ServerOptions, Stls};
use tokio::net::TcpStream;

use crate::{
    client::{Client, unstuffed},
    good, now, three,
};

fn identity() -> native_tls::Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    native_tls::Identity::from_pkcs8(made.cert.pem().as_bytes(), key.as_bytes()).unwrap()
}

fn serve_tls(quirks: Quirks, implicit_tls: bool) -> Server {
    let mut options = ServerOptions::new(three());
    options.quirks = quirks;
    options.tls = Some(identity());
    options.implicit_tls = implicit_tls;
    Server::start(options).unwrap()
}

async fn secure(socket: TcpStream) -> Client<tokio_native_tls::TlsStream<TcpStream>> {
    let mut builder = native_tls::TlsConnector::builder();
    builder.danger_accept_invalid_certs(true);
    let connector = tokio_native_tls::TlsConnector::from(builder.build().unwrap());
    Client::over(connector.connect("localhost", socket).await.unwrap())
}

#[tokio::test]
async fn stls_starts_tls_and_is_not_offered_twice() {
    let server = serve_tls(Quirks::default(), false);
    let (mut client, _) = Client::greeted(&server).await;
    assert!(client.ask_lines("CAPA").await.contains("\r\nSTLS\r\n"));
    assert_eq!(client.ask("STLS").await, "+OK begin TLS");
    let mut client = secure(client.stream.into_inner()).await;
    assert!(!client.ask_lines("CAPA").await.contains("STLS"));
    assert_eq!(client.ask("STLS").await, "-ERR TLS is active already");
    client.log_in().await;
    client.ask_lines("RETR 2").await;
    assert_eq!(client.ask("QUIT").await, "+OK bye");
}

#[tokio::test]
async fn implicit_tls_greets_after_the_handshake() {
    let server = serve_tls(Quirks::default(), true);
    assert_eq!(
        server.url(),
        format!("pop3s://demo:demo@{}", server.address())
    );
    let mut client = secure(TcpStream::connect(server.address()).await.unwrap()).await;
    assert!(client.line().await.starts_with("+OK poppet demo ready <"));
    client.log_in().await;
}

#[tokio::test]
async fn stls_can_be_missing_refused_or_poisoned() {
    for (stls, advertised, answer) in [
        (Stls::Missing, false, "-ERR STLS is not available"),
        (Stls::Refused, true, "-ERR [SYS/TEMP] TLS cannot be started"),
        (
            Stls::Injected(b"+OK evil\r\n".to_vec()),
            true,
            "+OK begin TLS",
        ),
    ] {
        let poisoned = matches!(stls, Stls::Injected(_));
        let quirks = Quirks {
            stls,
            ..Quirks::default()
        };
        let server = serve_tls(quirks, false);
        let (mut client, _) = Client::greeted(&server).await;
        assert_eq!(client.ask_lines("CAPA").await.contains("STLS"), advertised);
        assert_eq!(client.ask("STLS").await, answer);
        if poisoned {
            assert_eq!(client.line().await, "+OK evil");
        }
    }
}

#[tokio::test]
async fn commands_sent_behind_stls_in_the_clear_are_forgotten() {
    let server = serve_tls(Quirks::default(), false);
    let (mut client, _) = Client::greeted(&server).await;
    client.send("STLS\r\nUSER demo\r\n").await;
    assert_eq!(client.line().await, "+OK begin TLS");
    let mut client = secure(client.stream.into_inner()).await;
    assert_eq!(
        client.ask("PASS demo").await,
        "-ERR PASS comes directly after USER"
    );
}

#[tokio::test]
async fn without_a_certificate_there_is_no_tls() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    assert!(!client.ask_lines("CAPA").await.contains("STLS"));
    let mut options = ServerOptions::new(three());
    options.implicit_tls = true;
    assert!(Server::start(options).is_err());
}

#[tokio::test]
async fn pipelined_bodies_survive_tls_writes_that_have_to_wait() {
    let maildrop = demo::generated(300, 1, &now());
    let mut options = ServerOptions::new(maildrop.clone());
    options.tls = Some(identity());
    options.implicit_tls = true;
    let server = Server::start(options).unwrap();
    let mut client = secure(TcpStream::connect(server.address()).await.unwrap()).await;
    client.line().await;
    client.log_in().await;
    let commands: Vec<_> = (1..=300)
        .map(|number| format!("RETR {number}\r\n"))
        .collect();
    client.send(commands.concat()).await;
    for message in maildrop.messages() {
        assert_eq!(
            client.line().await,
            format!("+OK {} octets", message.octets())
        );
        // Another command on the way makes the server read in the middle of its writing.
        client.send("NOOP\r\n").await;
        assert_eq!(unstuffed(&client.body().await), message.to_vec());
    }
    for _ in 0..300 {
        assert_eq!(client.line().await, "+OK");
    }
    assert_eq!(client.ask("QUIT").await, "+OK bye");
}
