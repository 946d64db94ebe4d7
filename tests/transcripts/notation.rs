//! How transcripts write octets and events.

use poppet::pop3::{Event, MessageKind, Reply};

/// An event as transcripts write it.
pub(crate) fn shown(event: &Event) -> String {
    match event {
        Event::Greeting(greeting) => {
            let word = if greeting.ok { "hello" } else { "refused" };
            let stamp = greeting
                .timestamp
                .as_ref()
                .map(|stamp| format!(" {stamp}"))
                .unwrap_or_default();
            format!("{word} \"{}\"{stamp}", greeting.text.escape_ascii())
        }
        Event::Reply(Reply { ok, code, text }) => {
            let word = if *ok { "ok" } else { "err" };
            let code = code
                .as_ref()
                .map(|code| format!(" {code:?}"))
                .unwrap_or_default();
            format!("{word}{code} \"{}\"", text.escape_ascii())
        }
        Event::Capabilities(capabilities) => {
            let tags: Vec<&str> = capabilities.tags().collect();
            format!("capabilities {}", tags.join(" "))
                .trim_end()
                .to_owned()
        }
        Event::Drop { messages, octets } => {
            format!(
                "drop {messages} {}",
                octets.map_or("?".to_owned(), |octets| octets.to_string())
            )
        }
        Event::Listing(sizes) => sizes
            .iter()
            .fold("list".to_owned(), |text, (number, size)| {
                format!("{text} {number}:{size}")
            }),
        Event::Uidls(uidls) => uidls
            .iter()
            .fold("uidl".to_owned(), |text, (number, uidl)| {
                let uidl = uidl
                    .as_ref()
                    .map_or("(none)".to_owned(), |uidl| format!("\"{uidl}\""));
                format!("{text} {number}:{uidl}")
            }),
        Event::MessageStart {
            number,
            kind: MessageKind::Whole,
        } => format!("message {number}"),
        Event::MessageStart {
            number,
            kind: MessageKind::Top,
        } => format!("top {number}"),
        other => format!("{other:?}"),
    }
}

/// Repetitions written out.
pub(crate) fn expanded(text: &str) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        let (inside, after) = after.split_once(">>").unwrap();
        let (unit, count) = inside.rsplit_once('*').unwrap();
        done.push_str(before);
        done.push_str(&unit.repeat(count.parse().unwrap()));
        rest = after;
    }
    done + rest
}

/// Repetitions and escapes turned into octets.
pub(crate) fn octets(text: &str) -> Vec<u8> {
    let text = expanded(text).into_bytes();
    let mut octets = Vec::new();
    let mut rest = text.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            octets.push(*first);
            continue;
        }
        let (escape, after) = rest.split_first().unwrap();
        rest = after;
        octets.push(match escape {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'x' => {
                let (digits, after) = rest.split_at(2);
                rest = after;
                u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
            }
            other => *other,
        });
    }
    octets
}
