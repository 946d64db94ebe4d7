//! The command that is to print an account's password, run once before the account is there.

use poppet::bridge::{Command, Ticket};
use poppet::demo::Quirks;
use poppet::mail::Kind;

use crate::house::{House, home, letters, until};

async fn run(house: &House, words: &[&str]) -> Ticket {
    let ticket = Ticket::new();
    house
        .send(Command::TryPasswordCommand {
            ticket,
            account: home(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        })
        .await;
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_command_that_prints_none_says_so() {
    let mut house = House::new(letters(0), Quirks::default());
    let ticket = run(&house, &["printf", "kelp-and-brine"]).await;
    house.end(ticket).await.unwrap();
    for (words, why) in [
        (&["false"][..], "exit status: 1"),
        (&["true"], "it printed nothing"),
        (
            &["sh", "-c", "echo no such entry >&2; exit 3"],
            "no such entry",
        ),
        (&["/nowhere/pass"], "there is no program /nowhere/pass"),
    ] {
        let ticket = run(&house, words).await;
        let problem = house.end(ticket).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Login);
        assert!(problem.why.contains(why), "{}", problem.why);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_password_command_ends_when_it_is_cancelled() {
    let mut house = House::new(letters(0), Quirks::default());
    let file = house.folder.path().join("pid");
    let script = format!(
        "echo $$ > {0}.new; mv {0}.new {0}; exec sleep 50",
        file.display()
    );
    let ticket = run(&house, &["sh", "-c", &script]).await;
    until(|| file.exists()).await;
    let process = std::fs::read_to_string(&file).unwrap();
    let process = std::path::Path::new("/proc").join(process.trim());
    assert!(process.exists());
    house
        .send(Command::Cancel {
            ticket: Some(ticket),
        })
        .await;
    until(|| !process.exists()).await;
    // What comes after it is served.
    let ticket = run(&house, &["printf", "x"]).await;
    house.end(ticket).await.unwrap();
}
