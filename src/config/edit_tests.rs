use std::fs;

use super::*;
use crate::mail::{BodyRule, Keep};

fn home() -> NewAccount {
    NewAccount {
        account: AccountId::new("home").unwrap(),
        email: "sam@example.net".to_owned(),
        name: "Sam \"S\" O'Neil".to_owned(),
        host: "pop.example.net".to_owned(),
        port: 995,
        tls: Tls::Implicit,
        allow_cleartext: false,
        user: "sam".to_owned(),
        auth: Auth::Auto,
        password: Password::Keyring,
        bodies: "{ up_to = \"5 MB\" }".to_owned(),
        keep: "{ days = 30 }".to_owned(),
        quota: Some("2 GB".to_owned()),
        ca_file: None,
        pin: None,
    }
}

fn work() -> NewAccount {
    NewAccount {
        account: AccountId::new("work.b\u{fc}ro").unwrap(),
        host: "127.0.0.1".to_owned(),
        port: 1100,
        tls: Tls::None,
        auth: Auth::ScramSha256,
        password: Password::Command(vec!["pass".to_owned(), "show \"x\"\n".to_owned()]),
        quota: None,
        ..home()
    }
}

/// A file with this text in a folder of its own, which goes with the first value.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn a_new_file_is_made_with_its_folder_and_loads_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/config.toml");
    add_account(&path, &home()).unwrap();
    add_account(&path, &work()).unwrap();
    let config = Config::load(&path).unwrap();
    let [first, second] = config.accounts.as_slice() else {
        panic!("{config:?}");
    };
    assert_eq!(
        (first.id.as_str(), first.name.as_str()),
        ("home", "Sam \"S\" O'Neil")
    );
    assert_eq!(first.bodies, BodyRule::UpTo(5_000_000));
    assert_eq!(first.retention.keep, Keep::Days(30));
    assert_eq!(first.retention.quota, Some(2_000_000_000));
    assert_eq!(second.id, work().account);
    assert_eq!(second.pop3.password, work().password);
    assert_eq!(
        (second.pop3.tls, second.pop3.port, second.pop3.auth),
        (Tls::None, 1100, Auth::ScramSha256)
    );
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with("# poppet's configuration.")
    );
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/config.toml");
    add_account(&path, &home()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one() {
    let (folder, path) = file("# mine\n");
    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    set_key(&link, &["theme"], "\"dark\"").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .contains("theme = \"dark\"")
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn adding_an_account_leaves_every_octet_before_it() {
    let before = "# mine\r\ntheme = 'dark'   # because\n\n[mirror]  # live\nmaildir = \"~/Mail\"";
    let (_folder, path) = file(before);
    add_account(&path, &home()).unwrap();
    assert!(fs::read_to_string(&path).unwrap().starts_with(before));
    assert!(
        matches!(add_account(&path, &home()), Err(ConfigError::AccountExists(name)) if name == "home")
    );
}

#[test]
fn removing_an_account_takes_its_sections_and_leaves_all_other_comments() {
    let (_folder, path) = file(
        "# about the file\n\ntheme = \"dark\" # because\n\n# my home\n# mailbox\n[accounts.home]\nemail = \"a@b\" # x\n\n\
         [accounts.home.pop3]\nhost = \"h\"\n# tail\n\n# for work\n[accounts.work]\nemail = \"c@d\" # y\npop3 = { host = \"w\" }\n\n\
         # keeping\n[accounts.home.server]\nkeep = { days = 3 } # z\n",
    );
    remove_account(&path, &home().account).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# about the file\n\ntheme = \"dark\" # because\n\n# tail\n\n# for work\n[accounts.work]\nemail = \"c@d\" # y\npop3 = { host = \"w\" }\n\n"
    );
    let again = remove_account(&path, &home().account);
    assert!(matches!(again, Err(ConfigError::NoAccount { others, .. }) if others == ["work"]));
}

#[test]
fn an_account_in_braces_or_with_dots_is_removed_as_well() {
    for text in [
        "accounts = { home = { email = \"a@b\", pop3 = { host = \"h\" } } }\n",
        "accounts.home.email = \"a@b\"\naccounts.home.pop3.host = \"h\"\ntheme = \"dark\"\n",
        "[accounts]\nhome.email = \"a@b\"\nhome.pop3.host = \"h\"\n# stays\n",
        "[accounts.home]\nemail = \"a@b\"\npop3.host = \"h\"\n",
    ] {
        let (_folder, path) = file(text);
        assert_eq!(Config::load(&path).unwrap().accounts.len(), 1, "{text}");
        remove_account(&path, &home().account).unwrap();
        assert_eq!(Config::load(&path).unwrap().accounts.len(), 0, "{text}");
    }
}

#[test]
fn setting_a_key_keeps_the_comments_around_it() {
    let (_folder, path) = file(
        "# top\ntheme = \"auto\"   # light at home\n\n[accounts.home]\nemail = \"a@b\"\n\n[accounts.home.pop3]\nhost = \"h\" # server\n",
    );
    set_key(&path, &["theme"], "\"dark\"").unwrap();
    set_key(&path, &["notify"], "\"bell\"").unwrap();
    set_key(
        &path,
        &["accounts", "home", "server", "rules_delete"],
        "\"auto\"",
    )
    .unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# top\ntheme = \"dark\"   # light at home\nnotify = \"bell\"\n\n[accounts.home]\nemail = \"a@b\"\n\n[accounts.home.pop3]\nhost = \"h\" # server\n\n\
         [accounts.home.server]\nrules_delete = \"auto\"\n"
    );
}

#[test]
fn keys_are_a_word_or_a_section_as_it_takes() {
    let (_folder, path) = file("keys = \"mutt\"\ntheme = \"dark\"\n");
    set_key(&path, &["keys", "delete"], "\"x\"").unwrap();
    set_key(&path, &["keys"], "\"gmail\"").unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "theme = \"dark\"\n\n[keys]\nset = \"gmail\"\ndelete = \"x\"\n"
    );
    let keys = Config::load(&path).unwrap().keys;
    assert_eq!(keys.overrides.first().map(|one| one.line), Some(5));
}

#[test]
fn a_file_that_is_broken_is_left_alone() {
    for broken in [
        "theme = \"dark\n",
        "[accounts.home\n",
        "theme = \"dark\"\ntheme = \"dark\"\n",
    ] {
        let (folder, path) = file(broken);
        assert!(add_account(&path, &home()).is_err());
        assert!(remove_account(&path, &home().account).is_err());
        assert!(set_key(&path, &["theme"], "\"dark\"").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_change_that_would_not_load_is_refused_and_not_written() {
    let (_folder, path) = file("theme = \"dark\"\n");
    for (key, value) in [
        (&["theme"][..], "\"drak/\""),
        (&["nonsense"], "3"),
        (&["theme", "x"], "3"),
        (&["theme"], "\"a\"\nx = 3"),
        (&["accounts", "home", "email"], "\"a@b\""),
    ] {
        assert!(set_key(&path, key, value).is_err(), "{key:?}");
    }
    let wrong = NewAccount {
        keep: "\"sometimes\"".to_owned(),
        ..home()
    };
    assert!(matches!(
        add_account(&path, &wrong),
        Err(ConfigError::Refused(_))
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "theme = \"dark\"\n");
}
