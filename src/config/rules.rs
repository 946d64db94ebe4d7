use std::time::Duration;

use super::error::ConfigError;
use super::quantity;
use super::reader::{Entry, Section, sentence};
use crate::mail::{BodyRule, Exception, Keep, RetentionPolicy, RulesDelete, StagedDelete};

pub(super) fn duration_or_never(
    entry: &Entry<'_>,
    example: &str,
) -> Result<Option<Duration>, ConfigError> {
    match entry.text(example)? {
        "never" => Ok(None),
        _ => duration(entry, example).map(Some),
    }
}

pub(super) fn read_download(
    section: Section<'_>,
) -> Result<(BodyRule, Option<Duration>), ConfigError> {
    let section = section.only(&["bodies", "check_every"])?;
    let bodies = match section.entry("bodies") {
        Some(entry) => read_bodies(&entry)?,
        None => BodyRule::All,
    };
    let check_every = match section.entry("check_every") {
        Some(entry) => {
            let every = duration_or_never(&entry, "15 min")?;
            if every.is_some_and(|every| every < Duration::from_secs(1)) {
                return Err(entry.wrong(
                    "checking that often would never end",
                    "Write \"15 min\", or \"never\" to check only when asked.",
                ));
            }
            every
        }
        None => Some(CHECK_EVERY),
    };
    Ok((bodies, check_every))
}

fn read_bodies(entry: &Entry<'_>) -> Result<BodyRule, ConfigError> {
    if entry.item().is_table_like() {
        let section = entry.section()?.only(&["up_to"])?;
        return match section.entry("up_to") {
            Some(limit) => octets(&limit, "5 MB").map(BodyRule::UpTo),
            None => Err(section.missing("up_to", "Write bodies = { up_to = \"5 MB\" }")),
        };
    }
    if !entry.item().is_str() {
        return Err(entry.wrong_kind("\"all\", \"none\" or a size", "{ up_to = \"5 MB\" }"));
    }
    if let Some(size) = entry.item().as_str()
        && quantity::octets(size).is_ok()
    {
        return Err(entry.wrong(
            "a size stands in braces here",
            &format!("Write bodies = {{ up_to = \"{size}\" }}"),
        ));
    }
    match entry.text("all")? {
        "all" => Ok(BodyRule::All),
        "none" => Ok(BodyRule::None),
        other => {
            let may = "It may be \"all\", \"none\", or a size in braces: { up_to = \"5 MB\" }";
            let remedy = match super::nearest(other, ["all", "none"]) {
                Some(near) => format!("Did you mean \"{near}\"? {may}"),
                None => may.to_owned(),
            };
            Err(entry.wrong(&format!("`bodies` cannot be \"{other}\""), &remedy))
        }
    }
}

pub(super) fn read_server(
    section: Section<'_>,
    bodies: BodyRule,
) -> Result<RetentionPolicy, ConfigError> {
    let section = section.only(&SERVER)?;
    let mut policy = RetentionPolicy::default();
    if let Some(entry) = section.entry("keep") {
        policy.keep = read_keep(&entry)?;
    }
    if let Some(entry) = section.entry("except") {
        policy.except = read_except(&entry)?;
    }
    if let Some(entry) = section.entry("delete") {
        policy.delete = entry.choice(&[
            ("ask", StagedDelete::Ask),
            ("quit", StagedDelete::Quit),
            ("sync", StagedDelete::Sync),
        ])?;
    }
    if let Some(entry) = section.entry("rules_delete") {
        policy.rules_delete =
            entry.choice(&[("review", RulesDelete::Review), ("auto", RulesDelete::Auto)])?;
    }
    if let Some(entry) = section.entry("grace") {
        policy.grace_seconds =
            i64::try_from(duration(&entry, "7 days")?.as_secs()).unwrap_or(i64::MAX);
    }
    if let Some(entry) = section.entry("quota") {
        policy.quota = Some(above_zero(&entry, "2 GB")?);
    }
    refuse_contradictions(&section, &policy, bodies)?;
    Ok(policy)
}

fn refuse_contradictions(
    section: &Section<'_>,
    policy: &RetentionPolicy,
    bodies: BodyRule,
) -> Result<(), ConfigError> {
    let Some(entry) = section.entry("keep") else {
        return Ok(());
    };
    if policy.keep == Keep::UntilDownloaded && bodies == BodyRule::None {
        return Err(entry.wrong(
            "this keeps mail until it is downloaded, and bodies = \"none\" downloads nothing",
            "Write bodies = \"all\" in the download section, or keep = \"until-deleted\".",
        ));
    }
    if let (Keep::Size(size), Some(quota)) = (&policy.keep, policy.quota)
        && *size >= quota
    {
        return Err(entry.wrong(
            "this keeps more than the mailbox holds: the quota would be reached first",
            "Take a size below the quota.",
        ));
    }
    Ok(())
}

fn read_keep(entry: &Entry<'_>) -> Result<Keep, ConfigError> {
    if entry.item().is_table_like() {
        let section = entry.section()?.only(&["days", "newest", "size"])?;
        let entries = section.entries();
        let [rule] = entries.as_slice() else {
            return Err(entry.wrong(
                "this wants exactly one of days, newest and size",
                "Write it like this: keep = { days = 30 }",
            ));
        };
        let count = |example| {
            rule.number(1, i64::from(u32::MAX), example)
                .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
        };
        return match rule.key {
            "days" => count(30).map(Keep::Days),
            "newest" => count(500).map(Keep::Newest),
            _ => above_zero(rule, "500 MB").map(Keep::Size),
        };
    }
    if !entry.item().is_str() {
        return Err(entry.wrong_kind("a rule", "{ days = 30 }"));
    }
    let text = entry.text("until-deleted")?;
    match text {
        "until-deleted" => Ok(Keep::UntilDeleted),
        "until-downloaded" => Ok(Keep::UntilDownloaded),
        _ => {
            let near = super::nearest(text, ["until-deleted", "until-downloaded"])
                .map_or(String::new(), |near| format!("Did you mean \"{near}\"? "));
            Err(entry.wrong(
                &format!("`keep` cannot be \"{text}\""),
                &format!(
                    "{near}It may be \"until-deleted\", \"until-downloaded\", {{ days = 30 }}, {{ newest = 500 }} or {{ size = \"500 MB\" }}."
                ),
            ))
        }
    }
}

fn read_except(entry: &Entry<'_>) -> Result<Vec<Exception>, ConfigError> {
    let mut except = Vec::new();
    for (text, span) in entry.texts("[\"starred\", \"unread\"]")? {
        let one = super::types::choose(text, &EXCEPT).map_err(|may| {
            entry.mistake(
                span,
                &format!("\"{text}\" is no kind of message here"),
                &sentence(&may),
            )
        })?;
        if !except.contains(&one) {
            except.push(one);
        }
    }
    Ok(except)
}

fn duration(entry: &Entry<'_>, example: &str) -> Result<Duration, ConfigError> {
    quantity::duration(entry.text(example)?).map_err(|error| {
        entry.wrong(
            &format!("`{}` is not a length of time: {error}", entry.key),
            &format!(
                "Write it like this: {} = \"{example}\" (ms, s, min, h, days, weeks).",
                entry.key
            ),
        )
    })
}

fn octets(entry: &Entry<'_>, example: &str) -> Result<u64, ConfigError> {
    quantity::octets(entry.text(example)?).map_err(|error| {
        entry.wrong(
            &format!("`{}` is not a size: {error}", entry.key),
            &format!(
                "Write it like this: {} = \"{example}\" (kB, MB, GB, or KiB, MiB, GiB).",
                entry.key
            ),
        )
    })
}

fn above_zero(entry: &Entry<'_>, example: &str) -> Result<u64, ConfigError> {
    match octets(entry, example)? {
        0 => Err(entry.wrong(
            &format!("`{}` cannot be nothing", entry.key),
            &format!("Write it like this: {} = \"{example}\"", entry.key),
        )),
        octets => Ok(octets),
    }
}

pub(super) const CHECK_EVERY: Duration = Duration::from_mins(15);
const EXCEPT: [(&str, Exception); 3] = [
    ("pinned", Exception::Pinned),
    ("starred", Exception::Starred),
    ("unread", Exception::Unread),
];
const SERVER: [&str; 6] = ["keep", "except", "delete", "rules_delete", "grace", "quota"];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn what_bodies_may_be_names_a_size_in_braces_as_well() {
        for (word, near) in [("some", ""), ("nome", "Did you mean \"none\"? ")] {
            let text = format!(
                "[accounts.a]\nemail = \"a@b.example\"\npop3.host = \"c\"\ndownload.bodies = \"{word}\"\n"
            );
            let told = Config::parse(&text, Path::new("x"))
                .unwrap_err()
                .to_string();
            let may = format!(
                "{near}It may be \"all\", \"none\", or a size in braces: {{ up_to = \"5 MB\" }}"
            );
            assert!(told.ends_with(&may) && told.contains("x:4:19: "), "{told}");
        }
    }
}
