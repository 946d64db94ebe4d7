use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::config::Config;

/// An account whose `password` is this. No test here uses a keyring: that is done against a real one.
#[expect(clippy::unwrap_used, reason = "the text is written here")]
fn account(password: &str, auth: &str) -> Account {
    let text = format!(
        "[accounts.home]\nemail = \"sam@example.net\"\n[accounts.home.pop3]\nhost = \"pop.example.net\"\nauth = \"{auth}\"\npassword = {password}\n"
    );
    Config::parse(&text, Path::new("config.toml"))
        .unwrap()
        .accounts
        .remove(0)
}

fn shell(script: &str) -> Account {
    account(
        &format!("{{ command = [\"sh\", \"-c\", '''{script}'''] }}"),
        "auto",
    )
}

fn secrets() -> Secrets {
    Secrets::new(Keyring::of("poppet-test", Duration::from_secs(1)))
}

/// Nobody is there; a test in which somebody was asked nevertheless meets another problem than it wants.
fn never(_: Why) -> std::future::Ready<Option<Secret>> {
    std::future::ready(None)
}

async fn printed(script: &str) -> Result<String, Problem> {
    let found = secrets().password(&shell(script), never).await?;
    assert_eq!(found.origin, Origin::Command);
    Ok(found.secret.expose().to_owned())
}

#[tokio::test]
async fn the_first_line_that_a_command_prints_is_the_password() {
    assert_eq!(
        printed("printf 'one two \\303\\244\\r\\nlogin: sam\\n'")
            .await
            .unwrap(),
        "one two \u{e4}"
    );
    assert_eq!(
        printed("printf 'no line end'").await.unwrap(),
        "no line end"
    );
}

#[tokio::test]
async fn a_command_that_prints_a_lot_is_read_to_its_end() {
    assert_eq!(
        printed("echo first; head -c 3000000 /dev/zero; echo")
            .await
            .unwrap(),
        "first"
    );
}

#[tokio::test]
async fn what_a_command_leaves_in_the_background_is_not_waited_for() {
    let begun = std::time::Instant::now();
    assert_eq!(printed("sleep 20 & echo secret").await.unwrap(), "secret");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_command_runs_without_a_shell() {
    let account = account("{ command = [\"echo\", \"$HOME; true\"] }", "auto");
    let found = secrets().password(&account, never).await.unwrap();
    assert_eq!(found.secret.expose(), "$HOME; true");
}

#[tokio::test]
async fn a_command_that_fails_is_quoted_without_its_secret_and_nothing_else_is_tried() {
    let problem = printed("echo hunter2; printf 'gpg: \\033[31mno hunter2 key\\n' >&2; exit 3")
        .await
        .unwrap_err();
    assert_eq!(problem.kind, Kind::Login);
    assert_eq!(problem.what, "The password command of home failed");
    assert_eq!(
        problem.why,
        "sh: it ended with exit status: 3, and said: gpg: \u{fffd}[31mno *** key"
    );
    assert!(problem.remedy.contains("keyring") && problem.remedy.contains("ask"));
}

#[tokio::test]
async fn a_command_that_prints_nothing_or_no_text_is_a_problem() {
    assert_eq!(
        printed("echo; echo late").await.unwrap_err().why,
        "sh: it printed nothing"
    );
    assert_eq!(
        printed("printf '\\377\\n'").await.unwrap_err().why,
        "sh: what it printed is not UTF-8"
    );
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named_without_its_arguments() {
    let account = account("{ command = [\"no-such-program\", \"private\"] }", "auto");
    let problem = secrets().password(&account, never).await.unwrap_err();
    assert_eq!(problem.why, "there is no program no-such-program");
    assert!(!format!("{problem:?}").contains("private"));
}

#[tokio::test]
async fn a_command_that_hangs_is_ended() {
    let secrets = secrets().with_command_limit(Duration::from_millis(50));
    let problem = secrets
        .password(&shell("exec sleep 60"), never)
        .await
        .unwrap_err();
    assert_eq!(problem.why, "sh: it took longer than 0 seconds");
}

#[tokio::test]
async fn a_password_is_asked_for_once_and_remembered_until_it_is_forgotten() {
    let (secrets, account) = (secrets(), account("\"ask\"", "auto"));
    let asked = AtomicUsize::new(0);
    let ask = |why| {
        assert_eq!(why, Why::Configured);
        asked.fetch_add(1, Ordering::Relaxed);
        async { Some(Secret::new("hunter2".to_owned())) }
    };
    let first = secrets.password(&account, ask).await.unwrap();
    let second = secrets.password(&account, ask).await.unwrap();
    assert_eq!(
        (first.origin, second.origin),
        (Origin::Asked, Origin::Session)
    );
    assert_eq!(second.secret.expose(), "hunter2");
    secrets.forget(&account.id);
    secrets.password(&account, ask).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    assert!(!format!("{secrets:?} {first:?}").contains("hunter2"));
}

#[tokio::test]
async fn with_nobody_to_ask_there_is_a_problem_that_says_what_to_do() {
    let account = account("\"ask\"", "auto");
    for nothing in [None, Some(Secret::new(String::new()))] {
        let problem = secrets()
            .password(&account, |_| async { nothing })
            .await
            .unwrap_err();
        assert_eq!(problem.kind, Kind::Login);
        assert_eq!(problem.what, "There is no password for home");
        assert!(problem.remedy.contains("poppet password set home"));
    }
}

#[tokio::test]
async fn a_password_command_is_remembered_and_a_token_command_runs_each_time() {
    let script = "{ command = [\"echo\", \"secret\"] }";
    for (auth, second) in [("auto", Origin::Session), ("xoauth2", Origin::Command)] {
        let (secrets, account) = (secrets(), account(script, auth));
        assert_eq!(
            secrets.password(&account, never).await.unwrap().origin,
            Origin::Command
        );
        assert_eq!(
            secrets.password(&account, never).await.unwrap().origin,
            second,
            "{auth}"
        );
    }
}

#[test]
fn advice_about_a_refused_password_says_where_that_came_from() {
    let home = AccountId::new("home").unwrap();
    let refused = "Look: `poppet password set NAME` keeps a new one.";
    let advice = |password| super::super::error::password_of(&home, &password, refused);
    for password in [Password::Keyring, Password::Ask] {
        let told = advice(password);
        assert!(told.contains("poppet password set home`"), "{told}");
    }
    let told = advice(Password::Command(vec!["pass".into(), "show".into()]));
    assert!(
        told.contains("`pass`") && !told.contains("password set"),
        "{told}"
    );
}
