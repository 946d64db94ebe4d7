use std::sync::Arc;

use super::*;
use crate::demo::Message;

fn generator(count: u32, seed: u64) -> Arc<Generator> {
    let now = "2026-11-23T11:02:03+01:00[+01:00]".parse().unwrap();
    Arc::new(Generator::new(count, seed, &now))
}

fn octets(generator: &Arc<Generator>, index: u32) -> Vec<u8> {
    Message::generated(generator, index).to_vec()
}

fn text(generator: &Arc<Generator>, index: u32) -> String {
    String::from_utf8_lossy(&octets(generator, index)).into_owned()
}

#[test]
fn every_message_has_the_announced_size() {
    let generator = generator(100_000, 7);
    for index in (0..3_000).chain(99_000..100_000) {
        assert_eq!(
            octets(&generator, index).len(),
            generator.octets(index) as usize,
            "message {index}, {:?}",
            generator.kind(index)
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_octets_and_another_seed_others() {
    let (one, same, other) = (generator(50, 1), generator(50, 1), generator(50, 2));
    assert!((0..50).all(|index| octets(&one, index) == octets(&same, index)));
    assert!((0..50).all(|index| octets(&one, index) != octets(&other, index)));
}

#[test]
fn dates_rise_with_the_numbers_and_end_shortly_before_now() {
    let generator = generator(1_000, 3);
    let dates: Vec<_> = (0..1_000)
        .map(|index| generator.date(index).timestamp())
        .collect();
    assert!(dates.is_sorted());
    let newest = dates.last().unwrap().as_second();
    assert!((0..SPACING as i64).contains(&(generator.now.as_second() - newest)));
}

#[test]
fn the_rare_word_is_in_three_messages() {
    let generator = generator(1_000, 5);
    let with: Vec<u32> = (0..1_000)
        .filter(|index| text(&generator, *index).contains(RARE_WORD))
        .collect();
    assert_eq!(with, [200, 500, 899]);
}

#[test]
fn the_common_word_is_in_every_fifth_message_and_the_phrase_in_every_hundredth() {
    let generator = generator(1_000, 5);
    let with = |words: &str| {
        (0..1_000)
            .filter(|index| text(&generator, *index).contains(words))
            .count()
    };
    assert_eq!(with(COMMON_WORD), 200);
    assert_eq!(with(PHRASE), 10);
    assert_eq!(with("ledger is quarterly"), 90);
}

#[test]
fn a_reply_names_an_earlier_message_and_keeps_its_subject() {
    let generator = generator(1_000, 5);
    let replies: Vec<u32> = (0..1_000)
        .filter(|index| generator.parent(*index).is_some())
        .collect();
    assert!(replies.len() > 100);
    for index in replies {
        let reply = text(&generator, index);
        let parent = generator.parent(index).unwrap();
        assert!(parent < index);
        let id = generator.message_id(parent);
        assert!(reply.contains(&format!("In-Reply-To: {id}\r\n")));
        let root = generator.ancestors(index)[0];
        assert!(reply.contains(&format!("Subject: Re: {}\r\n", generator.topic(root))));
    }
}

#[test]
fn the_lines_of_a_body_stay_short_and_the_last_one_is_complete() {
    let generator = generator(300, 9);
    for index in 0..300 {
        let message = octets(&generator, index);
        let body = message
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let lines = message[body..].split(|octet| *octet == b'\n');
        let longest = lines.map(<[u8]>::len).max().unwrap();
        assert!(
            longest <= 121,
            "message {index} has a line of {longest} octets"
        );
        assert!(message.ends_with(b"\r\n"));
    }
}

#[test]
fn the_mixture_has_every_kind() {
    let generator = generator(2_000, 11);
    let count = |kind| {
        (0..2_000)
            .filter(|index| generator.kind(*index) == kind)
            .count()
    };
    assert!(count(Kind::Note) > 700);
    assert!(count(Kind::Newsletter) > 300);
    assert!(count(Kind::Notice) > 300);
    assert!(count(Kind::Attachment) > 100);
    assert!(count(Kind::Letter) > 80);
    assert!((1..20).contains(&count(Kind::Large)));
}
