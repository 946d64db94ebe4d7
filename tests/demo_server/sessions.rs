//! Several sessions on one maildrop, and changes from outside.

use poppet::demo::Quirks;

use crate::{client::Client, good, serve, three};

#[tokio::test]
async fn a_second_login_is_refused_until_the_first_session_ends() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut first = Client::logged_in(&server).await;
    let (mut second, _) = Client::greeted(&server).await;
    second.ask("USER demo").await;
    assert_eq!(
        second.ask("PASS demo").await,
        "-ERR [IN-USE] the mailbox is in use"
    );
    first.ask("QUIT").await;
    second.log_in().await;
}

#[tokio::test]
async fn shared_sessions_have_numbers_that_do_not_move() {
    let maildrop = three();
    let quirks = Quirks {
        several_sessions: true,
        ..Quirks::default()
    };
    let server = serve(&maildrop, quirks);
    let mut first = Client::logged_in(&server).await;
    let mut second = Client::logged_in(&server).await;
    second.ask("DELE 1").await;
    second.ask("QUIT").await;
    maildrop.deliver(*b"Subject: new\r\n\r\n");
    assert_eq!(
        first.ask("RETR 1").await,
        "-ERR this message was removed meanwhile"
    );
    assert_eq!(first.ask("UIDL 2").await, "+OK 2 0000000200000001");
    assert_eq!(first.ask("LIST 4").await, "-ERR no such message");
}

#[tokio::test]
async fn changes_from_outside_show_in_the_next_session() {
    let maildrop = three();
    let server = good(&maildrop);
    let uidls = maildrop.uidls();
    assert!(maildrop.remove(&uidls[0]));
    assert!(!maildrop.remove(&uidls[0]));
    let delivered = maildrop.deliver(*b"Subject: new");
    maildrop.deliver_as(&uidls[1], *b"Subject: twin\r\n");
    assert_eq!(
        maildrop.uidls(),
        [
            uidls[1].clone(),
            uidls[2].clone(),
            delivered,
            uidls[1].clone()
        ]
    );
    let mut client = Client::logged_in(&server).await;
    assert_eq!(
        client.ask_lines("LIST").await,
        "1 33\r\n2 16\r\n3 14\r\n4 15\r\n"
    );
    client.ask("QUIT").await;

    let before = maildrop.uidls();
    maildrop.replace_uidls();
    assert!(maildrop.uidls().iter().all(|uidl| !before.contains(uidl)));
}
