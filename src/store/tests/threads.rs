//! Which messages belong together, and that it does not matter in which order they come.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{DAY, Letter, NOW, Shelf, letter};

/// The threads, each as the names of its messages; threads and names in order.
fn threads(letters: &[Letter]) -> Vec<Vec<&'static str>> {
    let shelf = Shelf::new();
    let mut threads: BTreeMap<i64, Vec<&'static str>> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for letter in letters {
        let stored = shelf.arrive_one(letter.full(letter.id));
        names.insert(stored.message, letter.id);
    }
    for (id, name) in names {
        threads
            .entry(shelf.row(id).thread.0)
            .or_default()
            .push(name);
    }
    let mut sets: Vec<_> = threads.into_values().collect();
    for set in &mut sets {
        set.sort_unstable();
    }
    sets.sort();
    sets
}

fn sent(id: &'static str, subject: &'static str, day: i64, references: &[&'static str]) -> Letter {
    Letter {
        subject,
        date: NOW.0 - 400 * DAY + day * DAY,
        references: references.to_vec(),
        body: id,
        ..letter(id)
    }
}

#[test]
fn a_parent_that_comes_late_joins_the_threads_of_its_answers() {
    let first = sent("b", "One", 2, &["a"]);
    let second = sent("d", "Two", 3, &["c"]);
    let between = sent("c", "Three", 1, &["a"]);
    assert_eq!(threads(&[first.clone(), second.clone()]).len(), 2);
    assert_eq!(threads(&[first, second, between]), [["b", "c", "d"]]);
}

#[test]
fn a_reply_that_lost_its_references_is_found_by_its_subject_and_newsletters_stay_apart() {
    let letters = [
        sent("n1", "Weekly digest", 1, &[]),
        sent("n2", "Weekly digest", 8, &[]),
        sent("p", "Plan", 1, &[]),
        sent("r", "Re: plan", 3, &[]),
        sent("late", "Re: plan", 90, &[]),
    ];
    assert_eq!(
        threads(&letters),
        [vec!["late"], vec!["n1"], vec!["n2"], vec!["p", "r"]]
    );
}

#[test]
fn the_tree_of_a_thread_has_each_message_behind_what_it_answers() {
    let shelf = Shelf::new();
    let letters = [
        sent("c", "Re: Plan", 3, &["a", "b"]),
        sent("a", "Plan", 1, &[]),
        sent("lost", "Re: Plan", 5, &[]),
        sent("b", "Re: Plan", 2, &["a"]),
    ];
    let ids = letters
        .each_ref()
        .map(|one| shelf.arrive_one(one.full(one.id)).message);
    let [c, a, lost, b] = ids;
    let thread = shelf.row(a).thread;
    let branches = shelf.store.thread(thread).wait().unwrap();
    let shape: Vec<_> = branches.iter().map(|one| (one.id, one.depth)).collect();
    assert_eq!(shape, [(a, 0), (b, 1), (c, 2), (lost, 3)]);
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const SUBJECTS: [&str; 4] = ["Plan", "Re: Plan", "Re: RE: plan", "Other"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_of_arrival_the_threads_are_the_same(
        parts in prop::collection::vec(
            (0..SUBJECTS.len(), 0..50_i64, prop::collection::vec(0..NAMES.len(), 0..3)),
            2..=NAMES.len(),
        ),
        seed in any::<u64>(),
    ) {
        let letters: Vec<Letter> = parts
            .iter()
            .zip(NAMES)
            .map(|((subject, day, references), name)| {
                let references: Vec<_> = references.iter().map(|one| NAMES[*one]).collect();
                sent(name, SUBJECTS[*subject], *day, &references)
            })
            .collect();
        let mut shuffled = letters.clone();
        shuffled.sort_by_key(|one| (u64::from(one.id.as_bytes()[0]) ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        prop_assert_eq!(threads(&letters), threads(&shuffled));
    }
}
