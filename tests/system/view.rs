//! A store that cannot be written (F4), on a disk that is read-only or full: what is here can be read, nothing is fetched, and
//! nothing is deleted.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::Signal;

use crate::house::{Errand, House, Ran, Scene};
use crate::kill::{recovers, steps_of};
use crate::support::faults::{Calls, Failing, Failure, Faults};
use crate::support::real::until;
use crate::support::score::score;

#[test]
fn f4_i1_on_a_store_that_cannot_be_written_mail_is_read_and_no_server_is_asked() {
    let mut passed = 0;
    let mut total = 0;
    for error in [Failure::ReadOnly, Failure::Access, Failure::NoSpace] {
        for with_log in [false, true] {
            let scene = Scene::new(Errand::Apply);
            let Some(steps) = steps_of(&scene) else {
                return;
            };
            let house = scene.house();
            if with_log {
                // Killed before the log was folded into the file, so that a part of the mail is only there.
                let faults = Faults {
                    signal: Some((steps - 4, Signal::KILL.as_raw())),
                    ..house.faults()
                };
                house.run("apply --yes", Some(&faults));
                assert!(house.store_file().with_extension("db-wal").exists());
            }
            house.settle();
            let sessions = house.server.maildrop().sessions().len();
            let run = |line: &str| denied(&house, line, error);
            for (line, code, answer) in READING {
                let ran = run(line);
                assert_eq!(
                    ran.code,
                    Some(code),
                    "{line}, {error:?}, log {with_log}: {}{}",
                    ran.text,
                    ran.error
                );
                assert!(ran.text.contains(answer), "{line}: {}", ran.text);
                assert!(
                    ran.error.contains("can only be read"),
                    "{line}: {}",
                    ran.error
                );
                passed += 1;
            }
            for line in [
                "sync",
                "apply --yes",
                "check",
                "delete 1",
                "undelete 2",
                "keep 1",
            ] {
                let ran = run(line);
                assert_eq!(
                    ran.code,
                    Some(5),
                    "{line}, {error:?}, log {with_log}: {}{}",
                    ran.text,
                    ran.error
                );
                ran.assert_told();
                let said = ran.error.matches("can only be read").count();
                let changes = ["delete", "undelete", "keep"];
                let once = changes.iter().any(|name| line.starts_with(name));
                assert_eq!(said, usize::from(once), "{line}: {}", ran.error);
                passed += 1;
            }
            total += READING.len() + 6;
            assert_eq!(
                house.server.maildrop().sessions().len(),
                sessions,
                "a session was opened"
            );
            recovers(&house).unwrap();
        }
    }
    score(
        "commands on a store that cannot be written",
        passed,
        total,
        "-",
    );
}

/// What only reads, how it ends, and a part of what it says.
const READING: [(&str, i32, &str); 6] = [
    ("list", 0, "Tide table 5"),
    ("list tide", 0, "Tide table 0"),
    ("show 3", 0, "wind from the west"),
    ("show 3 --raw", 0, "line 599: wind from the west"),
    ("export --maildir out", 0, "written"),
    ("doctor --offline", 5, "whole and as received"),
];

#[test]
fn f4_what_was_not_downloaded_is_not_fetched_into_a_store_that_cannot_be_written() {
    let scene = Scene::new(Errand::Peek);
    let house = scene.house();
    assert_eq!(house.run("sync", None).code, Some(0));
    let sessions = house.server.maildrop().sessions().len();
    let Some(_) = steps_of(&scene) else { return };
    for line in ["show 3", "peek 3", "show 3 --raw"] {
        let ran = denied(&house, line, Failure::ReadOnly);
        assert_eq!(ran.code, Some(5), "{line}: {}{}", ran.text, ran.error);
        ran.assert_told();
    }
    assert_eq!(house.server.maildrop().sessions().len(), sessions);
}

/// Runs a command where nothing below the data folder can be changed.
fn denied(house: &House<'_>, line: &str, error: Failure) -> Ran {
    house.run(line, Some(&everything_denied(house, error)))
}

fn everything_denied(house: &House<'_>, error: Failure) -> Faults {
    Faults {
        failing: Some(Failing {
            calls: Calls::Changes,
            at: 1,
            error,
            for_good: true,
        }),
        ..house.faults()
    }
}

impl Ran {
    /// The three lines of a problem say that the store is at fault.
    #[track_caller]
    fn assert_told(&self) {
        crate::oracle::ended_well(self).unwrap();
        assert!(
            self.error.contains("error: ") && self.error.contains("store"),
            "{}",
            self.error
        );
    }
}

#[test]
fn f4_the_reader_shows_what_is_here_and_says_that_the_store_can_only_be_read() {
    let scene = Scene::new(Errand::Stage);
    if steps_of(&scene).is_none() {
        return;
    }
    let house = scene.house();
    let sessions = house.server.maildrop().sessions().len();
    let (mut plain, file) = house.command("");
    assert!(everything_denied(&house, Failure::ReadOnly).put_before(&mut plain, &file));
    let mut command = portable_pty::CommandBuilder::new(plain.get_program());
    command.env_clear();
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap());
    }
    command.env("TERM", "xterm-256color");
    command.cwd(&house.path);
    let (rows, columns) = (NonZero::new(24).unwrap(), NonZero::new(100).unwrap());
    let size = portable_pty::PtySize {
        rows: rows.get(),
        cols: columns.get(),
        ..portable_pty::PtySize::default()
    };
    let pty = portable_pty::native_pty_system().openpty(size).unwrap();
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut output = pty.master.try_clone_reader().unwrap();
    let seen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
    let screen = Arc::clone(&seen);
    std::thread::spawn(move || {
        let mut octets = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut octets) {
            screen.lock().unwrap().process(&octets[..length]);
        }
    });
    let shows = |text: &str| {
        let found = until(Duration::from_secs(30), || {
            let contents = seen.lock().unwrap().screen().contents();
            contents.contains(text).then_some(())
        });
        assert!(
            found.is_some(),
            "{text}:\n{}",
            seen.lock().unwrap().screen().contents()
        );
    };
    shows("Tide table 5");
    shows("The mail store can only be read");
    let mut keys = pty.master.take_writer().unwrap();
    keys.write_all(b"\r").unwrap();
    shows("keeper@lighthouse.example");
    keys.write_all(b"q").unwrap();
    shows("Tide table 0");
    keys.write_all(b"q").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(house.server.maildrop().sessions().len(), sessions);
}
