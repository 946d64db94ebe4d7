use super::*;
use proptest::prelude::*;

#[test]
fn plain_text_is_borrowed() {
    assert!(matches!(line("Grüße, 日本"), Cow::Borrowed("Grüße, 日本")));
    assert!(matches!(text("a\nb"), Cow::Borrowed("a\nb")));
}

#[test]
fn control_characters_become_replacement_characters() {
    assert_eq!(line("a\u{1b}[31mb"), "a\u{FFFD}[31mb");
    assert_eq!(
        line("a\u{7f}\u{8}\0\u{9b}b"),
        "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b"
    );
}

#[test]
fn a_folded_line_becomes_one_line() {
    assert_eq!(line("a\r\nb\tc"), "a b c");
    assert_eq!(line("a\u{2028}b"), "a b");
}

#[test]
fn text_keeps_line_breaks_and_expands_tabs() {
    assert_eq!(text("a\tb\r\n\tc\rd"), "a       b\n        c\nd");
}

#[test]
fn v17_directional_controls_are_shown() {
    assert_eq!(line("invoice\u{202E}fdp.exe"), "invoice<U+202E>fdp.exe");
    assert_eq!(line("\u{2066}\u{2066}x"), "<U+2066>x");
    assert_eq!(text("\u{200F}\u{61C}"), "<U+200F><U+061C>");
}

#[test]
fn an_invisible_character_is_shown_inside_a_word_and_dropped_elsewhere() {
    assert_eq!(line("pay\u{200B}pal"), "pay<U+200B>pal");
    assert_eq!(line("Sale \u{200C}\u{200B}\u{FEFF}"), "Sale ");
    assert_eq!(text("pay\u{200B}pal"), "paypal");
    assert_eq!(line("Silben\u{AD}trennung"), "Silbentrennung");
}

#[test]
fn joiners_stay_where_scripts_and_emoji_need_them() {
    for whole in [
        "👩‍👩‍👧",
        "می\u{200C}خواهم",
        "क्\u{200D}ष",
        "❤\u{FE0F}",
        "1\u{FE0F}\u{20E3}",
    ] {
        assert_eq!(line(whole), whole);
    }
}

#[test]
fn v17_floods_of_marks_joiners_and_selectors_are_capped() {
    let flood = format!("a{}", "\u{301}".repeat(1000));
    assert_eq!(line(&flood).chars().count(), 9);
    let flood = format!("❤{}", "\u{FE0F}".repeat(1000));
    assert_eq!(line(&flood), "❤\u{FE0F}");
    let flood = "👩\u{200D}".repeat(1000);
    let out = line(&flood);
    let longest = unicode_segmentation::UnicodeSegmentation::graphemes(out.as_ref(), true)
        .map(|cluster| cluster.chars().count())
        .max();
    assert!(longest <= Some(20), "{longest:?}");
}

#[test]
fn a_mark_without_a_letter_gets_a_circle_to_stand_on() {
    assert_eq!(line("\u{301}a"), "◌\u{301}a");
    assert_eq!(text("a\n\u{301}"), "a\n◌\u{301}");
    assert_eq!(line("e\u{301}"), "e\u{301}");
}

#[test]
fn v17_hidden_tags_private_and_interlinear_characters_are_replaced() {
    assert_eq!(line("a\u{E0041}\u{E0042}b"), "a\u{FFFD}b");
    assert_eq!(
        line("\u{E000}\u{F0000}\u{FFF9}\u{FFFF}"),
        "\u{FFFD}".repeat(4)
    );
}

#[test]
fn octets_that_are_no_text_are_replaced() {
    assert_eq!(
        octets(b"-ERR \xff\x1b]0;x\x07"),
        "-ERR \u{FFFD}\u{FFFD}]0;x\u{FFFD}"
    );
}

#[test]
fn v18_hostile_file_names_become_harmless() {
    for (name, wanted) in [
        ("../../etc/passwd", "passwd"),
        ("/etc/shadow", "shadow"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("~/.ssh/authorized_keys", "authorized_keys"),
        ("~root", "_~root"),
        ("-rf", "_-rf"),
        ("a\nb.txt", "a b.txt"),
        (".bashrc", "bashrc"),
        ("...", "attachment"),
        ("..", "attachment"),
        ("", "attachment"),
        ("photo\u{202E}gpj.exe", "photogpj.exe"),
        ("a\0b.pdf", "ab.pdf"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM1.log", "_COM1.log"),
        ("console.txt", "console.txt"),
        ("$(id).txt", "_(id).txt"),
        ("`id`;%s.txt", "_id___s.txt"),
        ("trailing. . ", "trailing"),
        ("Bericht (2).pdf", "Bericht (2).pdf"),
        ("日本語.pdf", "日本語.pdf"),
        ("folder/", "folder"),
    ] {
        assert_eq!(file_name(name), wanted, "{name:?}");
    }
}

#[test]
fn v18_marks_on_nothing_and_heaps_of_marks_are_in_no_file_name() {
    let heap = "\u{301}".repeat(20);
    for name in [
        format!("e{heap}.pdf"),
        "\u{306}".to_owned(),
        ".\u{306}x".to_owned(),
        format!(" .{heap}"),
        "\u{E0100} x".to_owned(),
        "\u{E0100}.\u{306}x".to_owned(),
    ] {
        let name = file_name(&name);
        assert_eq!(line(&name), name);
        assert!(!name.starts_with(['.', ' ']), "{name:?}");
        assert!(name.matches('\u{301}').count() <= 8, "{name:?}");
    }
}

#[test]
fn long_file_names_keep_their_ending() {
    let name = file_name(&format!("{}.pdf", "ü".repeat(300)));
    assert!(name.len() <= 120 && name.ends_with("ü.pdf"), "{name}");
    assert_eq!(file_name(&"x".repeat(300)).len(), 120);
    assert_eq!(file_name(&format!("a.{}", "x".repeat(300))).len(), 120);
}

#[test]
fn v18_names_that_disguise_a_program_are_warned_of() {
    assert_eq!(
        warning("invoice.pdf.exe").as_deref(),
        Some("two endings: it looks like .pdf but is .exe, a program")
    );
    assert_eq!(warning("setup.EXE").as_deref(), Some(".exe is a program"));
    assert_eq!(
        warning("ann\u{202E}gpj.scr").as_deref(),
        Some("the name contains characters that turn it round")
    );
    assert_eq!(
        warning("list.xlsm").as_deref(),
        Some(".xlsm may contain macros")
    );
    assert_eq!(warning("backup.tar.gz"), None);
    assert_eq!(warning("exe"), None);
    assert_eq!(warning("v1.2.pdf"), None);
}

fn is_clean(text: &str, line_feeds: bool) -> bool {
    text.chars().all(|c| {
        (line_feeds && c == '\n') || !(is_bidirectional(c) || is_invisible(c) || is_no_text(c))
    })
}

proptest! {
    #[test]
    fn whatever_comes_in_nothing_unsafe_comes_out(input in any::<String>()) {
        prop_assert!(is_clean(&line(&input), false));
        prop_assert!(is_clean(&text(&input), true));
    }

    #[test]
    fn cleaning_twice_changes_nothing(input in any::<String>()) {
        let once = line(&input).into_owned();
        prop_assert!(matches!(line(&once), Cow::Borrowed(_)), "{once:?}");
        let once = text(&input).into_owned();
        prop_assert_eq!(text(&once), once.as_str());
    }

    #[test]
    fn p82_every_octet_string_can_be_shown(input in any::<Vec<u8>>()) {
        prop_assert!(is_clean(&octets(&input), false));
    }

    #[test]
    fn every_file_name_is_one_harmless_name(input in any::<String>()) {
        let name = file_name(&input);
        prop_assert!(!name.is_empty() && name.len() <= 121);
        prop_assert!(!name.starts_with(['.', '-', '~', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
        prop_assert!(!name.contains(['/', '\\', '\0', '\n']) && is_clean(&name, false));
    }
}
