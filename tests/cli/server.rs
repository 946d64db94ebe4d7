use poppet::demo::{Login, Phase, Quirks, Removal, Server, ServerOptions};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::house::{House, account, contents, letters};

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_whether_there_is_new_mail_and_fetches_nothing() {
    let house = House::letters(5);
    let ran = house.well("check").await;
    assert!(
        ran.text
            .starts_with("5 new messages; 5 messages on the server"),
        "{}",
        ran.text
    );
    let commands = house.server.maildrop().commands();
    assert!(
        !commands
            .iter()
            .any(|command| command.starts_with("RETR") || command.starts_with("TOP")),
        "{commands:?}"
    );
    let checked = house.well("check home --json").await.objects();
    assert_eq!(checked.len(), 1);
    assert_eq!(
        (&checked[0]["account"], &checked[0]["new"]),
        (&"home".into(), &5.into())
    );
    assert!(checked[0]["octets"].as_u64().unwrap() > 1000);
    assert_eq!(house.well("check -q").await.text, "");
    house.well("sync").await;
    let ran = house.run("check").await;
    assert_eq!(
        (ran.code, ran.text.starts_with("no new mail")),
        (1, true),
        "{}",
        ran.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_tells_its_events_and_ends_with_done() {
    let house = House::letters(4);
    let would = house.well("sync --dry-run --json").await.objects();
    let would = would
        .iter()
        .find(|event| event["event"] == "would")
        .unwrap();
    assert_eq!(
        (&would["summaries"], &would["bodies"], &would["deletions"]),
        (&4.into(), &4.into(), &0.into())
    );
    assert_eq!(house.run("list").await.code, 1);
    let headers = house.well("sync --headers --json").await.objects();
    assert_eq!(headers.last().unwrap()["bodies"], 0);
    let events = house.well("sync --json").await.objects();
    assert_eq!(events[0]["event"], "listed");
    let done = events.last().unwrap();
    assert_eq!(
        (&done["event"], &done["account"]),
        (&"done".into(), &"home".into())
    );
    assert_eq!(
        (&done["messages"], &done["summaries"], &done["bodies"]),
        (&4.into(), &0.into(), &4.into())
    );
    assert!(
        done["octets"].as_u64().unwrap() > 100
            && done["seconds"].is_number()
            && done["deleted"] == 0
    );
    let ran = house.well("sync").await;
    assert!(
        ran.text
            .starts_with("nothing new; 4 messages on the server"),
        "{}",
        ran.text
    );
    assert_eq!(ran.error, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_their_status_and_their_kind() {
    let cases = [
        (
            Quirks {
                login: Login::Refused,
                ..Quirks::default()
            },
            4,
            "login",
        ),
        (
            Quirks {
                greeting: Some(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
                ..Quirks::default()
            },
            3,
            "protocol",
        ),
        (
            Quirks {
                hang_up_after_greeting: true,
                ..Quirks::default()
            },
            3,
            "network",
        ),
    ];
    for (quirks, code, kind) in cases {
        let house = House::with(letters(1), quirks, "");
        for line in ["check", "sync", "account test"] {
            let ran = house.run(&format!("{line} --json")).await;
            assert_eq!(ran.code, code, "{line}: {}", ran.error);
            assert_eq!(ran.wrong()["kind"], kind, "{line}");
            assert!(!ran.error.contains("demo\"]"), "{}", ran.error);
        }
        let events = house.run("sync --json").await.objects();
        assert_eq!(events.last().unwrap()["event"], "failed");
        house.run("sync").await.assert_told("");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn some_accounts_may_fail_while_others_do_not() {
    let house = House::letters(3);
    let other = Server::start(ServerOptions::new(letters(2))).unwrap();
    let text = account("home", house.port(), "demo")
        + &account("work", other.address().port(), "pa55w0rd");
    house.configure(&text);
    for line in ["check", "sync"] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 6, "{line}: {}", ran.error);
        assert!(ran.text.starts_with("home: "), "{}", ran.text);
        ran.assert_told("work");
        assert!(
            !ran.error.contains("pa55w0rd"),
            "the password is in: {}",
            ran.error
        );
    }
    assert_eq!(house.run("check work").await.code, 4);
    house.configure(&text.replace("pa55w0rd", "demo"));
    let ran = house.well("sync").await;
    assert!(
        ran.text.contains("home: ") && ran.text.contains("work: 2 new messages"),
        "{}",
        ran.text
    );
    assert_eq!(house.well("list --json").await.objects().len(), 5);
    assert_eq!(
        house
            .well("list --json --account work")
            .await
            .objects()
            .len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_set_up_with_flags_tested_listed_and_removed() {
    let house = House::letters(2);
    house.configure("# mine\n");
    let port = house.port();
    let line = |password: &str, more: &str| {
        format!("account add --email sam@demo.example --host 127.0.0.1 --port {port} --tls none --user demo --ask {password} {more}")
            .replace("--ask", if password.is_empty() { "--ask" } else { "" })
    };
    let wrong = house.run(&line("--password-command false", "")).await;
    assert_eq!(wrong.code, 4, "{}", wrong.error);
    assert_eq!(std::fs::read_to_string(house.config()).unwrap(), "# mine\n");
    let nobody = house.run(&line("", "")).await;
    assert_eq!(nobody.code, 4, "{}", nobody.error);
    house.configure(&format!("# mine\n{}", account("demo", 1, "x")));
    let ran = house.well(&line("", "--no-test")).await;
    assert!(ran.text.contains("demo-2"), "{}", ran.text);
    let text = std::fs::read_to_string(house.config()).unwrap();
    assert!(
        text.contains("# mine") && text.contains("[accounts.demo-2]") && text.contains("\"ask\""),
        "{text}"
    );
    let listed = house.well("account list --json").await.objects();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[1]["account"], &listed[1]["password"]),
        (&"demo-2".into(), &"ask".into())
    );
    house.well("account remove demo-2").await;
    assert_eq!(house.well("account list").await.text.lines().count(), 1);
    assert_eq!(house.run("account remove demo-2").await.code, 2);
    let unknown = house
        .run("account add --email sam@nowhere.example --ask")
        .await;
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.error.contains("pop.nowhere.example"),
        "{}",
        unknown.error
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_step_by_step_what_works() {
    let house = House::letters(2);
    let ran = house.well("account test home").await;
    for step in [
        "ok  connection",
        "ok  login",
        "it calls itself poppet-demo-",
        "UIDL yes, TOP yes",
        "2 messages",
    ] {
        assert!(ran.text.contains(step), "{step}: {}", ran.text);
    }
    let steps = house.well("account test --json").await.objects();
    assert!(
        steps
            .iter()
            .all(|step| step["status"] == "ok" && step["account"] == "home"),
        "{steps:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_heeds_the_mechanism_and_warns_of_a_server_that_keeps_mail_for_some_days() {
    let quirks = Quirks {
        expire: Some(3),
        ..Quirks::default()
    };
    let house = House::with(letters(2), quirks, "");
    let text = std::fs::read_to_string(house.config()).unwrap();
    let chosen = text.replace("user = \"demo\"", "user = \"demo\"\nauth = \"cram-md5\"");
    assert_ne!(chosen, text);
    house.configure(&chosen);
    let ran = house.well("account test home").await;
    assert!(
        ran.text
            .contains("!!  expiry      it deletes mail after 3 days"),
        "{}",
        ran.text
    );
    let commands = house.server.maildrop().commands();
    assert!(
        commands.iter().any(|command| command == "AUTH CRAM-MD5"),
        "{commands:?}"
    );
    let steps = house.well("account test --json").await.objects();
    let warned = steps.iter().find(|step| step["check"] == "expiry").unwrap();
    assert_eq!(warned["status"], "warning");
    house.configure(&chosen.replace("cram-md5", "oauthbearer"));
    let ran = house.run("account test home").await;
    assert_eq!(ran.code, 4, "{}", ran.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn p46_a_server_that_does_not_keep_mail_is_told_of_before_set_up_ends_and_when_it_is_tested()
{
    let quirks = Quirks {
        expire: Some(0),
        ..Quirks::default()
    };
    let house = House::with(letters(2), quirks, "");
    let configured = std::fs::read_to_string(house.config()).unwrap();
    house.configure("# mine\n");
    let add = format!(
        "account add --email sam@demo.example --host 127.0.0.1 --port {} --tls none --user demo",
        house.port()
    );
    let says = house.path("says");
    std::fs::write(&says, "demo\n").unwrap();
    let added = house
        .run_args(
            &format!("{add} --account home --password-command"),
            &format!("cat {}", says.display()),
        )
        .await;
    assert_eq!(added.code, 0, "{}", added.error);
    let told = |text: &str| {
        text.contains("!!  expiry      it may delete what was downloaded")
            && text.contains("This server does not keep mail")
    };
    assert!(told(&added.text), "{}", added.text);
    let (before, set_up) = (
        added.text.find("does not keep mail"),
        added.text.find("is set up"),
    );
    assert!(before.is_some() && before < set_up, "{}", added.text);
    house.configure(&configured);
    let tested = house.well("account test home").await;
    assert!(told(&tested.text), "{}", tested.text);
    let doctor = house.well("doctor").await;
    assert!(
        doctor.text.contains("does not keep mail"),
        "{}",
        doctor.text
    );
    // What it gave is here, whatever it does with its own.
    house.well("sync").await;
    let rows = house.well("list --json").await.objects();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row["local"] == "full"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_tells_of_what_it_could_not_fetch_and_goes_on() {
    let refuses = Quirks {
        no_top: true,
        refuse_retr: vec![2],
        ..Quirks::default()
    };
    let refuses_the_whole = Quirks {
        refuse_retr: vec![2],
        ..Quirks::default()
    };
    let large = Quirks {
        listed_octets: vec![(3, 400_000_000)],
        ..Quirks::default()
    };
    // What is marked in the list is told once; what is not even listed here, or is tried each time, each time.
    for (quirks, what, again) in [
        (
            refuses_the_whole,
            "Some messages could not be fetched",
            true,
        ),
        (refuses, "Some messages could not be fetched", true),
        (large, "A message is too large to download", false),
    ] {
        let house = House::with(letters(4), quirks, "");
        let first = house.well("sync").await;
        assert!(first.error.contains(what), "{}", first.error);
        let second = house.well("sync --json").await;
        assert_eq!(second.error.contains(what), again, "{}", second.error);
        // It is no outcome of the account.
        let events = second.objects();
        assert!(
            events.iter().all(|event| event["event"] != "failed"),
            "{events:?}"
        );
        let rows = house.well("list --json").await.objects();
        let whole = rows.iter().filter(|row| row["local"] == "full").count();
        assert_eq!(whole, 3, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_everything_and_says_what_is_wrong() {
    let house = House::letters(3);
    house.well("sync").await;
    let ran = house.well("doctor").await;
    for check in [
        "configuration",
        "mail",
        "store",
        "integrity",
        "keyring",
        "terminal",
        "login",
    ] {
        assert!(ran.text.contains(check), "{check}: {}", ran.text);
    }
    let checks = house.well("doctor --offline --json").await.objects();
    assert!(
        checks
            .iter()
            .any(|check| check["check"] == "integrity" && check["status"] == "ok")
    );
    assert!(!checks.iter().any(|check| check["check"] == "login"));
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.configure(&text.replace("\"demo\"] }", "\"wrong\"] }"));
    let ran = house.run("doctor").await;
    assert_eq!(ran.code, 4, "{}", ran.error);
    ran.assert_told("home");
    house.configure("nonsense");
    let checks = house.run("doctor --json").await;
    assert_eq!(checks.code, 2);
    assert!(
        checks
            .objects()
            .iter()
            .any(|check| check["check"] == "integrity")
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_sync_keeps_what_came_and_ends_with_130() {
    let house = House::letters(400);
    let mut options = ServerOptions::new(house.server.maildrop().clone());
    options.latency = std::time::Duration::from_millis(40);
    let slow = Server::start(options).unwrap();
    house.configure(&account("home", slow.address().port(), "demo"));
    let mut child = crate::house::program(house.folder.path(), "sync --json")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        // Its first event comes when the listing is complete: from then on there is something to interrupt.
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(child.stdout.as_mut().unwrap()),
            &mut line,
        )
        .unwrap();
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        child.wait().unwrap().code()
    })
    .await
    .unwrap();
    assert_eq!(ended, Some(130));
    house.configure(&account("home", house.port(), "demo"));
    let maildrop = house.server.maildrop();
    let in_use = || {
        let sessions = maildrop.sessions();
        sessions.iter().any(|it| it.phase == Phase::Transaction)
    };
    until(|| !in_use()).await;
    // The next session finds the mailbox in use, which is waited for.
    let mut other = TcpStream::connect(("127.0.0.1", house.port()))
        .await
        .unwrap();
    other
        .write_all(b"USER demo\r\nPASS demo\r\n")
        .await
        .unwrap();
    until(in_use).await;
    let tries = maildrop.sessions().len();
    let refused = || {
        let sessions = maildrop.sessions();
        let latest = sessions.iter().skip(tries).last();
        latest.is_some_and(|it| it.phase != Phase::Authorization)
    };
    let let_go = async {
        until(refused).await;
        drop(other);
    };
    tokio::join!(house.well("sync"), let_go);
    assert!(maildrop.sessions().len() > tries + 1);
    assert_eq!(house.well("list --json").await.objects().len(), 400);
    assert!(
        house
            .well("doctor --offline")
            .await
            .text
            .contains("integrity")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p45_p47_a_rule_deletes_also_where_the_server_wants_minutes_between_two_logins() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let quirks = Quirks {
        login_delay: Some(300),
        ..Quirks::default()
    };
    let house = House::with(letters(5), quirks, rule);
    let maildrop = house.server.maildrop();
    for _ in 0..3 {
        let done = house.well("sync --json").await.objects().pop().unwrap();
        assert_eq!(done["deleted"], 0);
    }
    let before = house.on_server();
    let new = maildrop.deliver(&b"Subject: new\r\n\r\nNew.\r\n"[..]);
    let done = house.well("sync --json").await.objects().pop().unwrap();
    assert_eq!((&done["bodies"], &done["deleted"]), (&1.into(), &5.into()));
    assert_eq!(maildrop.uidls(), [new], "what came in this session stays");
    assert_eq!(maildrop.sessions().len(), 4, "nobody logs in twice");
    assert_eq!(maildrop.violations(), [""; 0]);
    let removed = maildrop.removed();
    assert!(
        removed
            .iter()
            .all(|one| matches!(one.by, Removal::Deleted(4))),
        "{removed:?}"
    );
    house.well("doctor --offline").await;
    house.well("export --eml here").await;
    assert_eq!(
        contents(&house.path("here")).intersection(&before).count(),
        5
    );
}

async fn until(so: impl Fn() -> bool) {
    let waited = async {
        while !so() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_mins(1), waited).await;
    waited.unwrap();
}
