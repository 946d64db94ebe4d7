//! What the review says about what it lists.

use super::{Outcome, Review};
use crate::bridge::AccountState;
use crate::mail::text::wrap;
use crate::mail::{AccountId, Brake, Reason, RulesDelete};
use crate::ui::action::{Action, Scope};
use crate::ui::format::{self, counted, size};
use crate::ui::model::Model;
use crate::ui::theme::Role;

/// What is said below the rows.
pub(super) fn below(review: &Review, model: &Model, width: u16) -> Vec<(Role, String)> {
    let mut lines = Vec::new();
    let columns = usize::from(width.saturating_sub(2));
    let mut say = |role, text: &str| {
        lines.extend(
            wrap(text, columns)
                .into_iter()
                .map(|line| (role, line.to_owned())),
        );
    };
    if let Some(outcome) = &review.outcome {
        result(outcome, model, &mut say);
        by_itself(review, outcome, model, &mut say);
        trouble(review, model, &mut say);
        return lines;
    }
    if let Some(text) = &review.complaint {
        say(Role::Warn, text);
    }
    trouble(review, model, &mut say);
    if let Some((account, brake, number)) = review.brake(model) {
        say(
            Role::Danger,
            &format!("The brake is on for {account}: {}", why(brake)),
        );
        say(
            Role::Text,
            "No deletion goes out until you have looked, and let it.",
        );
        let text = format!(
            "Type {number} to let deletions go on: [{}]  ({number})",
            field(&review.typed)
        );
        say(Role::Text, &text);
        return lines;
    }
    let key = |action| {
        let scope = if action == Action::Delete {
            Scope::List
        } else {
            Scope::Review
        };
        model.keymap.key_for(scope, action).unwrap_or_default()
    };
    if review.rows.is_some() && review.rows().is_empty() {
        let text = format!(
            "{} stages a message in the list; nothing leaves the server before you have seen it here.",
            key(Action::Delete)
        );
        say(Role::Text, &text);
        return lines;
    }
    let (fetch, undelete) = (key(Action::Fetch), key(Action::Undelete));
    let lost = review.lost().len();
    if lost > 0 && !review.busy() {
        let text = if lost == 1 {
            "1 message has no copy on this computer. Deleting it cannot be undone.".to_owned()
        } else {
            format!(
                "{lost} messages have no copy on this computer. Deleting them cannot be undone."
            )
        };
        if columns < 58 {
            say(
                Role::Danger,
                &format!("{lost} without a copy: gone for good"),
            );
            say(
                Role::Text,
                &format!("Allow by typing {lost}: [{}]", field(&review.typed)),
            );
            let text = format!("{fetch} download first  {undelete} take one off");
            say(Role::Text, &text);
            because(review, model, &mut say);
            return lines;
        }
        say(Role::Danger, &text);
        let fetch = if review.fetching.is_some() {
            "  They are being downloaded.".to_owned()
        } else {
            format!("  {fetch} download first, then delete (recommended)")
        };
        say(Role::Text, &fetch);
        say(Role::Text, &format!("  {undelete} take one off this list"));
        let text = format!(
            "  type the number of lost messages to allow it anyway: [{}]  ({lost})",
            field(&review.typed)
        );
        say(Role::Text, &text);
    }
    if let Some(entry) = review.rows().get(review.chosen)
        && let Some(failure) = &entry.failure
    {
        say(Role::Warn, &format!("Last time: {failure}"));
    }
    because(review, model, &mut say);
    lines
}

fn trouble(review: &Review, model: &Model, say: &mut impl FnMut(Role, &str)) {
    if let Some(problem) = &review.problem {
        let failed = model.glyphs.failed;
        say(
            Role::Danger,
            &format!("{failed} {}: {}", problem.what, problem.why),
        );
        say(Role::Text, &problem.remedy);
    }
}

/// That a rule could do by itself what was just reviewed; or that it does from now on.
fn by_itself(review: &Review, outcome: &Outcome, model: &Model, say: &mut impl FnMut(Role, &str)) {
    let by_rule = outcome
        .deleted
        .iter()
        .filter(|row| row.reason == Some(Reason::Rule));
    let mut accounts: Vec<&AccountId> = by_rule.map(|row| &row.account).collect();
    accounts.sort();
    accounts.dedup();
    let (mut could, mut does) = (review.could_run(model), Vec::new());
    could.sort();
    for account in accounts {
        let runs = |state: &AccountState| state.retention.rules_delete == RulesDelete::Auto;
        if model.account(account).is_some_and(runs) {
            does.push(account.as_str());
        }
    }
    if !could.is_empty() {
        let names: Vec<&str> = could.iter().map(|account| account.as_str()).collect();
        say(Role::Text, "");
        let text = format!(
            "The rule of {} staged some of these. It can delete by itself from now on: only what is here in full, \
             only what it says, and nothing when it would be much at once.",
            names.join(" and ")
        );
        say(Role::Text, &text);
    }
    if review.let_run && !does.is_empty() {
        say(Role::Text, "");
        let text = format!(
            "{} The rule of {} deletes by itself from now on. rules_delete = \"review\" in the configuration takes \
             that back.",
            model.glyphs.ok,
            does.join(" and ")
        );
        say(Role::Ok, &text);
    }
}

fn because(review: &Review, model: &Model, say: &mut impl FnMut(Role, &str)) {
    let rows = review.rows();
    let rule = rows.iter().filter(|row| row.reason == Reason::Rule).count();
    let you = rows.len() - rule;
    let dot = model.glyphs.dot;
    if !rows.is_empty() {
        let text = match (you, rule) {
            (_, 0) => format!("Because you said so ({you})."),
            (0, _) => format!("Because of the account's rule ({rule})."),
            _ => {
                format!("Because you said so ({you}) {dot} because of the account's rule ({rule}).")
            }
        };
        say(Role::Muted, &text);
    }
    for state in &model.accounts {
        let mine = rows
            .iter()
            .filter(|row| row.message.account == state.account);
        let freed = mine.fold(0_u64, |sum, row| sum.saturating_add(row.message.octets));
        let (before, after) = (size(state.octets), size(state.octets.saturating_sub(freed)));
        // Of a little in a large mailbox the two are written alike.
        if before != after {
            let whose = if model.accounts.len() == 1 {
                "the server"
            } else {
                state.account.as_str()
            };
            let arrow = model.glyphs.arrow;
            let text = format!("After all of this {whose} holds: {before} {arrow} {after}.");
            say(Role::Muted, &text);
        }
    }
}

fn result(outcome: &Outcome, model: &Model, say: &mut impl FnMut(Role, &str)) {
    let glyphs = model.glyphs;
    let octets = outcome
        .deleted
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.octets));
    let deleted = counted(outcome.deleted.len() as u64, "message");
    say(
        Role::Ok,
        &format!(
            "{} {deleted} deleted on the server, {} freed.",
            glyphs.ok,
            size(octets)
        ),
    );
    if !outcome.unconfirmed.is_empty() {
        let n = counted(outcome.unconfirmed.len() as u64, "message");
        let text = format!(
            "{} {n} unconfirmed: the server's last word is missing. The next check decides.",
            glyphs.warning
        );
        say(Role::Warn, &text);
        for row in &outcome.unconfirmed {
            say(
                Role::Muted,
                &format!("   {}: {}", row.from.short(), format::subject(&row.subject)),
            );
        }
    }
    if !outcome.refused.is_empty() {
        let n = counted(outcome.refused.len() as u64, "message");
        say(Role::Danger, &format!("{} {n} not deleted:", glyphs.failed));
        for (row, why) in &outcome.refused {
            say(
                Role::Text,
                &format!(
                    "   {}: {} {} {why}",
                    row.from.short(),
                    format::subject(&row.subject),
                    glyphs.dot
                ),
            );
        }
    }
}

fn why(brake: &Brake) -> String {
    match brake {
        Brake::Vanished { gone, of } => {
            format!("{gone} of {of} known messages are gone from the server at once.")
        }
        Brake::RuleDeletes { count, of } => {
            format!("its rule would delete {count} of {of} messages at once.")
        }
        Brake::Clock => "the clock jumped, so that the age of a message means nothing.".to_owned(),
    }
}

fn field(typed: &str) -> String {
    format!("{typed:_<4}")
}
