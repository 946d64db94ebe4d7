//! What libFuzzer calls.

#[path = "../targets/mod.rs"]
mod targets;

use std::sync::OnceLock;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

/// Chooses the target. With `POPPET_SEEDS`, writes what it begins with into that folder.
///
/// # Panics
/// Without such a target or folder.
pub fn begin(name: &str) {
    let target = targets::TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target");
    RUN.get_or_init(|| target.run);
    if let Some(folder) = std::env::var_os("POPPET_SEEDS") {
        for (place, seed) in (target.seeds)().iter().enumerate() {
            let file = std::path::Path::new(&folder).join(format!("seed-{place}"));
            std::fs::write(file, seed).expect("a seed");
        }
    }
    // libFuzzer is told of every panic and ends there. One in the layout of HTML is caught, and the words are shown instead.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !poppet::mime::contains_panics() {
            tell(panic);
        }
    }));
}

/// Tries these octets.
pub fn run(octets: &[u8]) {
    if let Some(run) = RUN.get() {
        run(octets);
    }
}

/// A second in a build that people use; what is instrumented takes some five times as long.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(5);
/// Octets that are made of one that comes often: all that is read of HTML, and some more.
const LARGEST: usize = (1 << 20) + 4_096;
