//! Sections 1A and 1B: framing, limits, and the states of a session.

use poppet::bridge::{AccountState, Event, Phase};
use poppet::demo::{Maildrop, Message, Phase as SessionPhase, Quirks, Server, ServerOptions};
use poppet::mail::{Kind, Local, Problem, Retry};

use crate::house::{House, letters};
use crate::person::{PASSWORD, Person, account, draft};
use crate::script::{Say, Script, honest};

const PLAIN: &str = "tls = \"none\"";

#[tokio::test(flavor = "multi_thread")]
async fn p9_p10_p18_sizes_count_line_ends_and_no_stuffing_and_wrong_ones_reject_nothing() {
    let text =
        "Message-ID: <dots@demo.example>\r\nSubject: dots\r\n\r\n.\r\n..\r\n.tail\r\n...\r\n";
    let octets = text.len() as u64;
    let mut house = House::new(Maildrop::new(vec![Message::new(text)]), Quirks::default());
    house.sync().await.unwrap();
    assert_eq!(house.rows().await[0].octets, octets);
    house.assert_all_stored().await;
    for said in [0, 1, octets - 2, octets + 55, 200_000_000] {
        let quirks = Quirks {
            listed_octets: vec![(1, said)],
            ..Quirks::default()
        };
        let mut house = House::new(Maildrop::new(vec![Message::new(text)]), quirks);
        house.sync().await.unwrap();
        house.assert_all_stored().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p14_p15_what_stands_behind_a_status_frames_nothing() {
    let script = Script::start("+OK 3 messages of 9 octets", |_, line| {
        match line.split(' ').next().unwrap_or_default() {
            "STAT" => Say::Lines("+OK 1 27 octets in one message"),
            "LIST" => Say::Lines("+OK 7 messages (3 octets)\n1 27 octets of 9\n."),
            "UIDL" if line == "UIDL 1" => Say::Lines("+OK 1 only"),
            "UIDL" => Say::Lines("+OK 0 messages\n1 only\n."),
            "TOP" | "RETR" => Say::Lines("+OK 3 octets\nSubject: hi\n\nhello\n."),
            _ => honest(line),
        }
    });
    let mut person = Person::at(script.port, PLAIN);
    assert_eq!(person.sync().await.unwrap().messages, 1);
    let rows = person.rows().await;
    assert_eq!((rows.len(), rows[0].local), (1, Local::Full));
    let (_, octets) = person.store.octets(rows[0].id).await.unwrap().unwrap();
    assert_eq!(octets, b"Subject: hi\r\n\r\nhello\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn p13_q11_messages_beyond_the_count_of_stat_are_taken_because_mail_may_arrive_in_between() {
    // Three when STAT was answered, and five when LIST and UIDL were.
    let script = Script::start("+OK", |_, line| match line {
        "STAT" => Say::Lines("+OK 3 72"),
        "LIST" => Say::Lines("+OK\n1 24\n2 24\n3 24\n4 24\n5 24\n."),
        "UIDL" => Say::Lines("+OK\n1 a\n2 b\n3 c\n4 d\n5 e\n."),
        _ if line.starts_with("TOP") || line.starts_with("RETR") => {
            let number = line.split(' ').nth(1).unwrap_or_default();
            Say::Octets(
                format!("+OK\r\nSubject: {number}\r\n\r\nletter {number}\r\n.\r\n").into_bytes(),
            )
        }
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    assert_eq!(person.sync().await.unwrap().messages, 5);
    let rows = person.rows().await;
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.local == Local::Full), "{rows:?}");
    let mut asked: Vec<_> = script
        .lines()
        .await
        .into_iter()
        .filter(|line| line.starts_with("RETR"))
        .collect();
    asked.sort_unstable();
    assert_eq!(asked, ["RETR 1", "RETR 2", "RETR 3", "RETR 4", "RETR 5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn p19_a_greeting_that_refuses_is_told_tried_later_and_answered_by_nothing() {
    let script = Script::start("-ERR [SYS/TEMP] come back at \u{1b}[31mnoon", |_, _| {
        Say::Lines("+OK")
    });
    let mut person = Person::at(script.port, PLAIN);
    let problem = person.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Network);
    assert_eq!(problem.what, "The server does not take connections now");
    assert!(problem.why.contains("come back at"), "{problem}");
    assert!(
        !problem.why.contains('\u{1b}') && !problem.why.contains("SYS"),
        "{problem}"
    );
    assert!(matches!(problem.retry, Retry::After(_)), "{problem:?}");
    let seen = script.at_the_end().await;
    assert_eq!((seen.len(), script.lines().await.len()), (1, 0), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p22_a_server_that_closes_behind_a_refused_login_is_reached_anew_and_not_at_once_for_ever()
{
    // A lock that goes: the password is right, and each try has a connection of its own.
    let script = Script::start("+OK", |session, line| match line {
        "CAPA" => Say::Lines("-ERR"),
        _ if line.starts_with("PASS") && session < 2 => Say::Last("-ERR [IN-USE] locked"),
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    assert_eq!(person.sync().await.unwrap().messages, 1);
    assert_eq!(script.seen().len(), 3);
    // A refusal for good: one connection, and no next one by itself.
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("-ERR"),
        _ if line.starts_with("PASS") => Say::Last("-ERR [AUTH] no"),
        _ => honest(line),
    });
    let mut person = Person::automatic(script.port, PLAIN);
    let (state, told) = at_rest(&mut person).await;
    assert_eq!(state.next_check, None);
    assert_eq!(
        told.iter().map(|one| one.kind).collect::<Vec<_>>(),
        [Kind::Login]
    );
    assert_eq!(script.at_the_end().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn p24_p51_a_bare_refusal_keeps_the_password_once_and_is_tried_once_more() {
    let script = Script::start("+OK", |session, line| match line {
        "CAPA" => Say::Lines("-ERR"),
        _ if line.starts_with("PASS") && session != 1 => Say::Last("-ERR"),
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    let first = person.sync().await.unwrap_err();
    assert_eq!((first.kind, first.retry), (Kind::Login, Retry::NextCheck));
    assert!(first.remedy.contains("the password is kept"), "{first:?}");
    person.sync().await.expect("the password is shown again");
    // Twice in a row is another matter.
    let first = person.sync().await.unwrap_err();
    assert_eq!(first.retry, Retry::NextCheck);
    let second = person.sync().await.unwrap_err();
    assert_eq!((second.kind, second.retry), (Kind::Login, Retry::Asked));
    assert!(second.remedy.starts_with("Check user name"), "{second:?}");
    person
        .sync()
        .await
        .expect_err("there is no password any more");
    assert_eq!(script.seen().len(), 4, "it was shown no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn p24_p51_an_account_that_checks_by_itself_tries_a_bare_refusal_again_at_its_time() {
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("-ERR"),
        _ if line.starts_with("PASS") => Say::Last("-ERR cannot log in"),
        _ => honest(line),
    });
    let mut person = Person::automatic(script.port, PLAIN);
    let (state, told) = at_rest(&mut person).await;
    let wait = state.next_check.unwrap().0 - poppet::backend::now().0;
    assert!((880..=900).contains(&wait), "{wait}");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(script.at_the_end().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn p24_a_mailbox_that_is_not_in_order_is_no_wrong_password() {
    for (words, what) in [
        (
            "-ERR message is damaged",
            "The mailbox cannot be opened now",
        ),
        (
            "-ERR cannot access mailbox",
            "The mailbox cannot be opened now",
        ),
        (
            "-ERR maildrop already locked",
            "The mailbox cannot be opened now",
        ),
    ] {
        let script = Script::start("+OK", move |session, line| match line {
            "CAPA" => Say::Lines("-ERR"),
            _ if line.starts_with("PASS") && session < 3 => Say::Last(words),
            _ => honest(line),
        });
        let mut person = Person::at(script.port, PLAIN);
        for _ in 0..3 {
            let problem = person.sync().await.unwrap_err();
            assert_eq!((problem.kind, problem.what.as_str()), (Kind::Network, what));
        }
        person.sync().await.expect("the password was kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p25_numbers_mean_nothing_in_the_next_session_and_are_not_stored() {
    let mut house = House::new(letters(6), Quirks::default());
    house.sync().await.unwrap();
    let doomed = house.rows().await[2].clone();
    house.stage(&[doomed.id]).await;
    // Everything moves up by two before the deletion goes out.
    for uidl in house.server.maildrop().uidls().into_iter().take(2) {
        assert!(house.server.maildrop().remove(&uidl));
    }
    let applied = house.apply(&[doomed.id], &[]).await.unwrap();
    assert_eq!(applied.deleted, [doomed.id]);
    let left = house.server.maildrop().uidls();
    assert_eq!(left.len(), 3);
    assert!(!left.contains(&doomed.remote.as_bytes().to_vec()));
    let store = rusqlite::Connection::open(house.store.path()).unwrap();
    let mut columns = store
        .prepare("SELECT p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'")
        .unwrap();
    let columns: Vec<String> = columns
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(columns.len() > 20);
    assert!(
        !columns.iter().any(|name| name.contains("number")),
        "{columns:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p28_quit_before_the_login_leaves_and_behind_it_ends_with_update() {
    let mut options = ServerOptions::new(letters(2));
    options.user = "home".to_owned();
    options.password = PASSWORD.to_owned();
    let server = Server::start(options).unwrap();
    let port = server.address().port();
    let mut person = Person::of(&account("home", "127.0.0.1", port, PLAIN), false);
    let (_, ended) = person.test(draft(port, "none")).await;
    ended.unwrap();
    let sessions = server.maildrop().sessions();
    let phases: Vec<SessionPhase> = sessions.iter().map(|one| one.phase).collect();
    assert_eq!(phases, [SessionPhase::Left, SessionPhase::Updated]);
    assert_eq!(server.maildrop().uidls().len(), 2);
    assert_eq!(server.maildrop().violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn p82_a_servers_words_are_shown_in_any_language_and_harmless() {
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("-ERR"),
        _ if line.starts_with("PASS") => {
            Say::Lines("-ERR [AUTH] Grüße: 用户 \u{1b}[2J\u{9b}31m \u{202e}gpj.exe \u{7}")
        }
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    let problem = person.sync().await.unwrap_err();
    assert!(problem.why.contains("Grüße: 用户"), "{problem}");
    let unsafe_ones = |c: char| c.is_control() || c == '\u{202e}';
    assert!(!problem.to_string().contains(unsafe_ones), "{problem:?}");
}

/// How the account stands when its first check is over, and what was told meanwhile.
async fn at_rest(person: &mut Person) -> (AccountState, Vec<Problem>) {
    let (mut worked, mut told) = (false, Vec::new());
    loop {
        match person.event().await {
            Event::Failed { problem, .. } => told.push(problem),
            Event::Account(state) if state.phase == Phase::Idle && worked => {
                return (*state, told);
            }
            Event::Account(state) => worked |= state.phase != Phase::Idle,
            _ => {}
        }
    }
}
