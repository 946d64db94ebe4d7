//! The mailboxes the server comes with.

use poppet::demo::{self, Maildrop, Message, Server, ServerOptions};

use crate::{
    client::{Client, unstuffed},
    good, now, three,
};

#[tokio::test]
async fn a_hundred_thousand_generated_messages_are_listed_with_their_sizes() {
    let maildrop = demo::generated(100_000, 3, &now());
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    let listing = client.ask_lines("LIST").await;
    assert_eq!(listing.lines().count(), 100_000);
    let (number, octets) = listing.lines().last().unwrap().split_once(' ').unwrap();
    assert_eq!(number, "100000");
    client.send("RETR 100000\r\n").await;
    assert_eq!(client.line().await, format!("+OK {octets} octets"));
    let octets: usize = octets.parse().unwrap();
    assert_eq!(unstuffed(&client.body().await).len(), octets);
}

#[test]
fn a_generated_mailbox_is_the_same_every_time() {
    let (one, same) = (
        demo::generated(40, 9, &now()),
        demo::generated(40, 9, &now()),
    );
    let octets = |maildrop: &Maildrop| -> Vec<Vec<u8>> {
        maildrop.messages().iter().map(Message::to_vec).collect()
    };
    assert_eq!(octets(&one), octets(&same));
    assert_eq!(one.uidls(), same.uidls());
    assert_ne!(one.uidls(), demo::generated(40, 8, &now()).uidls());
}

#[tokio::test]
async fn a_template_gets_its_dates_and_its_filling_when_the_server_starts() {
    let template =
        b"Date: @-3d 09:15@\r\nFrom: a@b.example\r\n\r\n@fill 18000000 base64@\r\n--end--\r\n";
    let message = demo::expand(template, &now());
    let maildrop = Maildrop::new(vec![message.clone()]);
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    assert_eq!(
        client.ask_lines("TOP 1 0").await,
        "Date: Fri, 20 Nov 2026 09:15:00 +0000\r\nFrom: a@b.example\r\n\r\n"
    );
    let body = client.ask_lines("RETR 1").await;
    assert_eq!(body.len() as u64, message.octets());
    assert_eq!(body.len(), 230_769 * 78 + 69);
    assert!(body.ends_with("AAAA\r\n--end--\r\n"));
}

#[test]
fn the_sample_mailbox_has_no_placeholder_left() {
    for message in demo::sample(&now()).messages() {
        let octets = message.to_vec();
        let followed = |start: &[u8]| {
            let rest = octets
                .windows(start.len() + 1)
                .filter(|window| window.starts_with(start));
            rest.filter(|window| window.last().is_some_and(u8::is_ascii_digit))
                .count()
        };
        assert_eq!((followed(b"@-"), followed(b"@fill ")), (0, 0));
        assert_eq!(octets.len() as u64, message.octets());
    }
}

#[test]
fn a_server_needs_a_runtime_and_says_so() {
    assert!(Server::start(ServerOptions::new(three())).is_err());
}
