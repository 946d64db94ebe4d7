//! What may be sent when.

use super::*;
use crate::pop3::SecretOctets;

#[test]
fn p19_nothing_is_sent_before_the_greeting_or_after_a_refusing_one() {
    let mut client = Client::new(Limits::default());
    assert_eq!(
        refusal(&mut client, &Command::Capa),
        Some(Refusal::BeforeGreeting)
    );
    assert_eq!((client.greeted(), client.outstanding()), (false, 0));
    events(&mut client, b"-ERR [SYS/TEMP] later\r\n").unwrap();
    assert_eq!(client.state(), State::Closed);
    assert_eq!(refusal(&mut client, &Command::Quit), Some(Refusal::Closing));
    assert_eq!(client.end_of_stream(), Ok(()));
}

#[test]
fn p20_each_state_has_its_commands() {
    let login = [
        Command::User(word("ann")),
        Command::Auth {
            mechanism: word("PLAIN"),
            initial: None,
        },
        Command::Stls,
        Command::Pass(Password::new("x").unwrap()),
        Command::Apop {
            user: word("ann"),
            digest: word("00"),
        },
        Command::Utf8,
    ];
    let mail = [
        Command::Stat,
        Command::List(None),
        Command::Uidl(Some(number(1))),
        Command::Top(number(1), 0),
        Command::Retr(number(1)),
        Command::Dele(number(1)),
        Command::Rset,
        Command::Noop,
    ];
    for command in &login {
        assert_eq!(
            refusal(&mut logged_in(), command),
            Some(Refusal::WrongState),
            "{command:?}"
        );
    }
    for command in &mail {
        assert_eq!(
            refusal(&mut greeted(), command),
            Some(Refusal::WrongState),
            "{command:?}"
        );
        assert_eq!(refusal(&mut logged_in(), command), None, "{command:?}");
    }
    for client in [&mut greeted(), &mut logged_in()] {
        assert_eq!(refusal(client, &Command::Capa), None);
        assert_eq!(refusal(client, &Command::Quit), None);
        assert_eq!(refusal(client, &Command::Capa), Some(Refusal::Closing));
    }
}

#[test]
fn p21_pass_follows_directly_on_an_accepted_user() {
    let pass = Command::Pass(Password::new("x").unwrap());
    let user = Command::User(word("ann"));
    let mut client = greeted();
    assert_eq!(refusal(&mut client, &pass), Some(Refusal::WithoutUser));
    client.send(&user).unwrap();
    assert_eq!(refusal(&mut client, &pass), Some(Refusal::AwaitingReply));
    events(&mut client, b"-ERR who?\r\n").unwrap();
    assert_eq!(refusal(&mut client, &pass), Some(Refusal::WithoutUser));
    exchange(&mut client, &user, "+OK\r\n");
    exchange(&mut client, &Command::Capa, "-ERR\r\n");
    assert_eq!(refusal(&mut client, &pass), Some(Refusal::WithoutUser));
    client.send(&user).unwrap();
    client.send(&Command::Capa).unwrap();
    events(&mut client, b"+OK\r\n-ERR\r\n").unwrap();
    assert_eq!(
        refusal(&mut client, &pass),
        Some(Refusal::WithoutUser),
        "CAPA was sent in between"
    );
    exchange(&mut client, &user, "+OK\r\n");
    assert_eq!(refusal(&mut client, &pass), None);
}

#[test]
fn p23_nothing_follows_a_login_before_its_answer() {
    let mut client = greeted();
    exchange(&mut client, &Command::User(word("ann")), "+OK\r\n");
    client
        .send(&Command::Pass(Password::new("x").unwrap()))
        .unwrap();
    assert_eq!(
        refusal(&mut client, &Command::Stat),
        Some(Refusal::AwaitingReply)
    );
    events(&mut client, b"-ERR locked\r\n").unwrap();
    assert_eq!(client.state(), State::Authorization);
    assert_eq!(
        refusal(&mut client, &Command::Stat),
        Some(Refusal::WrongState)
    );
}

#[test]
fn p26_p27_marked_messages_are_left_alone_until_rset() {
    let mut client = logged_in();
    exchange(&mut client, &Command::Dele(number(2)), "+OK\r\n");
    for command in [
        Command::Retr(number(2)),
        Command::Top(number(2), 0),
        Command::List(Some(number(2))),
        Command::Uidl(Some(number(2))),
        Command::Dele(number(2)),
    ] {
        assert_eq!(
            refusal(&mut client, &command),
            Some(Refusal::MarkedDeleted),
            "{command:?}"
        );
    }
    exchange(&mut client, &Command::Rset, "-ERR\r\n");
    assert_eq!(
        refusal(&mut client, &Command::Retr(number(2))),
        Some(Refusal::MarkedDeleted)
    );
    client.send(&Command::Rset).unwrap();
    client.send(&Command::Dele(number(3))).unwrap();
    events(&mut client, b"+OK\r\n+OK\r\n").unwrap();
    assert_eq!(refusal(&mut client, &Command::Retr(number(2))), None);
    assert_eq!(
        refusal(&mut client, &Command::Retr(number(3))),
        Some(Refusal::MarkedDeleted),
        "marked after RSET"
    );
}

#[test]
fn a_dele_that_is_refused_marks_nothing() {
    let mut client = logged_in();
    client.send(&Command::Dele(number(2))).unwrap();
    assert_eq!(
        refusal(&mut client, &Command::Retr(number(2))),
        Some(Refusal::MarkedDeleted)
    );
    events(&mut client, b"-ERR no such message\r\n").unwrap();
    assert_eq!(refusal(&mut client, &Command::Retr(number(2))), None);
}

#[test]
fn i7_quit_waits_until_no_message_is_under_way() {
    let mut client = logged_in();
    client.send(&Command::Retr(number(1))).unwrap();
    assert_eq!(
        refusal(&mut client, &Command::Quit),
        Some(Refusal::AwaitingReply)
    );
    events(&mut client, b"+OK\r\nhalf").unwrap();
    assert_eq!(
        refusal(&mut client, &Command::Quit),
        Some(Refusal::AwaitingReply)
    );
    events(&mut client, b"\r\n.\r\n").unwrap();
    client.send(&Command::Dele(number(1))).unwrap();
    assert_eq!(refusal(&mut client, &Command::Quit), None);
    assert_eq!(client.state(), State::Closing);
}

#[test]
fn p53_p54_stls_is_advertised_alone_and_once() {
    let mut client = greeted();
    assert_eq!(
        refusal(&mut client, &Command::Stls),
        Some(Refusal::NotOffered)
    );
    exchange(&mut client, &Command::Capa, "+OK\r\nSTLS\r\n.\r\n");
    client.send(&Command::Capa).unwrap();
    assert_eq!(
        refusal(&mut client, &Command::Stls),
        Some(Refusal::AwaitingReply)
    );
    events(&mut client, b"+OK\r\nSTLS\r\n.\r\n").unwrap();
    client.send(&Command::Stls).unwrap();
    assert_eq!(
        refusal(&mut client, &Command::Capa),
        Some(Refusal::AwaitingReply)
    );
    events(&mut client, b"+OK go\r\n").unwrap();
    assert_eq!(client.state(), State::Securing);
    assert_eq!(
        refusal(&mut client, &Command::Capa),
        Some(Refusal::AwaitingReply)
    );
    assert_eq!(client.starttls_ready(), Ok(()));
    client.restart_after_tls();
    assert_eq!(client.state(), State::Authorization);
    exchange(&mut client, &Command::Capa, "+OK\r\nSTLS\r\n.\r\n");
    assert_eq!(
        refusal(&mut client, &Command::Stls),
        Some(Refusal::AlreadyEncrypted)
    );
}

#[test]
fn p53_p80_utf8_is_advertised_and_no_stls_comes_after_it() {
    let mut client = greeted();
    assert_eq!(
        refusal(&mut client, &Command::Utf8),
        Some(Refusal::NotOffered)
    );
    exchange(&mut client, &Command::Capa, "+OK\r\nSTLS\r\nUTF8\r\n.\r\n");
    exchange(&mut client, &Command::Utf8, "-ERR no\r\n");
    exchange(&mut client, &Command::Utf8, "+OK\r\n");
    assert_eq!(
        refusal(&mut client, &Command::Stls),
        Some(Refusal::WrongState)
    );
}

#[test]
fn p80_octets_outside_ascii_need_utf8_user() {
    let mut client = greeted();
    let user = Command::User(word("andré"));
    assert_eq!(refusal(&mut client, &user), Some(Refusal::NotAscii));
    exchange(&mut client, &Command::Capa, "+OK\r\nUTF8 USER\r\n.\r\n");
    assert_eq!(refusal(&mut client, &user), None);
}

#[test]
fn p71_no_initial_response_where_sasl_is_not_advertised() {
    let initial = Some(SecretOctets::new(b"x".to_vec()));
    let auth = Command::Auth {
        mechanism: word("PLAIN"),
        initial,
    };
    let mut client = greeted();
    assert_eq!(refusal(&mut client, &auth), Some(Refusal::NotOffered));
    exchange(&mut client, &Command::Capa, "+OK\r\nSASL PLAIN\r\n.\r\n");
    assert_eq!(refusal(&mut client, &auth), None);
}

#[test]
fn p74_a_broken_challenge_allows_only_a_cancellation() {
    let mut client = greeted();
    let answer = Command::AuthResponse(SecretOctets::new(Vec::new()));
    assert_eq!(refusal(&mut client, &answer), Some(Refusal::WrongState));
    client
        .send(&Command::Auth {
            mechanism: word("CRAM-MD5"),
            initial: None,
        })
        .unwrap();
    assert_eq!(
        events(&mut client, b"+ ====\r\n"),
        Ok(vec![Event::BadChallenge])
    );
    assert_eq!(refusal(&mut client, &answer), Some(Refusal::WrongState));
    assert_eq!(
        refusal(&mut client, &Command::Quit),
        Some(Refusal::AwaitingReply)
    );
    assert_eq!(refusal(&mut client, &Command::AuthCancel), None);
    events(&mut client, b"-ERR\r\n").unwrap();
    assert_eq!(refusal(&mut client, &Command::Quit), None);
}

#[test]
fn p1_a_refused_command_leaves_no_trace() {
    let mut client = logged_in();
    let before = client.outstanding();
    assert_eq!(
        refusal(&mut client, &Command::Stls),
        Some(Refusal::WrongState)
    );
    assert_eq!(
        (client.outstanding(), client.output()),
        (before, b"".as_slice())
    );
}
