//! Answers that are out of step, or look so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::tests::{line, server};
use super::*;
use crate::backend::maildrop::Maildrop;
use crate::mail::{Listed, RemoteId};

const LETTERS: [&str; 3] = [
    "Subject: one\r\n\r\n1\r\n",
    "Subject: two\r\n\r\n22\r\n",
    "Subject: three\r\n\r\n333\r\n",
];

/// A server that has these messages under the names `id-1`, `id-2`...; `change` has the last word on an answer. And what it was
/// asked.
async fn serving(
    messages: &[&str],
    change: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + 'static,
) -> (Line<u32>, Arc<Mutex<Vec<String>>>) {
    let texts: Vec<String> = messages.iter().map(|text| (*text).to_owned()).collect();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&asked);
    let (port, _served) = server(move |command| {
        log.lock().unwrap().push(command.to_owned());
        let (verb, number) = command.split_once(' ').unwrap_or((command, "0"));
        let number: usize = number
            .split(' ')
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(0);
        let text = number.checked_sub(1).and_then(|index| texts.get(index));
        let header = |text: &str| text.split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let answer = match (verb, text) {
            ("NOOP", _) => "+OK\r\n".to_owned(),
            ("UIDL", Some(_)) => format!("+OK {number} id-{number}\r\n"),
            ("RETR", Some(text)) => format!("+OK\r\n{text}.\r\n"),
            ("TOP", Some(text)) => format!("+OK\r\n{}\r\n\r\n.\r\n", header(text)),
            _ => "-ERR what?\r\n".to_owned(),
        };
        Some(change(command, answer.into_bytes()))
    });
    let mut line = line(port).await;
    let listed = |(index, text): (usize, &&str)| Listed {
        remote: RemoteId::new(format!("id-{}", index + 1).as_bytes()),
        octets: text.len() as u64,
    };
    line.know(&Maildrop {
        listing: messages.iter().enumerate().map(listed).collect(),
        numbers: (1..=3)
            .filter_map(MessageNumber::new)
            .take(messages.len())
            .collect(),
        has_uidl: true,
        ..Maildrop::default()
    });
    (line, asked)
}

fn honest(_: &str, answer: Vec<u8>) -> Vec<u8> {
    answer
}

fn ask(line: &mut Line<u32>, number: u32, part: Part, listed: usize) {
    line.launch(Job {
        number: MessageNumber::new(number).unwrap(),
        part,
        expect: 100,
        listed: Some(listed as u64),
        tag: number,
    })
    .unwrap();
}

/// What comes of asking for all of them at once, by a line that takes that for proven.
async fn all(line: &mut Line<u32>, messages: &[&str]) -> (Vec<Vec<u8>>, Option<Error>) {
    line.proven = usize::MAX;
    for (number, text) in (1..).zip(messages) {
        ask(line, number, Part::Whole, text.len());
    }
    let mut come = Vec::new();
    loop {
        match line.next().await {
            Ok(Some(landed)) => come.push(landed.octets.unwrap().into_beginning()),
            Ok(None) => return (come, None),
            Err(error) => return (come, Some(error)),
        }
    }
}

fn count(asked: &Mutex<Vec<String>>, verb: &str) -> usize {
    let asked = asked.lock().unwrap();
    asked.iter().filter(|line| line.starts_with(verb)).count()
}

#[tokio::test]
async fn f9_what_is_as_listed_costs_no_question_and_what_is_not_costs_one() {
    let (mut line, asked) = serving(&LETTERS, honest).await;
    let (come, error) = all(&mut line, &LETTERS).await;
    assert!(error.is_none() && come.len() == 3);
    assert_eq!((count(&asked, "UIDL"), count(&asked, "NOOP")), (0, 0));
    // A server that counts otherwise is believed behind a question.
    let (mut line, asked) = serving(&LETTERS, honest).await;
    let (come, error) = all(&mut line, &["1", "22", LETTERS[2]]).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(come, LETTERS.map(|text| text.as_bytes().to_vec()));
    assert!((1..=2).contains(&count(&asked, "UIDL")));
    assert_eq!(count(&asked, "RETR"), 3);
}

#[tokio::test]
async fn f9_half_an_answer_and_the_next_behind_it_are_no_message() {
    for cut in 1..=3 {
        let (mut line, _) = serving(&LETTERS, move |command, mut answer| {
            if command == format!("RETR {cut}") {
                answer.truncate(answer.len() / 2);
            }
            answer
        })
        .await;
        line.wire.be_patient(Duration::from_secs(1));
        let (come, error) = all(&mut line, &LETTERS).await;
        assert!(error.is_some(), "{cut}");
        assert_eq!(come.len(), cut - 1, "{cut}: {come:?}");
    }
}

#[tokio::test]
async fn f9_half_a_header_block_and_the_next_behind_it_are_none() {
    for at in 1..40 {
        let (mut line, _) = serving(&LETTERS, move |command, mut answer| {
            if command == "TOP 2 0" {
                answer.truncate(at.min(answer.len() - 1));
            }
            answer
        })
        .await;
        line.proven = usize::MAX;
        for number in 1..=3 {
            ask(&mut line, number, Part::Top(0), 100);
        }
        assert_eq!(line.next().await.unwrap().unwrap().tag, 1);
        line.wire.be_patient(Duration::from_millis(50));
        let next = line.next().await;
        assert!(next.is_err(), "{at}: {next:?}");
    }
}

#[tokio::test]
async fn v15_a_message_that_answers_for_the_one_behind_it_is_not_believed() {
    // It goes on behind a line with a dot alone, which its server does not stuff, and guesses what is asked behind it.
    for more in [
        "+OK\r\n",
        "+OK\r\n+OK 2 id-1\r\n",
        "+OK\r\n-ERR\r\n-ERR\r\n+OK\r\n+OK\r\n",
    ] {
        let forged = format!(
            "Subject: a\r\n\r\nx\r\n.\r\n+OK\r\nSubject: never sent\r\n\r\nnever\r\n.\r\n{more}"
        );
        let messages = [forged.as_str(), LETTERS[1]];
        let (mut line, _) = serving(&messages, honest).await;
        let (come, error) = all(&mut line, &messages).await;
        assert!(come.is_empty(), "{come:?}");
        assert!(
            matches!(error, Some(Error::Ahead { certain: true, .. })),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn v15_what_is_short_is_not_believed_one_command_at_a_time_either() {
    let short = "Subject: a\r\n\r\nx\r\n.\r\n+OK 2 id-2\r\n";
    let (mut line, _) = serving(&[short, LETTERS[1]], honest).await;
    line.ahead = false;
    ask(&mut line, 1, Part::Whole, short.len());
    let next = line.next().await;
    assert!(next.is_err(), "{next:?}");
}

#[tokio::test]
async fn f9_a_message_that_begins_like_a_reply_is_looked_at_and_comes() {
    let quoting = "+OK 1 2\r\nSubject: one\r\n\r\n1\r\n";
    for ahead in [true, false] {
        let (mut line, asked) = serving(&[quoting, LETTERS[1]], honest).await;
        line.ahead = ahead;
        ask(&mut line, 1, Part::Whole, quoting.len());
        let landed = line.next().await.unwrap().unwrap();
        assert_eq!(landed.octets.unwrap().held(), Some(quoting.as_bytes()));
        assert_eq!((count(&asked, "RETR"), count(&asked, "UIDL")), (1, 1));
        assert!(line.quotes());
    }
    // Where LIST says otherwise, it is asked for twice.
    let (mut line, asked) = serving(&[quoting, LETTERS[1]], honest).await;
    line.ahead = false;
    ask(&mut line, 1, Part::Whole, 7);
    let landed = line.next().await.unwrap().unwrap();
    assert_eq!(landed.octets.unwrap().held(), Some(quoting.as_bytes()));
    assert_eq!((count(&asked, "RETR"), count(&asked, "UIDL")), (2, 2));
    // Its beginning alone tells nothing: the whole is to be asked for.
    ask(&mut line, 1, Part::Top(0), 7);
    assert!(line.next().await.unwrap().unwrap().octets.is_err());
}

#[tokio::test]
async fn f9_an_answer_too_many_before_a_message_is_no_part_of_it() {
    // Once, and always; the second time it comes without, or is known by its size.
    for always in [false, true] {
        let first = Mutex::new(true);
        let (mut line, _) = serving(&LETTERS, move |command, answer| {
            let first = std::mem::take(&mut *first.lock().unwrap());
            if command == "RETR 1" && (first || always) {
                [b"+OK\r\n".to_vec(), answer].concat()
            } else {
                answer
            }
        })
        .await;
        line.ahead = false;
        ask(&mut line, 1, Part::Whole, LETTERS[0].len());
        let next = line.next().await;
        assert!(matches!(next, Err(Error::OutOfStep)), "{next:?}");
    }
}

#[tokio::test]
async fn f9_a_question_that_is_refused_is_followed_by_another_one_and_then_by_none() {
    let (mut line, asked) = serving(&LETTERS, |command, answer| {
        if command.starts_with("UIDL") {
            b"-ERR no such thing\r\n".to_vec()
        } else {
            answer
        }
    })
    .await;
    line.ahead = false;
    ask(&mut line, 1, Part::Whole, 1_000);
    assert!(line.next().await.unwrap().unwrap().octets.is_ok());
    assert_eq!((count(&asked, "UIDL"), count(&asked, "NOOP")), (3, 1));
}
