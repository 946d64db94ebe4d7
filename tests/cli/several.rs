//! What is told when some accounts fail.

use poppet::demo::{Server, ServerOptions};
use serde_json::Value;

use crate::house::{House, Ran, account, letters};

/// The accounts `home` and `work` with these passwords, of which only "demo" is right.
fn house(home: &str, work: &str) -> (House, Server) {
    let house = House::letters(1);
    let other = Server::start(ServerOptions::new(letters(1))).unwrap();
    let text = account("home", house.port(), home) + &account("work", other.address().port(), work);
    house.configure(&text);
    (house, other)
}

/// The objects on standard error.
fn errors(ran: &Ran) -> Vec<Value> {
    let lines = ran.error.lines();
    let objects = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    objects.map(|object| object["error"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_ends_with_6_when_only_some_servers_fail() {
    let (house, _other) = house("demo", "wrong");
    assert_eq!(house.run("doctor").await.code, 6);
    assert_eq!(house.run("doctor --json").await.code, 6);
    house.well("doctor --offline").await;
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.configure(&text.replace("\"demo\"] }", "\"wrong\"] }"));
    assert_eq!(house.run("doctor").await.code, 4);
    let help = house.well("doctor --help").await.text;
    assert!(help.contains("6 when"), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_as_objects_say_which_account_they_are_of() {
    let (house, _other) = house("wrong", "wrong");
    for line in ["check --json", "sync --json", "account test --json"] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 4, "{line}");
        let mut of: Vec<String> = errors(&ran)
            .iter()
            .map(|error| error["account"].as_str().unwrap().to_owned())
            .collect();
        of.sort_unstable();
        assert_eq!(of, ["home", "work"], "{line}");
    }
    let usage = house.run("check nobody --json").await;
    assert!(usage.wrong().get("account").is_none(), "{}", usage.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_fails_is_a_check_that_failed() {
    let house = House::letters(1);
    house.configure(&account("home", 1, "demo"));
    let ran = house.run("account test home --json").await;
    assert_eq!((ran.code, errors(&ran).len()), (3, 1));
    let checks = ran.objects();
    let [failed] = checks.as_slice() else {
        panic!("{checks:?}")
    };
    assert_eq!(
        (&failed["check"], &failed["status"], &failed["account"]),
        (&"server".into(), &"failed".into(), &"home".into())
    );
    assert!(failed["remedy"].is_string(), "{failed}");
}
