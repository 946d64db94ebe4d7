//! Tests of the client, by what they ask of it.

mod rules;
mod session;

use super::*;
use crate::pop3::{Password, Word};

fn number(value: u32) -> MessageNumber {
    MessageNumber::new(value).unwrap()
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn refusal(client: &mut Client, command: &Command) -> Option<Refusal> {
    match client.send(command) {
        Ok(()) => None,
        Err(Error::Refused { why, .. }) => Some(why),
        Err(error) => panic!("{error}"),
    }
}

fn events(client: &mut Client, octets: &[u8]) -> Result<Vec<Event>, Error> {
    client.feed(octets);
    let mut events = Vec::new();
    while let Some(event) = client.poll()? {
        events.push(event);
    }
    Ok(events)
}

/// Sends the command and feeds its answer.
fn exchange(client: &mut Client, command: &Command, answer: &str) {
    client.send(command).unwrap();
    events(client, answer.as_bytes()).unwrap();
}

fn greeted() -> Client {
    let mut client = Client::new(Limits::default());
    events(&mut client, b"+OK ready\r\n").unwrap();
    client
}

fn logged_in() -> Client {
    let mut client = greeted();
    exchange(&mut client, &Command::User(word("ann")), "+OK\r\n");
    exchange(
        &mut client,
        &Command::Pass(Password::new("x").unwrap()),
        "+OK\r\n",
    );
    let _ = client.take_output();
    assert_eq!(client.state(), State::Transaction);
    client
}
