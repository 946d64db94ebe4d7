use super::*;

fn warned(target: &str, text: &str) -> Option<String> {
    let mut links = Links::default();
    links.add(target, text)?;
    links.into_list().remove(0).warning
}

#[test]
fn honest_links_are_not_warned_of() {
    for (target, text) in [
        ("https://example.org/a?b=c@d", "read more"),
        ("https://www.example.org/", "example.org"),
        ("https://click.example.org/x", "https://example.org/"),
        ("https://example.org:8443/x", "example.org"),
        ("https://example.org/x", "report.pdf"),
        ("https://example.org/x", "v1.2"),
        ("mailto:ada@example.org?subject=x", "ada@example.org"),
    ] {
        assert_eq!(warned(target, text), None, "{target} {text}");
    }
}

#[test]
fn v17_deceptive_links_are_warned_of() {
    for (target, text, wanted) in [
        (
            "https://evil.example/",
            "https://bank.example/login",
            "the text says bank.example, but it leads to evil.example",
        ),
        (
            "https://evil.example/",
            "www.bank.example",
            "the text says www.bank.example, but it leads to evil.example",
        ),
        (
            "https://bank.example@evil.example/",
            "",
            "leads to evil.example; bank.example is only a user name in it",
        ),
        (
            "https://bank.example\\@evil.example/",
            "evil.example",
            "the text says evil.example, but it leads to bank.example",
        ),
        (
            "http://192.0.2.7/x",
            "here",
            "leads to a bare address, 192.0.2.7, instead of a name",
        ),
        (
            "http://0xC0000207/x",
            "here",
            "leads to a bare address, 0xc0000207, instead of a name",
        ),
        (
            "http://[2001:db8::1]/x",
            "here",
            "leads to a bare address, [2001:db8::1], instead of a name",
        ),
        (
            "https://xn--80ak6aa92e.com/",
            "here",
            "the name xn--80ak6aa92e.com reads аррӏе.com",
        ),
        (
            "https://pаypal.com/",
            "here",
            "the name pаypal.com is really xn--pypal-4ve.com, and mixes alphabets",
        ),
        (
            "javascript:alert(1)",
            "here",
            "javascript: is not opened, only http, https and mailto are",
        ),
        (
            "DATA:text/html,x",
            "here",
            "data: is not opened, only http, https and mailto are",
        ),
        (
            "file:///etc/passwd",
            "here",
            "file: is not opened, only http, https and mailto are",
        ),
        (
            "/relative",
            "here",
            "this is no complete web address and is not opened",
        ),
        (
            "mailto:b@evil.example",
            "a@good.example",
            "the text says a@good.example, but it writes to b@evil.example",
        ),
    ] {
        assert_eq!(warned(target, text).as_deref(), Some(wanted), "{target}");
    }
}

#[test]
fn a_target_is_numbered_once_and_its_texts_are_put_together() {
    let mut links = Links::default();
    assert_eq!(links.add("https://a.example", "one"), Some(1));
    assert_eq!(
        links.add("https://b.example", "https://b.example/"),
        Some(2)
    );
    assert_eq!(links.add("https://a.example", "two"), Some(1));
    assert_eq!(links.add("#top", "top"), None);
    assert_eq!(links.add("javascript:alert(1)", ""), Some(3));
    let list = links.into_list();
    assert!(list[0].is_openable() && !list[2].is_openable());
    assert_eq!(
        (list[0].text.as_str(), list[1].text.as_str()),
        ("one two", "")
    );
}

#[test]
fn numbers_that_are_taken_back_are_given_again_and_the_others_stand() {
    let mut links = Links::default();
    links.add("https://a.example/", "a");
    links.add("https://b.example/", "b");
    links.truncate(1);
    assert_eq!(links.len(), 1);
    assert_eq!(links.number("https://c.example/"), Some(2));
    assert_eq!(links.number("https://b.example/"), Some(3));
    assert_eq!(links.number("https://a.example/"), Some(1));
    let list = links.into_list();
    let targets: Vec<&str> = list.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "https://a.example/",
            "https://c.example/",
            "https://b.example/"
        ]
    );
}

#[test]
fn targets_hold_no_controls_and_have_a_limit() {
    let mut links = Links::default();
    links.add("https://a.example/\u{1b}[2J\u{202E}", "");
    links.add(&format!("https://b.example/{}", "x".repeat(1 << 20)), "");
    let list = links.into_list();
    assert_eq!(list[0].target, "https://a.example/\u{FFFD}[2J<U+202E>");
    assert!(list[1].target.len() <= 8_192 && list[1].warning.is_some());
    assert!(!list[0].is_openable() && !list[1].is_openable());
}

#[test]
fn the_text_of_a_link_is_safe_as_that_of_the_message_is() {
    let mut links = Links::default();
    links.add(
        "https://evil.example/",
        "https://bank.exam\u{202e}/\u{1b}[2J",
    );
    let link = links.into_list().remove(0);
    assert_eq!(link.text, "https://bank.exam<U+202E>/\u{FFFD}[2J");
}
