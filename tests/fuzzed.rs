//! What fuzzing kept, once more: every input that reached something new, every input that broke something, and changed
//! ones. `tests/fuzz/run` finds more of them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test says where by panicking"
)]

#[path = "support/score.rs"]
mod score;
#[path = "fuzz/targets/mod.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use targets::{TARGETS, Target};

macro_rules! replayed {
    ($($test:ident: $target:literal, $made:literal;)*) => {
        $(#[test]
        fn $test() {
            replay($target, $made);
        })*
        const TESTED: &[&str] = &[$($target),*];
    };
}

replayed! {
    no_text_breaks_the_configuration: "config", 150;
    no_octets_break_the_reading_of_headers: "headers", 300;
    no_html_breaks_its_layout_or_takes_long: "html", 100;
    no_text_breaks_the_keys: "keys", 100;
    no_octets_break_the_reading_of_a_message: "mime", 150;
    no_text_breaks_a_query_and_the_store_finds_what_it_says: "query", 150;
    no_line_breaks_the_reading_of_replies: "reply", 400;
    no_text_comes_out_of_cleaning_with_anything_but_text: "safe", 400;
    no_server_breaks_a_session_whatever_is_sent_meanwhile: "session", 400;
    no_octets_in_the_file_break_the_store: "store", 60;
    no_text_breaks_a_theme: "theme", 200;
}

#[test]
fn every_target_is_replayed_and_has_a_corpus() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED);
    for name in names {
        assert!(
            targets::tests()
                .join(format!("fuzz/bin/{name}.rs"))
                .is_file(),
            "{name}"
        );
        assert!(
            !targets::files(&format!("fuzz/corpus/{name}")).is_empty(),
            "{name}"
        );
    }
}

#[test]
fn the_corpus_is_small() {
    let folders = TARGETS
        .iter()
        .flat_map(|target| ["corpus", "found"].map(|kind| format!("fuzz/{kind}/{}", target.name)));
    let octets: usize = folders
        .flat_map(|folder| targets::files(&folder))
        .map(|(_, input)| input.len())
        .sum();
    assert!(octets < 2_000_000, "{octets} octets");
}

/// Tries what was kept, what the repository has anyway, and `made` inputs that are made of these.
fn replay(name: &str, made: u32) {
    let target = TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target");
    let mut inputs = targets::files(&format!("fuzz/found/{name}"));
    inputs.extend(targets::files(&format!("fuzz/corpus/{name}")));
    let kept = inputs.len();
    assert!(kept > 0, "no corpus for {name}");
    let seeds = (target.seeds)();
    let share = if seeds.len() > MANY {
        score::stride(8)
    } else {
        1
    };
    let seeds = seeds.into_iter().enumerate().step_by(share);
    inputs.extend(seeds.map(|(place, seed)| (format!("seed-{place}"), seed)));
    inputs.extend(changed(&inputs, made));
    let mut passed = 0;
    let mut slowest = (Duration::ZERO, "");
    for (input, octets) in &inputs {
        let begun = Instant::now();
        if survives(target, octets) {
            passed += 1;
        } else {
            println!("{name}: {input}: \"{}\"", octets.escape_ascii());
        }
        slowest = slowest.max((begun.elapsed(), input));
    }
    let worst = format!("{kept} kept; slowest {:.2} s", slowest.0.as_secs_f64());
    score::score(&format!("fuzzed: {name}"), passed, inputs.len(), &worst);
}

fn survives(target: &Target, octets: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.run)(octets))).is_ok()
}

/// Inputs made of others: octets changed, left out, or taken from a second one. The same in every run.
fn changed(inputs: &[(String, Vec<u8>)], made: u32) -> Vec<(String, Vec<u8>)> {
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig::default(),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let which = any::<prop::sample::Index>;
    let changes = prop::collection::vec((which(), any::<u8>()), 0..8);
    let recipe = (which(), which(), which(), which(), changes);
    (0..made)
        .map(|number| {
            let (first, second, head, tail, changes) =
                recipe.new_tree(&mut runner).expect("a recipe").current();
            let (first, second) = (&first.get(inputs).1, &second.get(inputs).1);
            let head = &first[..head.index(first.len() + 1)];
            let tail = &second[tail.index(second.len() + 1)..];
            let mut octets = [head, tail].concat();
            for (place, octet) in changes {
                if !octets.is_empty() {
                    let place = place.index(octets.len());
                    octets[place] = octet;
                }
            }
            (format!("made-{number}"), octets)
        })
        .collect()
}

/// Without optimisation everything takes some ten times as long.
const LONGEST: Duration = Duration::from_secs(20);
/// Octets that are made of one that comes often.
const LARGEST: usize = 1 << 16;
/// More beginnings than this are not all tried in every run.
const MANY: usize = 500;
