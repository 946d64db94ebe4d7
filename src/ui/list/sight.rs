//! What the engine is told about what is on the screen, so that it comes first.

use crate::bridge::Command;
use crate::mail::{Local, MessageId};
use crate::ui::effect::Effect;
use crate::ui::model::Model;

/// While messages are being fetched: tells which of those on the screen are not all here, when these have changed.
pub fn tell(model: &mut Model, height: usize, out: &mut Vec<Effect>) {
    if !model.is_busy() {
        return;
    }
    let list = &model.list;
    let rows = list.visible().iter().skip(list.top()).take(height);
    let ids: Vec<MessageId> = rows
        .filter_map(|id| list.rows.row(*id))
        .filter(|row| row.local != Local::Full)
        .map(|row| row.id)
        .collect();
    if !ids.is_empty() && ids != list.told {
        model.list.told.clone_from(&ids);
        out.push(Effect::Send(Command::Look { ids }));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bridge::{Phase, Progress};
    use crate::mail::AccountId;
    use crate::mail::{MessageSummary, Timestamp};
    use crate::ui::msg::Msg;
    use crate::ui::settings::Settings;
    use crate::ui::testing::message;
    use crate::ui::update::update;

    fn fetching() -> Msg {
        Msg::Progress(vec![Progress {
            account: AccountId::new("home").unwrap(),
            phase: Phase::Bodies,
            done: 0,
            total: 100,
            octets: 0,
            octets_total: 0,
            elapsed: Duration::ZERO,
        }])
    }

    fn told(effects: Vec<Effect>) -> Vec<Vec<i64>> {
        let looks = effects.into_iter().filter_map(|effect| match effect {
            Effect::Send(Command::Look { ids }) => Some(ids.iter().map(|id| id.0).collect()),
            _ => None,
        });
        looks.collect()
    }

    #[test]
    fn the_engine_is_told_what_is_on_the_screen_and_not_here_while_it_fetches() {
        let mut model = Model::new(Settings::default(), (80, 24), Timestamp(1_795_500_000));
        model.list.take(
            (1..=100)
                .map(|id| MessageSummary {
                    local: if id == 99 {
                        Local::Full
                    } else {
                        Local::Headers
                    },
                    ..message(id)
                })
                .collect(),
        );
        assert!(told(update(&mut model, Msg::Scroll(0))).is_empty());
        let height = i64::from(model.panes().rows.height);
        let first = told(update(&mut model, fetching()));
        let shown = |from: i64| -> Vec<i64> {
            (from - height + 1..=from)
                .rev()
                .filter(|id| *id != 99)
                .collect()
        };
        assert_eq!(first, [shown(100)]);
        assert!(told(update(&mut model, fetching())).is_empty());
        model.list.select_at(99);
        assert_eq!(told(update(&mut model, fetching())), [shown(height)]);
    }
}
