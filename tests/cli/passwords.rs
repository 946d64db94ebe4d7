//! What is said of a password that the server refuses.

use crate::house::{House, Ran, account, letters};

fn remedy(ran: &Ran) -> String {
    assert_eq!(ran.code, 4, "{}", ran.text);
    let told = ran.error.lines().find(|line| line.starts_with("   do: "));
    told.unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_that_printed_a_refused_password_is_named_and_not_the_keyring() {
    let house = House::new(letters(1));
    house.configure(&account("home", house.port(), "wrong"));
    for line in ["check", "sync home", "account test home"] {
        let told = remedy(&house.run(line).await);
        assert!(told.contains("`printf`"), "{line}: {told}");
        assert!(!told.contains("poppet password set"), "{line}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_can_be_kept_of_an_account_that_is_not_there_yet() {
    let house = House::new(letters(1));
    let new = format!(
        "account add --email sam@new.example --host localhost --port {} --tls none --user demo --password-stdin",
        house.port()
    );
    let told = remedy(&house.run_with(&new, b"wrong\n").await);
    assert!(
        !told.is_empty() && !told.contains("poppet password set"),
        "{told}"
    );
}
