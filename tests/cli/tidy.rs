use serde_json::Value;

use crate::house::{House, letters};

fn about<'a>(objects: &'a [Value], what: &str) -> Vec<&'a Value> {
    objects.iter().filter(|one| one["about"] == what).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_what_lies_on_the_server_without_asking_it() {
    let house = House::with(
        letters(30),
        poppet::demo::Quirks::default(),
        "[accounts.home.server]\nquota = \"10 MB\"\n",
    );
    let never = house.run("tidy").await;
    assert_eq!(never.code, 1, "{}", never.error);
    assert!(never.text.contains("never checked"), "{}", never.text);
    house.well("sync").await;
    house.well("delete --server 3").await;
    let list = house.well("list --json --sort size").await.objects();
    let told = house.well("tidy home --json").await.objects();
    let mailbox = about(&told, "mailbox")[0];
    assert_eq!(mailbox["account"], "home");
    assert_eq!(mailbox["messages"], 30);
    assert_eq!(mailbox["quota"], 10_000_000);
    assert_eq!(mailbox["missing"], 0);
    let largest = about(&told, "largest");
    assert_eq!(largest.len(), 10);
    for (told, row) in largest.iter().zip(&list) {
        assert_eq!(told["id"], row["id"]);
        assert_eq!(told["octets"], row["octets"]);
    }
    let oldest = about(&told, "oldest");
    assert_eq!(oldest.len(), 10);
    let mut dates: Vec<&str> = list.iter().filter_map(|row| row["date"].as_str()).collect();
    dates.sort_unstable();
    assert_eq!(dates.len(), 30);
    for (told, date) in oldest.iter().zip(dates) {
        assert_eq!(told["date"], date);
    }
    let staged = about(&told, "rule");
    assert_eq!(staged.len(), 1);
    assert_eq!(
        (&staged[0]["when"], &staged[0]["messages"]),
        (&Value::from("staged"), &Value::from(1))
    );
    let sent: u64 = about(&told, "sender")
        .iter()
        .filter_map(|one| one["messages"].as_u64())
        .sum();
    assert!(sent > 0 && sent <= 30);
    let text = house.well("tidy").await.text;
    assert!(text.starts_with("home\tmailbox\t30\t"), "{text}");
    assert!(text.contains("home\trule\tstaged\t\t1\t"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_a_rule_deletes_on_which_day_and_what_stays_why() {
    let house = House::with(
        letters(12),
        poppet::demo::Quirks::default(),
        "[accounts.home.server]\nkeep = { days = 30 }\nexcept = []\ngrace = \"0 days\"\n",
    );
    house.well("sync").await;
    house.well("keep 1 2").await;
    let told = house.well("tidy --json").await.objects();
    let rule = about(&told, "rule");
    let counts = |when: &str| -> u64 {
        rule.iter()
            .filter(|one| one["when"] == when)
            .filter_map(|one| one["messages"].as_u64())
            .sum()
    };
    assert_eq!(counts("next-check"), 0);
    assert_eq!(counts("day"), 10);
    assert_eq!(counts("stays"), 2);
    let day = rule.iter().find(|one| one["when"] == "day").unwrap();
    assert_eq!(day["day"].as_str().map(str::len), Some(10));
    assert!(
        rule.iter()
            .any(|one| one["why"] == "pinned" && one["messages"] == 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_counts_from_the_newest_is_not_guessed_at() {
    let house = House::with(
        letters(3),
        poppet::demo::Quirks::default(),
        "[accounts.home.server]\nkeep = { newest = 2 }\n",
    );
    house.well("sync").await;
    let told = house.well("tidy --json").await.objects();
    let rule = about(&told, "rule");
    assert_eq!(rule.len(), 1);
    assert_eq!(rule[0]["when"], "unknown");
    assert_eq!(rule[0].get("messages"), None);
}
