//! The keyring, against a real one. `.ci/with-keyring cargo test --test keyring` provides it; without a Secret Service the
//! test says so and passes, unless `POPPET_REQUIRE_REAL=1` is set.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use poppet::backend::keyring::{Keyring, KeyringError};
use poppet::backend::secrets::{Origin, Secrets, Why};
use poppet::config::Config;
use poppet::mail::{AccountId, Kind, Secret};

const LIMIT: Duration = Duration::from_secs(8);

/// Whether there is a keyring to test with; says why not.
async fn real() -> bool {
    let Err(error) = Keyring::of("poppet-probe", LIMIT).probe().await else {
        return true;
    };
    assert!(
        std::env::var_os("POPPET_REQUIRE_REAL").is_none_or(|value| value != "1"),
        "POPPET_REQUIRE_REAL is set, but {error}"
    );
    println!("skipped: {error}");
    false
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

/// What the program's own binary cannot show: this test binary runs itself in another world and prints what it meets.
#[tokio::test]
#[ignore = "run by other tests in a world of its own"]
async fn outcome_in_this_world() {
    let limit = Duration::from_millis(1500);
    let keyring = Keyring::of("poppet-world", limit);
    println!("get: {:?}", keyring.password(&id("home")).await);
    println!(
        "set: {:?}",
        keyring.store(&id("home"), &secret("hunter2")).await
    );
    println!("probe: {:?}", keyring.probe().await);
}

fn in_world(command: &mut Command) -> String {
    let me = std::env::current_exe().unwrap();
    let output = command
        .arg(me)
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "outcome_in_this_world",
        ])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("hunter2"), "{text}");
    text
}

#[test]
fn without_a_session_bus_the_keyring_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let out = in_world(
        Command::new("env")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("XDG_RUNTIME_DIR", nowhere.path()),
    );
    for line in ["get: Err(NoBus)", "set: Err(NoBus)", "probe: Err(NoBus)"] {
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn with_a_locked_keyring_nothing_is_said_to_be_saved() {
    if std::env::var_os("POPPET_KEYRING_PID").is_none() {
        println!("skipped: not under .ci/with-keyring");
        return;
    }
    // A keyring made with another password than the one it is unlocked with stays locked, and nobody is there to ask.
    let world = tempfile::tempdir().unwrap();
    let script = "printf 'first\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
        sleep 1; secret-tool store --label=x service poppet-world username home/pop3 <<X
old
X
        dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
            org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null 2>&1
        \"$@\"
        status=$?
        kill $(pgrep -P $PPID gnome-keyring) 2>/dev/null
        exit $status";
    let out = in_world(
        Command::new("dbus-run-session")
            .args(["--", "sh", "-c", script, "sh"])
            .env("HOME", world.path())
            .env("XDG_DATA_HOME", world.path())
            .env("XDG_RUNTIME_DIR", world.path()),
    );
    assert!(
        out.contains("set: Err(Locked)") || out.contains("set: Err(Silent"),
        "{out}"
    );
    assert!(
        out.contains("get: Err(Locked)") || out.contains("get: Err(Silent"),
        "{out}"
    );
}

#[tokio::test]
async fn every_way_to_fail_is_a_login_problem() {
    let problem = poppet::mail::Problem::from(KeyringError::Silent(LIMIT));
    assert_eq!(problem.kind, Kind::Login);
    assert_eq!(problem.why, "the keyring did not answer within 8 seconds");
}
