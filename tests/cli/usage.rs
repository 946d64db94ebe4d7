//! A command line that is wrong, and what holds for every one.

use crate::house::{House, Ran, letters, program};

#[test]
fn a_program_is_told_everything_that_is_wrong_with_its_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let run = |line: &str| Ran::from(program(folder.path(), line).output().unwrap());
    for (line, why, remedy) in [
        ("--json export", "--maildir <DIR>", "poppet export --help"),
        (
            "list --json --sort sze",
            "date, size, from",
            "date, size, from",
        ),
        ("show --json x", "'x' for '<ID>'", "poppet show --help"),
        (
            "--json account",
            "add, list, test, remove",
            "poppet account --help",
        ),
    ] {
        let ran = run(line);
        assert_eq!((ran.code, ran.text.as_str()), (2, ""), "{line}");
        let wrong = ran.wrong();
        assert!(wrong["why"].to_string().contains(why), "{wrong}");
        assert!(wrong["remedy"].to_string().contains(remedy), "{wrong}");
    }
}

#[test]
fn help_and_wrong_usage_have_the_colours_that_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = |line: &str| Ran::from(program(folder.path(), line).output().unwrap());
    for line in ["--color always --help", "list --color=always --help"] {
        assert!(run(line).text.contains("\x1b["), "{line}");
    }
    for line in [
        "--color always lst",
        "show --color always",
        "lst --x --color always",
    ] {
        assert!(run(line).error.contains("\x1b["), "{line}");
    }
    for line in [
        "lst",
        "--color never lst",
        "--color always lst --color never",
    ] {
        assert!(!run(line).error.contains("\x1b["), "{line}");
    }
}

#[test]
fn an_account_that_cannot_be_added_is_told_which_flags_would_do_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &str| {
        let line = format!("account add {more}");
        Ran::from(program(folder.path(), &line).output().unwrap())
    };
    let new = "--email sam@demo.example --ask --no-test";
    for (more, remedy) in [
        (String::new(), "--email ADDRESS --host SERVER --user NAME"),
        (
            format!("{new} --host h.example --tls none"),
            "--allow-cleartext",
        ),
        (
            format!("{new} --host h.example:995"),
            "--host h.example --port 995",
        ),
        (
            format!("{new} --host pop3://h.example:110/"),
            "--host h.example --port 110",
        ),
        (
            format!("{new} --host pop3://sam:hunter2@h.example:1110"),
            "--host h.example --port 1110",
        ),
        (
            format!("{new} --host h.example --ca-file nosuch.pem"),
            "--ca-file",
        ),
    ] {
        let ran = run(&more);
        assert_eq!(ran.code, 2, "{more}: {}", ran.error);
        let told = ran.error.lines().find(|line| line.starts_with("   do: "));
        assert!(told.unwrap().contains(remedy), "{more}: {}", ran.error);
        assert!(!ran.error.contains("hunter2"), "{}", ran.error);
    }
    assert!(!folder.path().join("config/poppet/config.toml").exists());
    let ran = run(&format!("{new} --host ::1 --port 995"));
    assert_eq!(ran.code, 0, "{}", ran.error);
    // The name of an account that is there already is another one's.
    let ran = run(&format!(
        "{new} --name other --user eve --host [::1] --tls none"
    ));
    assert_eq!(ran.code, 0, "{}", ran.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_is_the_same_as_none() {
    let house = House::new(letters(1));
    let mut command = program(house.folder.path(), "account list");
    command.env("POPPET_CONFIG", "").env("POPPET_DATA_DIR", "");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.error);
    assert!(ran.text.contains("home"), "{}", ran.text);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_no_utf_8_is_an_option_where_it_begins_as_one() {
    use std::os::unix::ffi::OsStrExt as _;
    let house = House::new(letters(2));
    house.well("sync").await;
    let strange = std::ffi::OsStr::from_bytes(b"--data-dir=/nonexistent/r\xe9");
    let mut command = program(house.folder.path(), "");
    command.arg(strange).args(["list", "-draft"]);
    let ran = Ran::from(command.output().unwrap());
    assert!(!ran.error.contains("unexpected argument"), "{}", ran.error);
}
