//! What commands say is what happened: in sentences, in exit statuses, in the log.

use crate::house::{House, account, letter, letters};

#[tokio::test(flavor = "multi_thread")]
async fn deleting_and_taking_back_count_only_what_has_changed() {
    let house = House::letters(3);
    house.well("sync").await;
    let ran = house.well("delete 1 2").await;
    assert_eq!(
        ran.text,
        "2 messages moved to the Trash; `poppet undelete` takes them back\n\
         2 messages staged for deletion on the server; `poppet apply` deletes\n"
    );
    assert_eq!(
        house.well("delete 1").await.text,
        "Nothing has changed: it was so before\n"
    );
    assert_eq!(
        house.well("delete 2 3").await.text,
        "1 message moved to the Trash; `poppet undelete` takes it back\n\
         1 message staged for deletion on the server; `poppet apply` deletes\n"
    );
    assert_eq!(
        house.well("keep 3").await.text,
        "1 message pinned: no rule deletes what is pinned\n\
         1 staged deletion taken back\n"
    );
    house.well("keep --off 3").await;
    house.well("delete 3").await;
    assert_eq!(
        house.well("keep 3").await.text,
        "1 message pinned: no rule deletes what is pinned\n\
         1 staged deletion taken back\n"
    );
    assert_eq!(
        house.well("delete 3").await.text,
        "1 message staged for deletion on the server; `poppet apply` deletes\n"
    );
    assert_eq!(
        house.well("undelete 3").await.text,
        "1 message taken back\n"
    );
    assert_eq!(
        house.well("undelete 3").await.text,
        "Nothing to take back: it is neither staged nor in the Trash\n"
    );
    assert_eq!(
        house.well("keep --off 3").await.text,
        "1 message no longer pinned\n"
    );
    assert_eq!(
        house.well("keep --off 3").await.text,
        "Nothing has changed: it was so before\n"
    );
    house.well("apply --yes").await;
    house.well("undelete 1").await;
    assert_eq!(
        house.well("delete 1").await.text,
        "1 message moved to the Trash; `poppet undelete` takes it back\n\
         No server has a copy that could be deleted\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_message_does_not_have_is_not_found() {
    let house = House::letters(1);
    house.well("sync").await;
    for (line, what, why) in [
        (
            "show 1 --html",
            "Message 1 has no HTML",
            "it was sent as plain text",
        ),
        (
            "show 1 --part 7",
            "Message 1 has no part 7",
            "it has no attachments",
        ),
    ] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 1, "{line}: {}", ran.error);
        ran.assert_told(what);
        assert!(ran.error.contains(why), "{line}: {}", ran.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_none_are_explained() {
    let house = House::letters(0);
    for line in [
        "list --limit x",
        "list --limit 0",
        "peek 1 --lines x",
        "show 1 --part 0",
        "apply --without-copy x",
        "demo --messages x",
    ] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 2, "{line}");
        assert!(ran.error.contains("it is a whole number"), "{}", ran.error);
    }
    assert_eq!(house.run("demo --serve --seed 4").await.code, 2);
    let port = house
        .run("account add --email a@b.example --port 70000")
        .await;
    assert!(port.error.contains("from 1 to 65535"), "{}", port.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_to_a_port_that_speaks_plainly_says_what_to_change() {
    let house = House::letters(1);
    let plain = account("home", house.port(), "demo").replace("\"none\"", "\"implicit\"");
    house.configure(&plain);
    let wrong = house.run("check --json").await;
    assert_eq!(wrong.code, 3);
    let wrong = wrong.wrong();
    assert_eq!(wrong["kind"], "tls");
    let why = wrong["why"].as_str().unwrap();
    assert!(why.ends_with(|c: char| c.is_ascii_alphabetic()), "{why}");
    if cfg!(target_os = "linux") {
        assert!(why.contains("version") || why.contains("packet"), "{why}");
        assert!(
            wrong["remedy"]
                .as_str()
                .unwrap()
                .starts_with("This port does not start with TLS."),
            "{wrong}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_certificate_is_called_that() {
    let house = House::letters(0);
    let plain = account("home", house.port(), "demo").replace("\"none\"", "\"implicit\"");
    std::fs::write(house.path("none.pem"), "no certificate at all\n").unwrap();
    house.configure(&format!(
        "{}\nca_file = \"{}\"\n",
        plain.trim_end(),
        house.path("none.pem").display()
    ));
    let ran = house.run("check").await;
    assert_eq!(ran.code, 2, "{}", ran.error);
    ran.assert_told("The file of trusted certificates cannot be used");
    if cfg!(target_os = "linux") {
        assert!(
            ran.error.contains("there is no certificate in it"),
            "{}",
            ran.error
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_the_course_of_events_and_more_with_v_but_no_mail() {
    let house = House::new(letters(4));
    house.well("sync").await;
    let log = house.path("state/poppet/poppet.log");
    let usual = std::fs::read_to_string(&log).unwrap();
    assert!(
        usual.contains("session ended") && usual.contains("bodies: 4"),
        "{usual}"
    );
    assert!(!usual.contains("UIDL"), "{usual}");
    let mail = "From: Rosalind <rosalind@plumcake.example>\nTo: sam@demo.example\nSubject: marzipan\n\nburied under the elm\n";
    house.server.maildrop().deliver(letter(mail).to_vec());
    house.well("sync -v").await;
    house.well("show 5 -v").await;
    house.well("list marzipan -v").await;
    let more = std::fs::read_to_string(&log).unwrap();
    for verb in ["UIDL", "AUTH", "RETR"] {
        assert!(more.contains(verb), "{verb}: {more}");
    }
    let mail = ["Rosalind", "plumcake", "marzipan", "buried", "Subject"];
    for secret in mail.into_iter().chain(["demo.example", "\"demo\""]) {
        assert!(!more.contains(secret), "{secret}: {more}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_added_is_told_as_an_object() {
    let house = House::letters(0);
    house.configure("");
    let line = format!(
        "account add --json --email sam@demo.example --host 127.0.0.1 --port {} --tls none --user demo --account home \
         --password-command pass --no-test",
        house.port()
    );
    let told = house.well(&line).await.objects();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["account"], "home");
    assert_eq!(told[0]["password"], "command");
    let more = house
        .run(
            "account add --email s@demo.example --host h.example --allow-cleartext --ask --no-test",
        )
        .await;
    assert_eq!(more.code, 2);
    more.assert_told("--allow-cleartext has nothing to allow");
}
