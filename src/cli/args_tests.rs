use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::values::{command_line, keep};
use super::*;
use crate::config::{Auth, Tls};
use crate::mail::{BodyRule, Keep, MessageId};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::read(
        std::iter::once("poppet")
            .chain(line.split_whitespace())
            .map(Into::into),
    )
}

fn command(line: &str) -> Command {
    parse(line).unwrap().command.unwrap()
}

fn kind(line: &str) -> ErrorKind {
    parse(line).unwrap_err().kind()
}

fn ids(numbers: &[i64]) -> Vec<MessageId> {
    numbers.iter().copied().map(MessageId).collect()
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_of_the_interface_is_there_and_explains_itself() {
    let cli = Cli::command();
    let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let wanted = [
        "demo",
        "account",
        "password",
        "check",
        "sync",
        "list",
        "show",
        "peek",
        "attachments",
        "delete",
        "keep",
        "undelete",
        "pending",
        "apply",
        "tidy",
        "export",
        "import",
        "doctor",
        "completions",
        "man",
    ];
    assert_eq!(names, wanted);
    let mut rest: Vec<&clap::Command> = vec![&cli];
    while let Some(one) = rest.pop() {
        assert!(one.get_about().is_some(), "{}", one.get_name());
        for argument in one.get_arguments() {
            assert!(
                argument.get_help().is_some(),
                "{} {}",
                one.get_name(),
                argument.get_id()
            );
        }
        rest.extend(one.get_subcommands());
    }
}

#[test]
fn without_a_command_it_is_the_reader() {
    assert!(parse("").unwrap().command.is_none());
}

#[test]
fn global_options_stand_anywhere() {
    for line in [
        "--json --config a.toml --data-dir d list",
        "list --json --data-dir d --config a.toml",
    ] {
        let global = parse(line).unwrap().global;
        assert!(global.json);
        assert_eq!(global.config, Some("a.toml".into()));
        assert_eq!(global.data_dir, Some("d".into()));
    }
    assert_eq!(parse("check -vv").unwrap().global.verbose, 2);
    assert_eq!(
        parse("check --color never").unwrap().global.color,
        Color::Never
    );
    assert_eq!(kind("check -q -v"), ErrorKind::ArgumentConflict);
}

#[test]
fn a_query_may_say_not_and_its_options_stand_anywhere() {
    let Command::List(list) = command("list from:ada -draft --limit 5 -is:read --sort size") else {
        panic!("not list");
    };
    assert_eq!(list.query, ["from:ada", "-draft", "-is:read"]);
    assert_eq!((list.limit, list.sort), (Some(5), SortBy::Size));
    assert_eq!(kind("list --limt 5"), ErrorKind::UnknownArgument);
    assert!(parse("list x -qq").unwrap().global.quiet && parse("list x -q").unwrap().global.quiet);
    let Command::List(list) = command("list -- -q --x") else {
        panic!("not list");
    };
    assert_eq!(list.query, ["-q", "--x"]);
    assert_eq!(kind("sync -draft"), ErrorKind::UnknownArgument);
}

#[test]
fn message_numbers_are_numbers_from_one() {
    assert!(
        matches!(command("delete 17 18"), Command::Delete(Delete { ids: found, server: false, local: false }) if found == ids(&[17, 18]))
    );
    for line in [
        "delete",
        "delete x",
        "delete 0",
        "delete -1",
        "show",
        "keep",
        "undelete",
        "peek a",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn choices_that_exclude_each_other_are_refused() {
    for line in [
        "delete --server --local 1",
        "show 1 --raw --html",
        "show 1 --part 2 --text",
        "export --maildir a --mbox b",
        "sync --headers --dry-run",
        "account add --email a@b --ask --password-stdin",
    ] {
        assert_eq!(kind(line), ErrorKind::ArgumentConflict, "{line}");
    }
    assert_eq!(kind("export from:ada"), ErrorKind::MissingRequiredArgument);
    assert_eq!(
        kind("attachments 1 --part 2"),
        ErrorKind::MissingRequiredArgument
    );
    assert_eq!(
        kind("account add --host x"),
        ErrorKind::MissingRequiredArgument
    );
}

#[test]
fn wrong_usage_ends_with_status_two_and_help_with_zero() {
    assert_eq!(parse("lst").unwrap_err().exit_code(), 2);
    assert_eq!(parse("account").unwrap_err().exit_code(), 2);
    assert_eq!(parse("--help").unwrap_err().exit_code(), 0);
    assert_eq!(parse("list --version").unwrap_err().exit_code(), 0);
}

#[test]
fn peek_shows_twenty_lines_unless_told() {
    assert!(matches!(
        command("peek 3"),
        Command::Peek {
            id: MessageId(3),
            lines: 20
        }
    ));
    assert!(matches!(
        command("peek 3 --lines 5"),
        Command::Peek { lines: 5, .. }
    ));
}

#[test]
fn apply_takes_the_number_of_messages_without_a_copy() {
    let Command::Apply(apply) = command("apply home --yes --without-copy 3") else {
        panic!("not apply");
    };
    assert_eq!(
        (apply.accounts.len(), apply.yes, apply.without_copy),
        (1, true, Some(3))
    );
}

#[test]
fn an_account_can_be_described_in_full_without_questions() {
    let cli = Cli::try_parse_from([
        "poppet",
        "account",
        "add",
        "--email",
        "sam@example.net",
        "--host",
        "pop.example.net",
        "--user",
        "sam",
        "--tls",
        "starttls",
        "--keep",
        "30 days",
        "--bodies",
        "5 MB",
        "--quota",
        "2 GB",
        "--password-command",
        "pass show 'mail/my home'",
    ])
    .unwrap();
    let Some(Command::Account(Account::Add(add))) = cli.command else {
        panic!("not account add");
    };
    assert_eq!(
        (add.tls, add.auth, add.port),
        (Tls::StartTls, Auth::Auto, None)
    );
    assert_eq!(
        (add.keep, add.bodies),
        (Some(Keep::Days(30)), Some(BodyRule::UpTo(5_000_000)))
    );
    assert_eq!(add.quota, Some(2_000_000_000));
    let words = ["pass", "show", "mail/my home"].map(str::to_owned).to_vec();
    assert_eq!(add.password_command, Some(CommandLine(words)));
}

#[test]
fn keep_rules_are_read() {
    for (text, rule) in [
        ("until-deleted", Keep::UntilDeleted),
        ("until-downloaded", Keep::UntilDownloaded),
        ("30 days", Keep::Days(30)),
        ("1day", Keep::Days(1)),
        ("newest 500", Keep::Newest(500)),
        ("500 MB", Keep::Size(500_000_000)),
    ] {
        assert_eq!(keep(text), Ok(rule), "{text}");
    }
    for text in [
        "", "0 days", "newest 0", "newest", "-3 days", "0 MB", "forever", "30",
    ] {
        assert!(keep(text).is_err(), "{text}");
    }
}

#[test]
fn a_command_line_keeps_quoted_words_together() {
    let words = |text| command_line(text).map(|line| line.0);
    let owned = |list: &[&str]| {
        Ok(list
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>())
    };
    assert_eq!(words("pass show mail"), owned(&["pass", "show", "mail"]));
    assert_eq!(
        words("a 'b c' \"d e\"f ''"),
        owned(&["a", "b c", "d ef", ""])
    );
    assert_eq!(words("it's"), Err("a closing ' is missing".to_owned()));
    for nothing in ["", "  ", "'' x"] {
        assert!(words(nothing).is_err(), "{nothing}");
    }
}

#[test]
fn completions_and_manual_pages_come_from_it() {
    let mut cli = Cli::command();
    let mut out = Vec::new();
    for shell in Shell::value_variants() {
        out.clear();
        clap_complete::generate(*shell, &mut cli, "poppet", &mut out);
        assert!(
            String::from_utf8_lossy(&out).contains("without-copy"),
            "{shell}"
        );
    }
    out.clear();
    clap_mangen::Man::new(cli).render(&mut out).unwrap();
    let page = String::from_utf8_lossy(&out);
    assert!(page.contains("POPPET_DATA_DIR") && page.contains("the login was refused"));
}

#[test]
fn of_an_option_that_is_given_twice_the_last_one_holds() {
    for line in [
        "--color never list --color always",
        "list --color never --color always --json --json",
    ] {
        assert_eq!(parse(line).unwrap().global.color, Color::Always, "{line}");
    }
    let Command::List(list) = command("list --limit 1 --limit 2 --sort size --sort from") else {
        panic!("not list");
    };
    assert_eq!((list.limit, list.sort), (Some(2), SortBy::From));
    let Command::Export(export) = command("export --mbox a --mbox b") else {
        panic!("not export");
    };
    assert_eq!(export.target.mbox, Some("b".into()));
}

#[test]
fn a_number_that_does_not_fit_is_told_with_its_sign_and_the_range() {
    for (line, parts) in [
        ("list --limit -1", ["'-1'", "from 1 to "]),
        (
            "demo --messages 5000000000",
            ["'5000000000'", "from 0 to 4294967295"],
        ),
        (
            "peek 3 --lines 99999999999",
            ["'99999999999'", "from 0 to 4294967295"],
        ),
        ("peek 3 --lines -3", ["'-3'", "from 0 to 4294967295"]),
        (
            "demo --latency 1e9",
            ["'1e9'", "from 0 to 18446744073709551615"],
        ),
    ] {
        let told = parse(line).unwrap_err().to_string();
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
    assert!(parse("list export -x").is_ok());
    let told = parse("account list -x").unwrap_err().to_string();
    assert!(told.contains("'-x'"), "{told}");
}
