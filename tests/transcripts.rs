//! Recorded dialogues, replayed for every way of cutting what the server sent. The format is in `transcripts/replay.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test says where by panicking"
)]

#[path = "transcripts/notation.rs"]
mod notation;
#[path = "transcripts/numbers.rs"]
#[allow(dead_code, reason = "names of tests are read elsewhere")]
mod numbers;
#[path = "transcripts/properties.rs"]
mod properties;
#[path = "transcripts/replay.rs"]
mod replay;

use std::path::Path;

use proptest::prelude::*;
use replay::Transcript;

fn transcripts() -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(files.len() >= 40, "only {} transcripts found", files.len());
    files.iter().map(|file| Transcript::read(file)).collect()
}

#[test]
fn every_transcript_reads_the_same_in_one_piece() {
    for transcript in transcripts() {
        transcript.replay(|_| false);
    }
}

#[test]
fn p12_every_transcript_reads_the_same_in_two_pieces_cut_anywhere() {
    for transcript in transcripts() {
        let octets = transcript.octets();
        for cut in 0..octets {
            // Streams of many kilobytes are cut at every octet near their ends, and here and there between.
            if octets < 3_000 || cut < 400 || cut + 400 > octets || cut % 4_999 == 0 {
                transcript.replay(|position| position == cut);
            }
        }
    }
}

#[test]
fn p12_every_transcript_reads_the_same_octet_by_octet() {
    for transcript in transcripts() {
        transcript.replay(|_| true);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn p12_every_transcript_reads_the_same_in_pieces_of_any_size(
        modulus in 2_usize..60,
        seed in any::<usize>(),
    ) {
        for transcript in transcripts() {
            transcript.replay(|position| position.wrapping_mul(2_654_435_761).wrapping_add(seed) % modulus == 0);
        }
    }
}
