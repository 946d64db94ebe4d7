use std::io::Read as _;
use std::process::Stdio;

use crate::house::{House, letters, program};

#[tokio::test(flavor = "multi_thread")]
async fn without_an_account_commands_say_how_to_begin() {
    let house = House::letters(0);
    house.configure("");
    for line in [
        "check",
        "sync",
        "list",
        "show 1",
        "account test",
        "apply --yes",
        "pending",
    ] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 2, "{line}");
        ran.assert_told("No account is set up yet");
        assert!(
            ran.error.contains("poppet demo") && ran.error.contains("poppet account add"),
            "{}",
            ran.error
        );
        assert!(!house.path("data").exists(), "{line} made a store");
    }
    assert_eq!(house.run("account list").await.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_named_and_not_there_is_not_taken_for_none() {
    let house = House::letters(1);
    house.well("sync").await;
    house.well("list").await;
    for line in [
        "list",
        "show 1",
        "export --mbox mail",
        "sync",
        "account list",
        "account remove home",
        "doctor",
    ] {
        let ran = house.run(&format!("{line} --config nowhere.toml")).await;
        assert_eq!(ran.code, 2, "{line}");
        ran.assert_told("There is no configuration nowhere.toml");
    }
    assert!(!house.path("nowhere.toml").exists());
    let add =
        "account add --config new.toml --no-test --ask --email sam@demo.example --host h.example";
    house.well(add).await;
    house.well("account list --config new.toml").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_makes_no_store_where_there_is_none() {
    let house = House::letters(0);
    house.configure("");
    let checks = house.well("doctor --json").await.objects();
    assert!(checks.iter().any(|check| check["check"] == "store"));
    assert!(!house.path("data").exists(), "{checks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_names_the_nearest() {
    let house = House::letters(0);
    for line in [
        "check hmoe",
        "sync hmoe",
        "account test hmoe",
        "account remove hmoe",
        "apply hmoe --yes",
        "list --account hmoe",
        "password set hmoe",
    ] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 2, "{line}: {}", ran.error);
        ran.assert_told("There is no account \"hmoe\"");
        assert!(
            ran.error.contains("Did you mean home?"),
            "{line}: {}",
            ran.error
        );
    }
    let wrong = house.run("check hmoe --json").await.wrong();
    assert_eq!(wrong["kind"], "config");
    assert_eq!(wrong["remedy"], "Did you mean home?");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_and_a_wrong_configuration_end_with_two() {
    let house = House::letters(0);
    let ran = house.run("lst").await;
    assert_eq!(ran.code, 2);
    assert!(ran.error.contains("list"), "{}", ran.error);
    assert_eq!(house.run("lst --json").await.wrong()["kind"], "config");
    house.configure("thme = \"dark\"\n");
    let ran = house.run("check").await;
    assert_eq!(ran.code, 2);
    assert!(
        ran.error.contains("line 1") && ran.error.contains("theme"),
        "{}",
        ran.error
    );
    assert!(
        ran.error.contains("\n       ") && ran.error.contains('^'),
        "{}",
        ran.error
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_query_is_shown_where_it_is() {
    let house = House::letters(0);
    let ran = house.run("list from:ada larger:much").await;
    assert_eq!(ran.code, 2);
    ran.assert_told("The query cannot be understood");
    let lines: Vec<&str> = ran.error.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains("from:ada larger:much"))
        .unwrap();
    let caret = lines[at + 1].find('^').unwrap();
    assert!(
        lines[at][caret..].starts_with("larger:much") || lines[at][caret..].starts_with("much"),
        "{}",
        ran.error
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_none_is_not_touched_and_ends_with_five() {
    let house = House::letters(0);
    let store = house.path("data/poppet/mail.db");
    std::fs::create_dir_all(store.parent().unwrap()).unwrap();
    std::fs::write(&store, "a diary, and no database at all").unwrap();
    for line in ["list", "sync", "check", "pending", "export --eml out"] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 5, "{line}: {}", ran.error);
        assert_eq!(
            std::fs::read(&store).unwrap(),
            b"a diary, and no database at all"
        );
    }
    assert_eq!(house.run("list --json").await.wrong()["kind"], "store");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manual_and_completions_come_out() {
    let house = House::letters(0);
    let page = house.well("man").await;
    assert!(page.text.contains(".TH") && page.text.contains("poppet"));
    house.well("man --dir pages").await;
    for name in ["poppet.1", "poppet-sync.1", "poppet-account-add.1"] {
        let page = std::fs::read_to_string(house.path("pages").join(name)).unwrap();
        assert!(page.contains(".SH SYNOPSIS\n.nf\npoppet"), "{name}: {page}");
        assert!(page.contains(".SH \"EXAMPLES\""), "{name}: {page}");
        assert!(!page.contains("EXTRA"), "{name}: {page}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            house
                .well(&format!("completions {shell}"))
                .await
                .text
                .contains("without-copy"),
            "{shell}"
        );
    }
    assert_eq!(house.run("completions klingon").await.code, 2);
    assert!(!house.path("state").exists(), "a log was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_ends_quietly() {
    let house = House::letters(0);
    let mut child = program(house.folder.path(), "completions zsh")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut error = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut error)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(error, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_prints_one_line_and_serves() {
    let house = House::letters(0);
    let mut child = program(house.folder.path(), "demo --serve --messages 3")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.as_mut().unwrap()),
        &mut line,
    )
    .unwrap();
    let port = line
        .trim_end()
        .strip_prefix("pop3://demo:demo@127.0.0.1:")
        .unwrap()
        .parse()
        .unwrap();
    house.configure(&crate::house::account("home", port, "demo"));
    let checked = house.well("check --json").await.objects();
    assert_eq!(checked[0]["messages"], 3);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_questions_need_somebody() {
    let house = House::new(letters(1));
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.configure(&text.replace("{ command = [\"printf\", \"demo\"] }", "\"ask\""));
    for line in ["check", "account test home"] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 4, "{line}: {}", ran.error);
        ran.assert_told("There is no password for home");
    }
    let ran = house.run("password set home").await;
    assert_eq!(ran.code, 4);
    ran.assert_told("There was no password to read");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_private_and_holds_no_addresses() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new(letters(2));
    house.configure(&crate::house::account("home", 1, "demo"));
    assert_eq!(house.run("sync").await.code, 3);
    let log = house.path("state/poppet/poppet.log");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(
        text.contains("failed") && !text.contains('@') && !text.contains("\"demo\""),
        "{text}"
    );
    assert_eq!(
        std::fs::metadata(&log).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for private in ["data/poppet", "state/poppet"] {
        assert_eq!(
            std::fs::metadata(house.path(private))
                .unwrap()
                .permissions()
                .mode()
                & 0o077,
            0,
            "{private}"
        );
    }
    let ran = {
        let mut command = program(house.folder.path(), "check");
        command.env("POPPET_LOG", "poppet=loud");
        command.output().unwrap()
    };
    assert_eq!(ran.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_can_find_nothing_is_a_mistake() {
    let house = House::letters(2);
    house.well("sync").await;
    for line in [
        "list account:hme",
        "list --account hme",
        "list is:unread or -account:hme",
        "export account:hme --mbox m",
    ] {
        let ran = house.run(line).await;
        assert_eq!((ran.code, ran.text.as_str()), (2, ""), "{line}");
        ran.assert_told("There is no account \"hme\"");
        assert!(ran.error.contains("Did you mean home?"), "{}", ran.error);
    }
    house.well("list account:home").await;
    let ran = house.run("list m*n").await;
    assert_eq!(ran.code, 2, "{}", ran.text);
    ran.assert_told("The query cannot be understood");
    assert!(ran.error.contains("at the end of a word"), "{}", ran.error);
}
