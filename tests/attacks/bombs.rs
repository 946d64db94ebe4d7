//! The messages of the limits: each a name and how to make it.

use std::fmt::Write as _;

/// A message made to exhaust a reader.
pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    /// Makes it; of a fraction of the size, when the argument is more than one.
    pub(crate) make: fn(usize) -> Vec<u8>,
}

macro_rules! bombs {
    ($($name:literal: $make:expr),* $(,)?) => {
        pub(crate) const BOMBS: &[Bomb] = &[$(Bomb { name: $name, make: $make }),*];
    };
}

bombs! {
    // V21: parts.
    "10,000 multiparts in each other": |by| nested(10_000 / by, |n| format!("b{n}")),
    "10,000 multiparts of one boundary": |by| nested(10_000 / by, |_| "b".to_owned()),
    "a million empty parts": |by| many(MIXED, "--b\r\n\r\n", 1_000_000 / by, ""),
    "a million boundaries and no part": |by| many(MIXED, "--b\r\n", 1_000_000 / by, ""),
    "a million ends of parts": |by| many(MIXED, "--b--\r\n", 1_000_000 / by, ""),
    "10,000 messages in each other": |by| many("", "Content-Type: message/rfc822\r\n\r\n", 10_000 / by, "x"),
    "10,000 digests in each other": |by| nested_as("multipart/digest", 10_000 / by, |n| format!("b{n}")),
    "boundaries that begin with each other": |by| {
        let mut out = nested(60, |n| "b".repeat(n + 1));
        for n in 0..200_000 / by { let _ = write!(out_text(&mut out), "--{}\r\n", "b".repeat(61 + n % 9)); }
        out
    },
    "lines that are nearly 60 long boundaries": |by| {
        let mut out = nested(60, |n| format!("{}{n:02}", "x".repeat(500)));
        for _ in 0..20_000 / by { let _ = write!(out_text(&mut out), "--{}zz\r\n", "x".repeat(500)); }
        out
    },
    "a boundary of a megabyte": |by| {
        let long = "x".repeat((1 << 20) / by);
        format!("Content-Type: multipart/mixed; boundary=\"{long}\"\r\n\r\n--{long}\r\n\r\ntext\r\n--{long}--\r\n").into_bytes()
    },
    "a boundary that never comes, 50 MB": |by| many(MIXED, "a line of text\r\n", 3_000_000 / by, ""),
    "10,000 parts with long headers": |by| {
        let part = format!("--b\r\n{}\r\n", "X:\r\n".repeat(1_000));
        many(MIXED, &part, 10_000 / by, "")
    },
    "10,000 parts with names in pieces": |by| {
        let pieces: String = (0..20).fold(String::new(), |mut text, n| { let _ = write!(text, "; name*{n}*=%41%42"); text });
        many(MIXED, &format!("--b\r\nContent-Type: image/png{pieces}\r\n\r\n"), 10_000 / by, "")
    },
    "10,000 named files": |by| many(MIXED, "--b\r\nContent-Disposition: attachment; filename=\"../../a.pdf.exe\"\r\n\r\nx\r\n", 10_000 / by, ""),
    "24 files with names of a megabyte of words": |by| {
        let part = format!("--b\r\nContent-Disposition: attachment; filename=\"{}\"\r\n\r\nx\r\n", "a b ".repeat((1 << 18) / by));
        many(MIXED, &part, 24, "")
    },
    "a megabyte of words, each another": |by| {
        let mut out = b"Content-Type: text/plain\r\n\r\n".to_vec();
        for n in 0..250_000 / by { let _ = write!(out_text(&mut out), "{n:04x}{}", if n % 16 == 0 { "\r\n" } else { " " }); }
        out
    },
    "10,000 texts": |by| many(MIXED, "--b\r\nContent-Type: text/plain\r\n\r\nhello https://a.example/ dear\r\n", 10_000 / by, ""),
    "10,000 pages": |by| many(MIXED, "--b\r\nContent-Type: text/html\r\n\r\n<p>hello <a href=https://a.example/>dear</a>\r\n", 10_000 / by, ""),
    "100 pages of 300 kB": |by| {
        let part = format!("--b\r\nContent-Type: text/html\r\n\r\n{}\r\n", "<p>word <b>bold</b> ".repeat(15_000));
        many(MIXED, &part, 100 / by, "")
    },
    "100 pages of 300 kB without a word": |by| {
        let part = format!("--b\r\nContent-Type: text/html\r\n\r\n{}\r\n", "<div><b></b></div>".repeat(16_000));
        many(MIXED, &part, 100 / by, "")
    },
    "100 alternatives of a stub and a page": |by| {
        let part = format!("--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nhi\r\n--c\r\nContent-Type: text/html\r\n\r\n{}\r\n--c--\r\n",
            "<p>word <b>bold</b> ".repeat(15_000));
        many(MIXED, &part, 100 / by, "")
    },
    "200 calendars": |by| {
        let event = "BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20260101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n".repeat(1_000);
        many(MIXED, &format!("--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n"), 200 / by, "")
    },
    "200 delivery reports of 100 kB": |by| many(MIXED, &format!("--b\r\nContent-Type: message/delivery-status\r\n\r\n{}\r\n", "Status: 5.1.1\r\n".repeat(7_000)), 200 / by, ""),
    // V22: headers.
    "a header field of 100 MB": |by| many("Subject: ", "x", 100_000_000 / by, "\r\n\r\nx"),
    "a header of 100 MB": |by| many("", "X-Y: abcdefghijk\r\n", 5_800_000 / by, "\r\nx"),
    "a header of 100 MB of lines without a colon": |by| many("", "abcdefghijklmnop\r\n", 5_500_000 / by, "\r\nx"),
    "a million addresses": |by| many("To: ", "a@x.example,", 1_000_000 / by, "\r\n\r\nx"),
    "a million named addresses": |by| many("From: ", "=?utf-8?q?J=C3=BCrgen?= <a@x.example>, ", 1_000_000 / by, "\r\n\r\nx"),
    "a million groups": |by| many("Cc: ", "a:b@x.example;,", 1_000_000 / by, "\r\n\r\nx"),
    "a million folds": |by| many("Subject: x", "\r\n y", 1_000_000 / by, "\r\n\r\nx"),
    "a million folds of nothing": |by| many("Subject: x", "\r\n ", 1_000_000 / by, "\r\n\r\nx"),
    "a million nested comments": |by| many("From: a@x.example ", "(", 1_000_000 / by, "\r\n\r\nx"),
    "a million comments": |by| many("From: a@x.example ", "()", 500_000 / by, "\r\n\r\nx"),
    "a million nested comments in a media type": |by| many("Content-Type: text/plain ", "(", 1_000_000 / by, "\r\n\r\nx"),
    "a million quotes in an address": |by| many("From: ", "\"\\\"", 300_000 / by, "\r\n\r\nx"),
    "a million angle brackets": |by| many("From: ", "<a<", 300_000 / by, "\r\n\r\nx"),
    "a million ids": |by| many("References: ", "<a.b.c@x.example> ", 1_000_000 / by, "\r\n\r\nx"),
    "a million ids in two fields": |by| {
        let ids = (0..25_000 / by).fold(String::new(), |mut text, n| { let _ = write!(text, "<{n}@x.example> "); text });
        format!("References: {ids}\r\nIn-Reply-To: {ids}\r\n\r\nx").into_bytes()
    },
    "senders that are all answered to": |by| {
        let last = "an.address.of.some.length@and-a-domain.of.some.length.example";
        let filler = "another.address.of.some.length@and-a-domain.of.some.length.example, ".repeat(6_000 / by);
        format!("From: {filler}{last}\r\nReply-To: {}\r\n\r\nx", format!("{last}, ").repeat(5_000 / by)).into_bytes()
    },
    "a date of a megabyte": |by| many("Date: ", "Mon, ", 200_000 / by, "\r\n\r\nx"),
    "combining marks without end": |by| many("Subject: a", "\u{301}", 400_000 / by, "\r\n\r\nx"),
    // V23: encoded words and parameters in pieces.
    "a million encoded words": |by| many("Subject: ", "=?utf-8?q?a?= ", 1_000_000 / by, "\r\n\r\nx"),
    "a million encoded words in a name": |by| many("From: ", "=?utf-8?q?a?= ", 1_000_000 / by, "<a@x.example>\r\n\r\nx"),
    "a million encoded words of two charsets": |by| many("Subject: ", "=?koi8-r?q?=C1?= =?iso-2022-jp?b?GyRCRnxLXBsoQg==?= ", 500_000 / by, "\r\n\r\nx"),
    "a million encoded words of broken base64": |by| many("Subject: ", "=?utf-8?b?=*=Y*W=?= ", 1_000_000 / by, "\r\n\r\nx"),
    "a million characters cut in two": |by| many("Subject: ", "=?utf-8?q?=C3?= =?utf-8?q?=BC?= ", 500_000 / by, "\r\n\r\nx"),
    "a million beginnings of encoded words": |by| many("Subject: ", "=?utf-8?q?", 1_000_000 / by, "\r\n\r\nx"),
    "a million nearly encoded words": |by| many("Subject: ", "=?a?q?b?c ", 1_000_000 / by, "\r\n\r\nx"),
    "a word in an unknown charset, a million times": |by| many("Subject: ", "=?../../x?q?a=FF?= ", 1_000_000 / by, "\r\n\r\nx"),
    "a name in a million pieces": |by| {
        let mut out = b"Content-Type: image/png".to_vec();
        for n in 0..1_000_000 / by { let _ = write!(out_text(&mut out), "; name*{n}*=%41"); }
        out.extend(b"\r\n\r\nx");
        out
    },
    "a name in a million pieces, last first": |by| {
        let mut out = b"Content-Disposition: attachment".to_vec();
        for n in (0..1_000_000 / by).rev() { let _ = write!(out_text(&mut out), "; filename*{n}=a"); }
        out.extend(b"\r\n\r\nx");
        out
    },
    "a million parameters": |by| many("Content-Type: text/plain", "; a=b", 1_000_000 / by, "\r\n\r\nx"),
    // V24: charsets.
    "4 MB of shifts in ISO-2022-JP": |by| charset("iso-2022-jp", "\x1b$B!!\x1b(B", 500_000 / by),
    "4 MB of shifts in ISO-2022-KR": |by| charset("iso-2022-kr", "\x1b$)C\x0e!!\x0f", 500_000 / by),
    "4 MB of shifts in ISO-2022-CN": |by| charset("iso-2022-cn", "\x1b$)A\x0e!!\x0f", 500_000 / by),
    "4 MB of HZ": |by| charset("hz-gb-2312", "~{VPND~}", 500_000 / by),
    "4 MB of UTF-7": |by| charset("utf-7", "+ZeVnLIqe-", 400_000 / by),
    "4 MB of lone surrogates": |by| charset_octets("utf-16le", b"\x00\xD8a\x00", 1_000_000 / by),
    "4 MB of overlong UTF-8": |by| charset_octets("utf-8", b"\xC0\xAF\xE0\x80\xAF", 800_000 / by),
    "4 MB of GB18030": |by| charset_octets("gb18030", b"\x81\x30\x81\x30\xFE\xFE", 600_000 / by),
    "4 MB of Big5": |by| charset_octets("big5", b"\x88\x62\x88\x64", 1_000_000 / by),
    "a charset of a megabyte": |by| many("Content-Type: text/plain; charset=\"", "x", 1_000_000 / by, "\"\r\n\r\n\u{FF}"),
    // V26: encodings.
    "100 MB of base64 as text": |by| many("Content-Transfer-Encoding: base64\r\n\r\n", "aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxkISAK\r\n", 2_600_000 / by, ""),
    "100 MB of base64 as a page": |by| many("Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n", "PGRpdj48Yj54PC9iPjwvZGl2Pgo=\r\n", 3_300_000 / by, ""),
    "100 MB of base64 attached": |by| many("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n", "aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxkISAK\r\n", 2_600_000 / by, ""),
    "10 million soft breaks": |by| many("Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=\r\n", 10_000_000 / by, ""),
    "10 million soft breaks attached": |by| many("Content-Type: image/png\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "=\r\n", 10_000_000 / by, ""),
    "100 MB of quoted-printable attached": |by| many("Content-Type: image/png\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "an octet =3D and more of it\r\n", 3_500_000 / by, ""),
    "100 MB of uuencode": |by| many("Content-Type: text/plain\r\n\r\nbegin 644 x\r\n", "M86)C9&5F9VAI:FML;6YO<'%R<W1U=G=X>7IA8F-D969G:&EJ:VQM;F]P<7)S\r\n", 1_500_000 / by, "`\r\nend\r\n"),
    "2 million lines": |by| many("\r\n", "x\r\n", 2_000_000 / by, ""),
    "4 million empty lines": |by| many("\r\n", "\n", 4_000_000 / by, "x"),
    "a line of 4 MB": |by| many("\r\n", "x", 4 << 20 >> by.ilog2(), ""),
    "a line of a million words": |by| many("\r\n", "abc ", 1_000_000 / by, ""),
    "a paragraph of a million flowed lines": |by| many("Content-Type: text/plain; format=flowed\r\n\r\n", "a \r\n", 1_000_000 / by, ""),
    "quote marks without end": |by| many("\r\n", "> ", 2_000_000 / by, "x"),
    "a million quoted lines": |by| many("\r\n", ">> x\r\n", 600_000 / by, ""),
    "200,000 links in a text": |by| numbered("\r\n", |n| format!("https://x.example/{n} "), 200_000 / by, ""),
    "200,000 links in lines": |by| numbered("\r\n", |n| format!("https://x.example/{n}\r\n"), 200_000 / by, ""),
    "a link of 4 MB": |by| many("\r\nhttps://x.example/", "abcd", 1_000_000 / by, ""),
    "nearly links without end": |by| many("\r\n", "a.b@c.d.e:f/", 350_000 / by, ""),
    "nearly links of at signs": |by| many("\r\n", "@", 4_000_000 / by, ""),
    "nearly links of dots": |by| many("\r\n", "a.", 2_000_000 / by, "b@c"),
    "nearly links of colons": |by| many("\r\n", "a://", 1_000_000 / by, ""),
    "brackets around nothing": |by| many("\r\nhttps://x.example/", "(", 2_000_000 / by, ""),
    "emoji glued together": |by| many("Content-Type: text/plain; charset=utf-8\r\n\r\n", "\u{1F468}\u{200D}", 500_000 / by, ""),
    "marks without end in a text": |by| many("Content-Type: text/plain; charset=utf-8\r\n\r\na", "\u{301}", 2_000_000 / by, ""),
    "tabs without end": |by| many("\r\n", "\t", 2_000_000 / by, "x"),
    // V25: HTML.
    "a million nested elements": |by| html("<div>", 1_000_000 / by, ""),
    "50 MB of <b>": |by| html("<b>", 17_000_000 / by, ""),
    "nested <div>, 1 MB": |by| html("<div>x", 180_000 / by, ""),
    "nested <table>, 1 MB": |by| html("<table><tr><td>x", 65_000 / by, ""),
    "nested <table> with colspan": |by| html("<table><tr><td colspan=40>x<td colspan=40>y", 25_000 / by, ""),
    "nested <blockquote>, 1 MB": |by| html("<blockquote>x", 80_000 / by, ""),
    "nested <ul>, 1 MB": |by| html("<ul><li>x", 110_000 / by, ""),
    "nested <dl>, 1 MB": |by| html("<dl><dt>x<dd>", 80_000 / by, ""),
    "nested <b><i><s><code>, 1 MB": |by| html("<b><i><s><code>x", 65_000 / by, ""),
    "nested <a>": |by| html("<a href=x><table><tr><td>", 40_000 / by, ""),
    "nested <pre>": |by| html("<pre>x", 150_000 / by, ""),
    "nested <font>": |by| numbered("Content-Type: text/html\r\n\r\n", |n| format!("<p><font size={n}><b x={n}>"), 50_000 / by, ""),
    "colspan of a billion": |by| html("<tr><td colspan=1000000000>x", 30_000 / by, "<table>"),
    "rowspan of nothing and of a billion": |by| html("<tr><td rowspan=0>x<td rowspan=1000000000>y", 20_000 / by, "<table>"),
    "a row of 50,000 cells": |by| html("<td>x", 50_000 / by, "<table><tr>"),
    "a row of 50,000 wide cells": |by| html("<td colspan=40>x", 50_000 / by, "<table><tr>"),
    "a row of 50,000 empty cells": |by| html("<td>", 50_000 / by, "<table><tr>"),
    "a row of cells with words": |by| html("<td>a few words that wrap", 30_000 / by, "<table><tr>"),
    "25,000 rows": |by| html("<tr><td>x<td>y", 25_000 / by, "<table>"),
    "rows of growing length": |by| numbered("Content-Type: text/html\r\n\r\n<table>", |n| format!("<tr>{}", "<td>x".repeat(n)), 300 / by, ""),
    "300 rows of 150 cells": |by| html(&format!("<tr>{}", "<td>x".repeat(150)), 300 / by, "<table>"),
    "a tall row beside a long one": |by| html("<br>x", 40_000 / by, "<table><tr><td>y<td>y<td>y<td>"),
    "cells of many lines": |by| html(&format!("<tr>{}", format!("<td>{}", "x<br>".repeat(100)).repeat(20)), 20 / by.min(20), "<table>"),
    "a long row above many short ones": |by| {
        let long = "<td>x".repeat(5_000 / by);
        html("<tr><td>x", 20_000 / by, &format!("<table><tr>{long}"))
    },
    "a tall cell beside 39 others": |by| {
        let tall = "x<br>".repeat(40_000 / by);
        html("<td>y", 39, &format!("<table><tr><td>{tall}"))
    },
    "a wide text beside 39 others": |by| {
        let text = "word ".repeat(180_000 / by);
        html("<td>y", 39, &format!("<table><tr><td>{text}"))
    },
    "12 tables around a megabyte of text": |by| html("word ", 200_000 / by, &"<table><tr><td>".repeat(12)),
    "12 tables around a megabyte of text beside others": |by| html("word ", 200_000 / by, &"<table><tr><td>a few words<td>".repeat(12)),
    "12 tables and 30 lists around broken lines": |by| html("x<br>", 45_000 / by, &format!("{}{}", "<table><tr><td>".repeat(12), "<ul><li>".repeat(30))),
    "cells of cells, 40 by 40": |by| html(&format!("<td><table><tr>{}</table>", "<td>x".repeat(40)), 1_000 / by, "<table><tr>"),
    "16,000 tables": |by| html("<table><tr><td>x</table>", 16_000 / by, ""),
    "tables in a table": |by| html("<table><tr><td>x<td>y</table>", 12_000 / by, "<table><tr><td>"),
    "tables in tables, wide": |by| html(&"<table><tr><td>x<td>".repeat(12), 1_000 / by, ""),
    "tables in tables, each with rows": |by| {
        let mut inner = "<b>word</b> ".repeat(20);
        for _ in 0..11 { inner = format!("<table><tr><td>{inner}<td>{inner}</table>"); if inner.len() > 400_000 / by { break; } }
        html(&inner, 1, "")
    },
    "a table around a deep list": |by| html("<ul><li>", 30, &format!("<table><tr><td>{}<td>", "words ".repeat(50_000 / by))),
    "50,000 list items": |by| html("<li>x", 50_000 / by, "<ol>"),
    "30 lists of long text": |by| html("word ", 200_000 / by, &"<ul><li>".repeat(30)),
    "30 quotes of long text": |by| html("word ", 200_000 / by, &"<blockquote>".repeat(30)),
    "30 quotes with letters broken": |by| html("x<br>", 200_000 / by, &"<blockquote>".repeat(30)),
    "250 elements around long text": |by| html("word ", 200_000 / by, &"<div>".repeat(250)),
    "250 inline elements around long text": |by| html("word ", 200_000 / by, &"<b><i>".repeat(125)),
    "250 inline elements around broken text": |by| html("x<br>", 40_000 / by, &"<b><i>".repeat(125)),
    "250 inline elements around table cells": |by| html("<tr><td>x", 20_000 / by, &("<b><i>".repeat(100) + "<table>")),
    "a word of a megabyte": |by| html("x", 1_000_000 / by, ""),
    "a word of a megabyte in a table": |by| html("x", 1_000_000 / by, "<table><tr><td>"),
    "a word of a megabyte, wide characters": |by| html("\u{65E5}", 330_000 / by, ""),
    "a megabyte of text without tags": |by| html("word ", 200_000 / by, ""),
    "a megabyte of blanks": |by| html(" ", 1_000_000 / by, "x"),
    "a megabyte of blanks that do not break": |by| html("&nbsp;", 160_000 / by, "x"),
    "a megabyte of line ends": |by| html("\n", 1_000_000 / by, "x"),
    "a huge <pre>": |by| html("some words here\n", 60_000 / by, "<pre>"),
    "a huge <pre> of one line": |by| html("some words here ", 60_000 / by, "<pre>"),
    "a huge <pre> of tabs": |by| html("\tx", 500_000 / by, "<pre>"),
    "a huge <pre> of line ends": |by| html("\n", 1_000_000 / by, "<pre>x"),
    "<br> without end": |by| html("<br>", 260_000 / by, "x"),
    "<br> and a letter": |by| html("x<br>", 200_000 / by, ""),
    "<hr> without end": |by| html("<hr>", 260_000 / by, ""),
    "50,000 paragraphs": |by| html("<p>x", 250_000 / by, ""),
    "50,000 links of one place": |by| html("<a href=x>y</a>", 60_000 / by, ""),
    "50,000 links": |by| numbered("Content-Type: text/html\r\n\r\n", |n| format!("<a href=https://x.example/{n}>y</a>"), 50_000 / by, ""),
    "50,000 links without words": |by| numbered("Content-Type: text/html\r\n\r\n", |n| format!("<a href=https://x.example/{n}></a>"), 50_000 / by, ""),
    "a link with a megabyte of words": |by| html("word ", 200_000 / by, "<a href=https://x.example/>"),
    "a link of a megabyte": |by| html("x", 1_000_000 / by, "<a href=https://x.example/"),
    "50,000 images of parts, 10,000 parts": |by| {
        let images = "<img src=cid:nowhere>".repeat(49_000 / by);
        let part = format!("--b\r\n{}Content-ID: <elsewhere>\r\n\r\n", "X:\r\n".repeat(200));
        let parts = part.repeat(2_000 / by);
        format!("{MIXED}--b\r\nContent-Type: text/html\r\n\r\n{images}\r\n{parts}").into_bytes()
    },
    "50,000 images with words": |by| html("<img src=https://x.example/ alt='some words'>", 22_000 / by, ""),
    "attributes without end": |by| html("a=b ", 250_000 / by, "<p "),
    "attributes of nothing": |by| html("=", 1_000_000 / by, "<p "),
    "elements with many attributes": |by| html(&format!("<p {}>x", "a=b ".repeat(64)), 3_700 / by, ""),
    "long styles": |by| html(&format!("<p style='{}'>x", "color:red;".repeat(400)), 250 / by, ""),
    "styles with addresses": |by| html(&format!("<p style='{}'>x", "a:url(b);".repeat(400)), 280 / by, ""),
    "style sheets": |by| html("<style>.a{display:none}</style><p class=a>x", 24_000 / by, ""),
    "a style sheet of a megabyte": |by| {
        let rules = (0..40_000 / by).fold(String::new(), |mut text, n| { let _ = write!(text, ".a{n},"); text });
        html("<p class='a1 a2 a3'>x", 20_000 / by, &format!("<style>{rules}{{display:none}}</style>"))
    },
    "style sheets that never end": |by| html("<style ", 150_000 / by, ""),
    "a class of many names": |by| html(&format!("<p class='{}'>x", "a ".repeat(2_000)), 240 / by, "<style>.b{display:none}</style>"),
    "scripts that never end": |by| html("<script></scrip", 70_000 / by, ""),
    "comments that never end": |by| html("<!--", 260_000 / by, ""),
    "declarations that never end": |by| html("<!", 500_000 / by, ""),
    "tags that never end": |by| html("<a ", 330_000 / by, ""),
    "ends of nothing": |by| html("</div>", 170_000 / by, &"<b>".repeat(250)),
    "ends inside cells": |by| html("<td></b></table", 60_000 / by, &"<div><table><tr>".repeat(12)),
    "entities without end": |by| html("&amp;", 200_000 / by, ""),
    "entities that are none": |by| html("&", 1_000_000 / by, ""),
    "long entities": |by| html("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 30_000 / by, ""),
    "nul and controls": |by| html("\0\x01\x1b[2J", 160_000 / by, ""),
    "marks without end in HTML": |by| html("\u{301}", 500_000 / by, "Content"),
    "columns of headings": |by| html("<h1>x</h1><h2>y</h2>", 25_000 / by, ""),
    "options": |by| html("<option>x", 50_000 / by, "<select>"),
    "ruby, details and friends": |by| html("<details><summary>x<ruby>a<rt>b", 25_000 / by, ""),
    "svg and math": |by| html("<svg><math><mi>x", 60_000 / by, ""),
    "frames and forms": |by| html("<iframe src=x></iframe><form action=x><input>", 20_000 / by, ""),
}

const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

fn many(before: &str, piece: &str, count: usize, after: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(before.len() + piece.len() * count + after.len());
    out.extend(before.as_bytes());
    for _ in 0..count {
        out.extend(piece.as_bytes());
    }
    out.extend(after.as_bytes());
    out
}

fn numbered(before: &str, piece: impl Fn(usize) -> String, count: usize, after: &str) -> Vec<u8> {
    let mut out = before.as_bytes().to_vec();
    for n in 0..count {
        out.extend(piece(n).as_bytes());
    }
    out.extend(after.as_bytes());
    out
}

fn html(piece: &str, count: usize, before: &str) -> Vec<u8> {
    let before = format!("Content-Type: text/html; charset=utf-8\r\n\r\n{before}");
    many(&before, piece, count, "")
}

fn charset(label: &str, piece: &str, count: usize) -> Vec<u8> {
    charset_octets(label, piece.as_bytes(), count)
}

fn charset_octets(label: &str, piece: &[u8], count: usize) -> Vec<u8> {
    let mut out = format!("Content-Type: text/plain; charset={label}\r\n\r\n").into_bytes();
    out.extend(piece.repeat(count));
    out
}

fn nested(depth: usize, boundary: impl Fn(usize) -> String) -> Vec<u8> {
    nested_as("multipart/mixed", depth, boundary)
}

fn nested_as(media: &str, depth: usize, boundary: impl Fn(usize) -> String) -> Vec<u8> {
    let mut out = String::new();
    for n in 0..depth {
        let boundary = boundary(n);
        let _ = write!(
            out,
            "Content-Type: {media}; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n"
        );
    }
    out.push_str("\r\nat the bottom\r\n");
    out.into_bytes()
}

/// Octets to which text is appended.
struct Text<'x>(&'x mut Vec<u8>);

fn out_text(out: &mut Vec<u8>) -> Text<'_> {
    Text(out)
}

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend(text.as_bytes());
        Ok(())
    }
}
