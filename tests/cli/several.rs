//! What is told when some accounts fail.

use poppet::demo::{Server, ServerOptions};

use crate::house::{House, account, letters};

/// The accounts `home` and `work` with these passwords, of which only "demo" is right.
fn house(home: &str, work: &str) -> (House, Server) {
    let house = House::letters(1);
    let other = Server::start(ServerOptions::new(letters(1))).unwrap();
    let text = account("home", house.port(), home) + &account("work", other.address().port(), work);
    house.configure(&text);
    (house, other)
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
