//! V18, V19, V30: what a message may do to the files of a person, by names, by programs that open them, and by rights.

use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use poppet::demo::{Maildrop, Message};

use crate::octets::names_in;
use crate::pty::Pty;
use crate::served::Served;
use crate::support::home::{Home, id, text};
use crate::support::real::until;

/// Names that want to be somewhere else, or something else.
const NAMES: &[&str] = &[
    "../escape",
    "../../../../../../tmp/escape",
    "/etc/passwd",
    "~/.ssh/authorized_keys",
    "~root",
    "-rf",
    "--help",
    ".bashrc",
    "..",
    ".",
    "...",
    "C:\\Windows\\system32\\x.dll",
    "\\\\server\\share\\x",
    "CON",
    "nul.txt",
    "a:b",
    "a;id",
    "`id`",
    "$(id)",
    "%s",
    "|id",
    "a\\\"b",
    "name with  blanks",
    "\u{202e}gpj.exe",
    "invoice.pdf.exe",
    "taken.txt",
    "link.txt",
    "",
    " ",
];

#[test]
fn v18_names_of_attachments_stay_in_the_folder_and_overwrite_nothing() {
    let long = "x".repeat(300) + ".pdf";
    let pieces = "filename*0*=utf-8''..%2F..%2Fesc; filename*1*=ape%2E; filename*2=sh";
    let mut dispositions: Vec<String> = NAMES
        .iter()
        .map(|name| format!("filename=\"{name}\""))
        .collect();
    dispositions.extend([
        format!("filename=\"{long}\""),
        pieces.to_owned(),
        "filename=\"=?utf-8?q?..=2F..=2Fescape?=\"".to_owned(),
        "filename*=utf-8''a%0Ab%0D%00c".to_owned(),
        "filename=\"a\u{1b}[2Jb\"".to_owned(),
    ]);
    let (home, _server) = with_parts(&dispositions);
    let folder = home.path().join("saved");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("taken.txt"), "mine").unwrap();
    let elsewhere = home.path().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, folder.join("link.txt")).unwrap();
    let before = names_in(home.path());
    let number = id(&home.list("").remove(0));
    let saved = with_umask(
        &home,
        &["attachments", &number, "--save", "saved", "--json"],
    )
    .json();
    assert_eq!(saved.len(), dispositions.len());
    for file in &saved {
        let path = PathBuf::from(file["file"].as_str().unwrap());
        let path = home.path().join(path).canonicalize().unwrap();
        assert_eq!(
            path.parent().unwrap(),
            folder.canonicalize().unwrap(),
            "{}",
            path.display()
        );
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            !name.starts_with(['.', '-', '~', ' ']) && name.len() <= 130,
            "{name:?}"
        );
        assert!(
            name.chars()
                .all(|c| !c.is_control() && !"/\\:*?\"<>|`$;%\u{202e}".contains(c)),
            "{name:?}"
        );
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600,
            "{name}"
        );
    }
    assert_eq!(std::fs::read(folder.join("taken.txt")).unwrap(), b"mine");
    assert!(!elsewhere.exists());
    let made: Vec<_> = names_in(home.path())
        .into_iter()
        .filter(|name| !before.contains(name))
        .collect();
    assert!(made.is_empty(), "{made:?}");
}

#[test]
fn v19_v30_an_attachment_is_opened_by_its_path_alone_from_a_folder_of_ones_own() {
    for name in [
        "$(touch pwned).txt",
        "`touch pwned`.txt",
        ";touch pwned;.txt",
        "-rf.txt",
        "%s.txt",
        "a b.txt",
    ] {
        let (home, _server) = with_parts(&[format!("filename=\"{name}\"")]);
        let seen = opener(&home);
        let mut reader = reader(&home);
        reader.wait_for("with parts");
        reader.keys("\r");
        reader.wait_for("the text of it");
        reader.keys("A");
        reader.wait_for("1 attachment");
        reader.keys("\r");
        let opened = wait_for(&seen);
        assert_eq!(opened.len(), 1, "{name}: one argument: {opened:?}");
        let path = Path::new(&opened[0]);
        assert!(path.is_absolute(), "{opened:?}");
        let file = std::fs::metadata(path).unwrap();
        assert_eq!(file.permissions().mode() & 0o7777, 0o600, "{name}");
        let folder = std::fs::metadata(path.parent().unwrap()).unwrap();
        assert_eq!(folder.permissions().mode() & 0o7777, 0o700, "{name}");
        assert_eq!(folder.uid(), rustix::process::getuid().as_raw());
        assert!(path.starts_with(home.path().join("tmp")), "{opened:?}");
        reader.keys("\x1bqq");
        drop(reader);
        assert!(!home.path().join("pwned").exists());
    }
}

#[test]
fn v19_an_opener_is_given_neither_the_type_nor_the_charset_of_a_file() {
    for kind in [
        "text/$(touch pwned); charset=utf-8",
        "text/plain; charset=\"$(touch pwned)\"",
        "text/plain; charset=\"';touch pwned;'\"; name=\"`touch pwned`\"",
        "application/x-%s; x=\"%t;touch pwned\"",
        "`touch`/`pwned`",
    ] {
        let message = format!(
            "From: a@x.example\r\nSubject: with parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\
             the text of it\r\n--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"a.txt\"\r\n\r\n\
             part\r\n--b--\r\n"
        );
        let server = Served::mailbox(Maildrop::new(vec![Message::new(message)]));
        let home = Home::with_accounts(&[server.account()]);
        home.poppet(["sync"]).expect_code(0);
        let seen = opener(&home);
        let mut reader = reader(&home);
        reader.wait_for("with parts");
        reader.keys("\r");
        reader.wait_for("the text of it");
        // The panel is the question: what it is, how large, and nothing opened yet.
        reader.keys("A");
        let asked = reader.wait_for("1 attachment");
        assert!(asked.contains("a.txt"), "{kind}: {asked}");
        assert!(
            !seen.exists(),
            "{kind}: nothing is opened before the answer"
        );
        reader.keys("\r");
        let opened = wait_for(&seen);
        assert_eq!(opened.len(), 1, "{kind}: one argument: {opened:?}");
        assert!(opened[0].ends_with("/a.txt"), "{kind}: {opened:?}");
        reader.keys("\x1bqq");
        drop(reader);
        assert!(!home.path().join("pwned").exists(), "{kind}");
    }
}

#[test]
fn v19_a_link_is_opened_as_one_argument_and_only_after_a_question() {
    let target = "https://x.example/$(touch%20pwned)?a='b'&c;touch%20pwned";
    let message =
        format!("From: a@x.example\r\nSubject: with parts\r\n\r\nthe text of it: {target}\r\n");
    let server = Served::mailbox(Maildrop::new(vec![Message::new(message)]));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let seen = opener(&home);
    let mut reader = reader(&home);
    reader.wait_for("with parts");
    reader.keys("\r");
    reader.wait_for("the text of it");
    reader.keys("1");
    let asked = reader.wait_for("Open this link?");
    assert!(asked.contains("https://x.example/"), "{asked}");
    assert!(!seen.exists(), "nothing is opened before the answer");
    reader.keys("o");
    let opened = wait_for(&seen);
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert!(
        target.starts_with(&opened[0][..opened[0].len().min(40)]),
        "{opened:?}"
    );
    drop(reader);
    assert!(!home.path().join("pwned").exists());
}

#[test]
fn v30_nothing_of_a_person_is_readable_for_others_whatever_the_umask() {
    let (home, _server) = with_parts(&["filename=\"a.txt\"".to_owned()]);
    for folder in ["data", "state", "cache"] {
        let _ = std::fs::remove_dir_all(home.path().join(folder));
        std::fs::create_dir(home.path().join(folder)).unwrap();
    }
    with_umask(&home, &["sync", "-v"]).expect_code(0);
    let number = id(&home.list("").remove(0));
    with_umask(&home, &["show", &number]).expect_code(0);
    with_umask(&home, &["export", "--eml", "out"]).expect_code(0);
    let mut looked = 0;
    for part in ["data", "state", "cache", "out"] {
        walk(&home.path().join(part), &mut |path| {
            let mode = std::fs::symlink_metadata(path)
                .unwrap()
                .permissions()
                .mode()
                & 0o7777;
            assert_eq!(mode & 0o077, 0, "{} has {mode:o}", path.display());
            looked += 1;
        });
    }
    assert!(looked >= 4, "{looked} files and folders");
}

#[test]
fn v30_neither_store_nor_lock_is_made_through_a_link_that_waits_for_it() {
    let (home, _server) = with_parts(&["filename=\"a.txt\"".to_owned()]);
    let folder = home.path().join("data/poppet");
    let made = names_in(&folder);
    assert!(made.iter().any(|name| name == "mail.db"), "{made:?}");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let target = home.path().join("somewhere");
    for name in &made {
        std::os::unix::fs::symlink(&target, folder.join(name)).unwrap();
    }
    for command in ["sync", "check", "list"] {
        let run = home.poppet([command, "--json"]).expect_code(5);
        assert_eq!(text(&run.problem(), "what"), "The mail store is not there");
        assert!(!target.exists(), "{command}");
    }
    assert_eq!(names_in(&folder), made);
}

#[test]
fn v30_a_link_in_place_of_the_lock_empties_no_file_and_fetches_nothing() {
    let (home, server) = with_parts(&["filename=\"a.txt\"".to_owned()]);
    let mut locks = Vec::new();
    for part in ["data", "state", "cache", "run"] {
        walk(&home.path().join(part), &mut |path| {
            if path.extension().is_some_and(|end| end == "lock") {
                locks.push(path.to_owned());
            }
        });
    }
    let [lock] = locks.as_slice() else {
        panic!("{locks:?}")
    };
    let diary = home.path().join("diary");
    std::fs::write(&diary, "dear diary").unwrap();
    std::fs::remove_file(lock).unwrap();
    std::os::unix::fs::symlink(&diary, lock).unwrap();
    let sessions = server.maildrop().sessions().len();
    let run = home.poppet(["sync", "--json"]).expect_code(5);
    assert_eq!(text(&run.problem(), "what"), "The lock file is a link");
    assert_eq!(std::fs::read(&diary).unwrap(), b"dear diary");
    assert_eq!(server.maildrop().sessions().len(), sessions);
    // Without it, all is as before.
    std::fs::remove_file(lock).unwrap();
    home.poppet(["sync"]).expect_code(0);
}

#[test]
fn v30_a_store_that_was_moved_and_linked_to_is_used_where_it_is() {
    let (home, _server) = with_parts(&["filename=\"a.txt\"".to_owned()]);
    let store = home.path().join("data/poppet/mail.db");
    let moved = home.path().join("moved.db");
    std::fs::rename(&store, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &store).unwrap();
    home.poppet(["sync"]).expect_code(0);
    assert_eq!(home.list("").len(), 1);
    assert!(std::fs::symlink_metadata(&store).unwrap().is_symlink());
}

/// A home with one message that has these attachments.
fn with_parts(dispositions: &[String]) -> (Home, Served) {
    let mut parts = String::new();
    for (n, disposition) in dispositions.iter().enumerate() {
        let _ = write!(
            parts,
            "--b\r\nContent-Type: text/x-odd\r\nContent-Disposition: attachment; {disposition}\r\n\r\npart {n}\r\n"
        );
    }
    let message = format!(
        "From: a@x.example\r\nSubject: with parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nthe text of it\r\n{parts}--b--\r\n"
    );
    let server = Served::mailbox(Maildrop::new(vec![Message::new(message)]));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    (home, server)
}

/// A program that stands for whatever opens files here, and the file in which it writes what it was given.
fn opener(home: &Home) -> PathBuf {
    let folder = home.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let seen = home.path().join("opened");
    let script = format!(
        "#!/bin/sh\nprintf '%s\\0' \"$@\" > '{0}.new' && mv '{0}.new' '{0}'\n",
        seen.display()
    );
    for name in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
        let file = folder.join(name);
        std::fs::write(&file, &script).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    seen
}

fn reader(home: &Home) -> Pty {
    let mut plain = Command::new("sh");
    let poppet = home.command(Vec::<&str>::new());
    plain
        .args(["-c", "umask 000; exec \"$0\""])
        .arg(poppet.get_program())
        .current_dir(home.path());
    for (name, value) in poppet.get_envs() {
        plain.envs(value.map(|value| (name, value)));
    }
    let path = format!(
        "{}:{}",
        home.path().join("bin").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    plain.env("PATH", path);
    Pty::start(&plain, 80, 24)
}

/// What the opener was given, an argument each.
#[track_caller]
fn wait_for(seen: &Path) -> Vec<String> {
    let text = until(Duration::from_secs(30), || {
        std::fs::read_to_string(seen).ok()
    })
    .expect("something is opened");
    let _ = std::fs::remove_file(seen);
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// Runs the binary with a umask that takes nothing away.
#[track_caller]
fn with_umask(home: &Home, args: &[&str]) -> crate::support::run::Run {
    let poppet = home.command(args);
    let mut command = Command::new("sh");
    command
        .args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(poppet.get_program())
        .args(poppet.get_args())
        .env_clear()
        .current_dir(home.path());
    for (name, value) in poppet.get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    crate::support::run::Running::start(command, "").end()
}

fn walk(path: &Path, look: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        look(&entry.path());
        if entry.path().is_dir() {
            walk(&entry.path(), look);
        }
    }
}
