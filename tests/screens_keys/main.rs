//! What keys do: keys in, effects and screens out. No terminal, no engine, no clock.

mod around;
mod edges;
#[path = "../screens/fixtures.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "fixtures fail their test, and each test file uses a part of them"
)]
mod fixtures;
mod gone;
mod in_full;
mod indexing;
mod list;
mod ranges;
mod reading;
mod resume;
mod searches;
mod threads;
mod told;
mod true_words;
mod undoing;

use fixtures::{commands, draw};
use poppet::bridge::Command;
use poppet::mail::Change;
use poppet::ui::{Effect, Model};

fn selected(model: &Model) -> i64 {
    model.list.selected().map_or(-1, |id| id.0)
}

fn changes(effects: &[Effect]) -> Vec<(Vec<i64>, Change)> {
    commands(effects)
        .into_iter()
        .filter_map(|command| match command {
            Command::Change { changes, .. } => Some(changes),
            _ => None,
        })
        .flatten()
        .map(|(ids, change)| (ids.iter().map(|id| id.0).collect(), *change))
        .collect()
}

fn status(model: &Model) -> String {
    draw(model)
        .lines()
        .nth(usize::from(model.size.1) - 2)
        .unwrap_or_default()
        .to_owned()
}
