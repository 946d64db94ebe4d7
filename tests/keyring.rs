//! The keyring, against a real one. `.ci/with-keyring cargo test --test keyring` provides it; without a Secret Service the
//! test says that it is skipped, and fails if `POPPET_REQUIRE_REAL=1` is set.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed, and says where"
)]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use poppet::backend::keyring::{Keyring, KeyringError};
use poppet::backend::secrets::{Origin, Secrets, Why};
use poppet::config::Config;
use poppet::mail::{AccountId, Kind, Secret};

mod support;

use support::dovecot::Dovecot;
use support::home::{Home, PASSWORD, count};
use support::real::skip;
use support::run::{Run, Running};

#[tokio::test]
async fn a_password_is_missing_then_kept_then_replaced_then_gone() {
    if !real().await {
        return;
    }
    let account = id("b\u{fc}ro");
    let keyring = Keyring::of("poppet-round", LIMIT);
    assert_eq!(keyring.password(&account).await, Ok(None));
    assert_eq!(keyring.clear(&account).await, Ok(false));
    for password in ["p\u{e4} 55 w\u{f6}rd \u{1f511}", " second\t"] {
        keyring.store(&account, &secret(password)).await.unwrap();
        // A connection of its own, as another process has.
        let other = Keyring::of("poppet-round", LIMIT);
        assert_eq!(
            text(other.password(&account).await.unwrap().as_ref()),
            Some(password)
        );
    }
    assert_eq!(keyring.password(&id("other")).await, Ok(None));
    assert_eq!(keyring.clear(&account).await, Ok(true));
    assert_eq!(keyring.password(&account).await, Ok(None));
}

#[tokio::test]
async fn entries_are_named_so_that_other_programs_find_them() {
    if !real().await {
        return;
    }
    let account = id("interop");
    let keyring = Keyring::of("poppet-interop", LIMIT);
    keyring
        .store(&account, &secret("from poppet"))
        .await
        .unwrap();
    match Command::new("secret-tool")
        .args([
            "lookup",
            "service",
            "poppet-interop",
            "username",
            "interop/pop3",
        ])
        .output()
    {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), "from poppet"),
        Err(error) => println!("secret-tool was not asked: {error}"),
    }
    assert_eq!(keyring.clear(&account).await, Ok(true));
}

#[tokio::test]
async fn the_service_is_poppet_and_secrets_go_through_it() {
    if !real().await {
        return;
    }
    let config = Config::parse(
        "[accounts.keyring-test]\nemail = \"sam@example.net\"\npop3 = { host = \"pop.example.net\" }\n",
        Path::new("config.toml"),
    )
    .unwrap();
    let account = config.accounts.first().unwrap();
    let secrets = Secrets::new(Keyring::new());
    secrets.keyring_status().await.unwrap();
    let problem = secrets
        .password(account, |why| async move {
            assert_eq!(why, Why::NotSaved);
            None
        })
        .await
        .unwrap_err();
    assert!(
        problem.remedy.contains("poppet password set keyring-test"),
        "{problem:?}"
    );
    secrets.store(&account.id, &secret("kept")).await.unwrap();
    let fresh = Secrets::new(Keyring::new());
    let found = fresh.password(account, |_| async { None }).await.unwrap();
    assert_eq!(
        (found.origin, found.secret.expose()),
        (Origin::Keyring, "kept")
    );
    assert_eq!(fresh.clear(&account.id).await, Ok(true));
    assert_eq!(fresh.clear(&account.id).await, Ok(false));
}

#[tokio::test]
async fn a_locked_keyring_says_so_and_nothing_counts_as_saved() {
    if !in_a_world_of_its_own(with_keyring()) {
        return;
    }
    let keyring = Keyring::of("poppet-world", LIMIT);
    keyring
        .store(&id("home"), &secret("hunter2"))
        .await
        .unwrap();
    let locked = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
        ])
        .args([
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ])
        .output()
        .unwrap();
    assert!(
        locked.status.success(),
        "{}",
        String::from_utf8_lossy(&locked.stderr)
    );
    assert_eq!(
        keyring.password(&id("home")).await,
        Err(KeyringError::Locked)
    );
    assert_eq!(
        keyring.store(&id("home"), &secret("hunter2 new")).await,
        Err(KeyringError::Locked)
    );
    assert_eq!(keyring.probe().await, Err(KeyringError::Locked));
}

#[tokio::test]
async fn a_keyring_that_was_restarted_is_found_again() {
    if !in_a_world_of_its_own(with_keyring()) {
        return;
    }
    let keyring = Keyring::of("poppet-world", LIMIT);
    keyring
        .store(&id("home"), &secret("hunter2"))
        .await
        .unwrap();
    let again = Command::new("sh")
        .args(["-c", "kill $POPPET_KEYRING_PID; while kill -0 $POPPET_KEYRING_PID 2>/dev/null && ! grep -q 'State:.Z' /proc/$POPPET_KEYRING_PID/status; do sleep 0.05; done; echo | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sleep 0.5"])
        .status()
        .unwrap();
    assert!(again.success());
    // The bus may still be starting its own idea of a keyring: what counts is that the connection is not dead for ever.
    let found = keyring.password(&id("home")).await;
    end_keyring();
    assert_eq!(
        found.as_ref().map(|found| text(found.as_ref())),
        Ok(Some("hunter2"))
    );
}

#[tokio::test]
async fn a_keyring_that_hangs_is_given_up_and_found_again() {
    if !in_a_world_of_its_own(with_keyring()) {
        return;
    }
    let limit = Duration::from_millis(700);
    let keyring = Keyring::of("poppet-world", limit);
    keyring
        .store(&id("home"), &secret("hunter2"))
        .await
        .unwrap();
    let signal = |name: &str| {
        let done = Command::new("sh")
            .args(["-c", &format!("kill -{name} $POPPET_KEYRING_PID")])
            .status();
        assert!(done.is_ok_and(|status| status.success()));
    };
    signal("STOP");
    for _ in 0..6 {
        assert_eq!(
            keyring.password(&id("home")).await,
            Err(KeyringError::Silent(limit))
        );
    }
    signal("CONT");
    let mut found = keyring.password(&id("home")).await;
    for _ in 0..50 {
        if found.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        found = keyring.password(&id("home")).await;
    }
    assert_eq!(
        found.as_ref().map(|found| text(found.as_ref())),
        Ok(Some("hunter2"))
    );
}

#[tokio::test]
async fn without_a_session_bus_the_keyring_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let mut env = Command::new("env");
    env.args(["-u", "DBUS_SESSION_BUS_ADDRESS"])
        .env("XDG_RUNTIME_DIR", nowhere.path());
    if !in_a_world_of_its_own(env) {
        return;
    }
    let keyring = Keyring::of("poppet-world", LIMIT);
    assert_eq!(
        keyring.password(&id("home")).await,
        Err(KeyringError::NoBus)
    );
    assert_eq!(
        keyring.store(&id("home"), &secret("hunter2")).await,
        Err(KeyringError::NoBus)
    );
    assert_eq!(keyring.probe().await, Err(KeyringError::NoBus));
}

#[tokio::test]
async fn a_bus_without_a_keyring_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let mut bus = Command::new("dbus-run-session");
    bus.args(["--config-file", BUS_CONFIG_NAME, "--"])
        .current_dir(bus_without_services(nowhere.path()));
    if !in_a_world_of_its_own(bus) {
        return;
    }
    let keyring = Keyring::of("poppet-world", LIMIT);
    assert_eq!(
        keyring.password(&id("home")).await,
        Err(KeyringError::NoService)
    );
    assert_eq!(
        keyring.store(&id("home"), &secret("hunter2")).await,
        Err(KeyringError::NoService)
    );
}

#[tokio::test]
async fn a_password_that_the_program_saved_is_the_one_it_logs_in_with() {
    if !in_a_world_of_its_own(with_keyring()) {
        return;
    }
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &support::mailbox::messages(3));
    let account = server.account().toml();
    let home = Home::new();
    let lines = account.lines().map(|line| match line.split_once(" = ") {
        Some(("password", _)) => "password = \"keyring\"\n".to_owned(),
        _ => format!("{line}\n"),
    });
    home.write_config(&lines.collect::<String>());
    poppet(&home, &["sync"], "").expect_code(4);

    poppet(&home, &["password", "set", "home"], "not-the-password\n").expect_code(0);
    poppet(&home, &["sync"], "").expect_code(4);
    let set = poppet(
        &home,
        &["password", "set", "home"],
        &format!("{PASSWORD}\n"),
    );
    let set = set.expect_code(0);
    assert!(
        !format!("{}{}", set.text(), set.errors()).contains(PASSWORD),
        "{set}"
    );
    let synced = poppet(&home, &["sync", "--json"], "").expect_code(0);
    assert_eq!(count(&synced.event("done"), "bodies"), 3);
    for part in ["config", "data", "state", "tmp", "cache"] {
        for file in home.left_in(part) {
            let octets = std::fs::read(&file).unwrap();
            let leak = octets
                .windows(PASSWORD.len())
                .any(|window| window == PASSWORD.as_bytes());
            assert!(!leak, "the password is in {}", file.display());
        }
    }

    poppet(&home, &["password", "clear", "home"], "").expect_code(0);
    poppet(&home, &["password", "clear", "home"], "").expect_code(1);
    poppet(&home, &["sync"], "").expect_code(4);
}

#[tokio::test]
async fn every_way_to_fail_is_a_login_problem() {
    let problem = poppet::mail::Problem::from(KeyringError::Silent(LIMIT));
    assert_eq!(problem.kind, Kind::Login);
    assert_eq!(problem.why, "the keyring did not answer within 8 seconds");
}

/// Whether there is a keyring to test with; says why not.
async fn real() -> bool {
    let Err(error) = Keyring::of("poppet-probe", LIMIT).probe().await else {
        return true;
    };
    skip("a keyring", &error.to_string());
    false
}

/// Whether this is the world that the test wants. If not, the test is run again by `world`, which makes one, and has
/// to pass there.
#[track_caller]
fn in_a_world_of_its_own(mut world: Command) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let output = world
        .arg(std::env::current_exe().expect("the test's own file"))
        .args(["--exact", "--nocapture", &test])
        .env(INSIDE, "yes")
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            skip("a session bus", &format!("{world:?}: {error}"));
            return false;
        }
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(125) {
        skip("a keyring", &said);
        return false;
    }
    assert!(
        said.contains("1 passed") && output.status.success(),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
    false
}

/// A session bus with an unlocked, empty keyring on it.
fn with_keyring() -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/with-keyring"));
    command.env_remove("POPPET_INSIDE_BUS");
    command
}

/// Runs the binary in this home, with the session bus of this world.
#[track_caller]
fn poppet(home: &Home, args: &[&str], input: &str) -> Run {
    let mut command = home.command(args);
    let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").expect("a session bus");
    command.env("DBUS_SESSION_BUS_ADDRESS", bus);
    Running::start(command, input).end()
}

/// Ends the keyring of this world, which `.ci/with-keyring` did not start.
fn end_keyring() {
    let script = "kill $(dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | awk '{ print $NF }')";
    let ended = Command::new("sh").args(["-c", script]).status();
    assert!(ended.is_ok_and(|status| status.success()));
}

/// A folder with the configuration of a session bus that starts nothing by itself.
fn bus_without_services(folder: &Path) -> &Path {
    let text = format!(
        "<busconfig><type>session</type><listen>unix:tmpdir={}</listen><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
        folder.display()
    );
    std::fs::write(folder.join(BUS_CONFIG_NAME), text).expect("write the configuration of the bus");
    folder
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn id(name: &str) -> AccountId {
    AccountId::new(name).unwrap()
}

fn text(found: Option<&Secret>) -> Option<&str> {
    found.map(Secret::expose)
}

const LIMIT: Duration = Duration::from_secs(8);
const INSIDE: &str = "POPPET_TEST_INSIDE";
const BUS_CONFIG_NAME: &str = "bus.conf";
