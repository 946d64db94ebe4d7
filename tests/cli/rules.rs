//! What `sync` says of what a rule does, before and after.

use poppet::demo::Quirks;
use serde_json::Value;

use crate::house::{House, Ran, letters};

fn house(keep: &str, rules_delete: &str) -> House {
    let rule = format!(
        "[accounts.home.server]\nkeep = {keep}\nrules_delete = \"{rules_delete}\"\ngrace = \"0 days\"\n"
    );
    House::with(letters(44), Quirks::default(), &rule)
}

/// Until a rule may touch what is here.
async fn settle(house: &House) {
    for _ in 0..3 {
        house.well("sync").await;
    }
}

fn event(ran: &Ran, name: &str) -> Value {
    let mut events = ran.objects().into_iter();
    events.find(|event| event["event"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_a_rule_would_stage_and_a_sync_what_it_staged() {
    let house = house("{ newest = 41 }", "review");
    settle(&house).await;
    let dry = house.well("sync --dry-run").await;
    assert_eq!(
        dry.text,
        "would fetch 0 summaries, download 0 messages (0 octets), stage 3 deletions as a rule says, for your review\n"
    );
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(
        (&would["deletions"], &would["staged"]),
        (&0.into(), &3.into())
    );
    assert_eq!(
        house.run("pending").await.code,
        1,
        "a dry run changes nothing"
    );
    let told = house.well("sync").await.text;
    assert!(
        told.ends_with(
            "\na rule staged 3 deletions; `poppet pending` shows them, `poppet apply` deletes\n"
        ),
        "{told}"
    );
    assert_eq!(house.well("pending --json").await.objects().len(), 3);
    let done = event(&house.well("sync --json").await, "done");
    assert_eq!((&done["staged"], &done["brake"]), (&0.into(), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_a_rule_would_delete_by_itself() {
    let house = house("{ newest = 41 }", "auto");
    settle(&house).await;
    let dry = house.well("sync --dry-run").await.text;
    assert!(
        dry.ends_with(", delete 3 messages on the server, as a rule says\n"),
        "{dry}"
    );
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(
        (&would["deletions"], &would["by_rule"], &would["staged"]),
        (&3.into(), &3.into(), &0.into())
    );
    let done = event(&house.well("sync --json").await, "done");
    assert_eq!((&done["deleted"], &done["staged"]), (&3.into(), &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brake_is_told_of_before_it_is_on_and_while_it_is() {
    let house = house("{ newest = 3 }", "auto");
    settle(&house).await;
    let dry = house.well("sync --dry-run").await.text;
    assert!(
        dry.contains("stage 41 deletions as a rule says")
            && dry.contains(
                "\nthe brake would stop all deletions: a rule would delete 41 of 44 messages at once. "
            ),
        "{dry}"
    );
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(
        (
            &would["deletions"],
            &would["staged"],
            &would["brake"]["kind"]
        ),
        (&0.into(), &41.into(), &"rule".into())
    );
    let done = event(&house.well("sync --json").await, "done");
    assert_eq!(
        (&done["staged"], &done["brake"]["kind"]),
        (&41.into(), &"rule".into())
    );
    let told = house.well("sync").await.text;
    assert!(
        told.contains("\nthe brake stops all deletions: ")
            && told.contains("`poppet apply` in a terminal, without --yes, asks"),
        "{told}"
    );
    assert_eq!(house.server.maildrop().uidls().len(), 44);
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(
        (&would["staged"], &would["brake"]["kind"]),
        (&0.into(), &"rule".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_what_was_staged_for_review_before_the_rule_went_by_itself() {
    let house = house("{ newest = 24 }", "review");
    settle(&house).await;
    house.well("sync").await;
    assert_eq!(house.well("pending --json").await.objects().len(), 20);
    let text = std::fs::read_to_string(house.config()).unwrap();
    let text = text.replace("\"review\"", "\"auto\"");
    house.configure(&text);
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(
        (&would["by_rule"], &would["brake"]),
        (&20.into(), &Value::Null)
    );
    house.configure(&text.replace("= 24", "= 23"));
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(
        (&would["by_rule"], &would["brake"]["kind"]),
        (&0.into(), &"rule".into())
    );
    let done = event(&house.well("sync --json").await, "done");
    assert_eq!(
        (&done["deleted"], &done["brake"]["kind"]),
        (&0.into(), &"rule".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_does_not_count_what_has_gone_from_the_server_meanwhile() {
    let more = "[accounts.home.server]\ndelete = \"sync\"\n";
    let house = House::with(letters(6), Quirks::default(), more);
    house.well("sync").await;
    let rows = house.well("list --json").await.objects();
    let ids: Vec<String> = rows.iter().map(|row| row["id"].to_string()).collect();
    house.well(&format!("delete {}", ids[..4].join(" "))).await;
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(would["deletions"], 4);
    for row in &rows[..3] {
        let uidl = row["uidl"].as_str().unwrap();
        assert!(house.server.maildrop().remove(uidl.as_bytes()));
    }
    let would = event(&house.well("sync --dry-run --json").await, "would");
    assert_eq!(would["deletions"], 1);
    let done = event(&house.well("sync --json").await, "done");
    assert_eq!(done["deleted"], 1);
}
