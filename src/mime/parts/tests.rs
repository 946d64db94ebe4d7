use super::*;
use proptest::prelude::*;

fn bodies(octets: &[u8]) -> Vec<(String, String)> {
    let parts = Parts::parse(octets);
    let show = |part: &Part<'_>| {
        (
            part.media.value.clone(),
            String::from_utf8_lossy(parts.body(part)).into_owned(),
        )
    };
    parts.all.iter().map(show).collect()
}

fn kinds(octets: &[u8]) -> Vec<String> {
    bodies(octets).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn a_message_without_mime_is_one_text_part() {
    let all = bodies(b"Subject: x\r\n\r\nhello\r\n--no boundary\r\n");
    assert_eq!(
        all,
        [(
            "text/plain".to_owned(),
            "hello\r\n--no boundary\r\n".to_owned()
        )]
    );
}

#[test]
fn the_line_break_before_a_boundary_belongs_to_it() {
    let octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\none\r\n\r\n--b \r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\nepilogue";
    let all = bodies(octets);
    assert_eq!(all[1], ("text/plain".to_owned(), "one\r\n".to_owned()));
    assert_eq!(all[2], ("text/html".to_owned(), "two".to_owned()));
    assert_eq!(all.len(), 3);
}

#[test]
fn an_outer_boundary_ends_an_inner_multipart_that_forgot_its_own() {
    let octets = b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=aa\n\n--aa\n\ninner\n--a\nContent-Type: image/png\n\nx\n--a--\n";
    let parts = Parts::parse(octets);
    assert_eq!(
        kinds(octets),
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "image/png"
        ]
    );
    assert_eq!(parts.children(0), [1, 3]);
    assert_eq!(parts.children(1), [2]);
    assert_eq!(bodies(octets)[2].1, "inner");
}

#[test]
fn a_missing_end_ends_with_the_message() {
    let octets = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhalf";
    assert_eq!(bodies(octets)[1].1, "half");
}

#[test]
fn a_part_without_empty_line_does_not_swallow_the_next() {
    let octets = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b\n\nnext\n--b--\n";
    assert_eq!(
        bodies(octets)[1..],
        [
            ("text/html".to_owned(), String::new()),
            ("text/plain".to_owned(), "next".to_owned())
        ]
    );
}

#[test]
fn an_attached_message_contains_its_parts() {
    let octets = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\ntext\n--b\nContent-Type: message/rfc822\n\nSubject: two\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ndeep\n--c--\n--b--\n";
    let parts = Parts::parse(octets);
    assert_eq!(
        kinds(octets),
        [
            "multipart/digest",
            "message/rfc822",
            "text/plain",
            "message/rfc822",
            "multipart/mixed",
            "text/plain"
        ]
    );
    assert_eq!(parts.children(3), [4]);
    assert_eq!(parts.children(4), [5]);
    assert_eq!(bodies(octets)[2].1, "text");
    assert_eq!(bodies(octets)[5].1, "deep");
    assert_eq!(bodies(octets)[1].1, "Subject: one\n\ntext");
}

#[test]
fn depth_and_number_have_limits() {
    let mut nested = Vec::new();
    for level in 0..10_000 {
        nested.extend(
            format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n").bytes(),
        );
    }
    let parts = Parts::parse(&nested);
    assert!(parts.cut.is_some() && parts.all.len() <= 66);

    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\n".repeat(200_000)
    );
    let parts = Parts::parse(many.as_bytes());
    assert!(parts.cut.is_some() && parts.all.len() == MOST);

    let messages = "Content-Type: message/rfc822\n\n".repeat(10_000);
    let parts = Parts::parse(messages.as_bytes());
    assert!(parts.cut.is_some() && parts.all.len() <= 66);
}

#[test]
fn a_boundary_that_is_too_long_delimits_nothing() {
    let long = "x".repeat(1 << 20);
    let octets = format!("Content-Type: multipart/mixed; boundary={long}\n\n--{long}\n\na\n");
    assert_eq!(kinds(octets.as_bytes()).len(), 1);
}

#[test]
fn html_without_charset_is_read_by_its_meta() {
    let octets = b"Content-Type: text/html\n\n<meta charset=\"koi8-r\"><p>\xF0\xD2\xC9\xD7\xC5\xD4";
    let parts = Parts::parse(octets);
    let (text, cut) = parts.text(parts.at(0).unwrap(), 1000);
    assert!(text.ends_with("Привет") && !cut);
}

proptest! {
    #[test]
    fn parts_lie_inside_the_message_whatever_it_is(pieces in prop::collection::vec(
        prop::sample::select(vec!["--b\n", "--b--\n", "--c\r\n", "--c--", "\n", "\r\n", "text\n", "A: b\n",
            "Content-Type: multipart/mixed; boundary=b\n", "Content-Type: multipart/x; boundary=c\n",
            "Content-Type: message/rfc822\n", "Content-Transfer-Encoding: base64\n"]), 0..60)) {
        let octets = pieces.concat();
        let parts = Parts::parse(octets.as_bytes());
        prop_assert!(!parts.all.is_empty());
        for part in &parts.all {
            prop_assert!(part.body.start <= part.body.end && part.body.end <= octets.len());
        }
    }
}
