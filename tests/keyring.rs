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
    assert!(!required(), "POPPET_REQUIRE_REAL is set, but {error}");
    println!("skipped: {error}");
    false
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[expect(clippy::unwrap_used, reason = "the names are written here")]
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

/// Runs one of the ignored tests below in a world of its own: its own session bus, its own keyring.
fn in_a_world_of_its_own(name: &str) {
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/with-keyring"))
        .arg(std::env::current_exe().unwrap_or_default())
        .args(["--ignored", "--exact", "--nocapture", name])
        .env_remove("POPPET_INSIDE_BUS")
        .output();
    let Ok(output) = output else {
        println!("skipped: there is no shell");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(125) {
        assert!(!required(), "POPPET_REQUIRE_REAL is set, but {said}");
        println!("skipped: {said}");
        return;
    }
    assert!(
        said.contains("1 passed") && output.status.success(),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_locked_keyring_says_so_and_nothing_counts_as_saved() {
    in_a_world_of_its_own("world_with_a_locked_keyring");
}

#[tokio::test]
#[ignore = "runs in a world of its own"]
async fn world_with_a_locked_keyring() {
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

#[test]
fn a_keyring_that_was_restarted_is_found_again() {
    in_a_world_of_its_own("world_with_a_restarted_keyring");
}

#[tokio::test]
#[ignore = "runs in a world of its own"]
async fn world_with_a_restarted_keyring() {
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

#[test]
fn a_keyring_that_hangs_is_given_up_and_found_again() {
    in_a_world_of_its_own("world_with_a_frozen_keyring");
}

#[tokio::test]
#[ignore = "runs in a world of its own"]
async fn world_with_a_frozen_keyring() {
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

/// Ends the keyring of this world, which `.ci/with-keyring` did not start.
fn end_keyring() {
    let script = "kill $(dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | awk '{ print $NF }')";
    let ended = Command::new("sh").args(["-c", script]).status();
    assert!(ended.is_ok_and(|status| status.success()));
}

#[test]
fn without_a_session_bus_the_keyring_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "world_without_a_bus"])
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("XDG_RUNTIME_DIR", nowhere.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[tokio::test]
#[ignore = "runs in a world of its own"]
async fn world_without_a_bus() {
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

#[test]
fn a_bus_without_a_keyring_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--config-file", BUS_CONFIG_NAME, "--"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "world_without_a_keyring",
        ])
        .current_dir(bus_without_services(nowhere.path()))
        .output();
    match output {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => {
            assert!(!required(), "POPPET_REQUIRE_REAL is set, but {error}");
            println!("skipped: {error}");
        }
    }
}

#[tokio::test]
#[ignore = "runs in a world of its own"]
async fn world_without_a_keyring() {
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

/// A folder with the configuration of a session bus that starts nothing by itself.
fn bus_without_services(folder: &Path) -> &Path {
    let text = format!(
        "<busconfig><type>session</type><listen>unix:tmpdir={}</listen><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
        folder.display()
    );
    std::fs::write(folder.join(BUS_CONFIG_NAME), text).unwrap_or_default();
    folder
}

fn required() -> bool {
    std::env::var_os("POPPET_REQUIRE_REAL").is_some_and(|value| value == "1")
}

const BUS_CONFIG_NAME: &str = "bus.conf";

#[tokio::test]
async fn every_way_to_fail_is_a_login_problem() {
    let problem = poppet::mail::Problem::from(KeyringError::Silent(LIMIT));
    assert_eq!(problem.kind, Kind::Login);
    assert_eq!(problem.why, "the keyring did not answer within 8 seconds");
}
