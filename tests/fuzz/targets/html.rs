//! HTML, laid out as text: never slow, never with anything but text in it.

use poppet::mail::{Local, View};

use super::letters::{shown, summarised};
use super::{Octets, mime};

/// Six octets say how wide the screen is, where a piece begins and ends, and how often it comes; the rest is HTML.
pub(super) fn run(octets: &[u8]) {
    let mut octets = Octets(octets);
    let columns = mime::WIDTHS[usize::from(octets.octet() & 7)];
    let (begin, length, times) = (octets.number(), octets.octet(), octets.number());
    let mut rest = octets;
    let before = rest.take(begin);
    let piece = rest.take(usize::from(length));
    let times = times.min(crate::LARGEST / piece.len().max(1));
    let html = [before, &piece.repeat(times.max(1)), rest.0].concat();
    let head = b"Content-Type: text/html; charset=utf-8\r\n\r\n";
    let message = [head, html.as_slice()].concat();
    summarised(&message, Local::Full);
    shown(&message, Local::Full, View::Html, columns);
}

/// The HTML of the test messages, and pieces that cost much where they come often.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let whole = |html: &[u8]| [&[3, 0, 0, 0, 0, 0], html].concat();
    let mut seeds: Vec<Vec<u8>> = super::files("mail")
        .iter()
        .filter_map(|(_, mail)| poppet::mime::html_source(mail))
        .map(|html| whole(html.as_bytes()))
        .collect();
    for html in WHOLE {
        seeds.push(whole(html.as_bytes()));
    }
    for piece in PIECES {
        for times in [2_u16, 40, 3_000, u16::MAX] {
            let [high, low] = times.to_be_bytes();
            let length = u8::try_from(piece.len()).unwrap_or(u8::MAX);
            seeds.push([&[3, 0, 0, length, high, low], piece.as_bytes()].concat());
        }
    }
    seeds
}

const WHOLE: [&str; 5] = [
    "<ul><li>a<li>b<ol start=7><li>c</ol></ul><dl><dt>t<dd>d</dl>",
    "<table border=1><tr><th colspan=2>x<td rowspan=3>y</table><pre> a\n  b</pre>",
    "<style>p { color: red }</style><p style='display:none'>no<p>yes <!-- not --> &amp; &#x1b; &nbsp;",
    "<a href='https://a.example/'>https://b.example/</a><img src=cid:x alt=y width=1 height=1>",
    "<blockquote type=cite>one<blockquote>two</blockquote></blockquote><h1>T</h1><hr><br>",
];

const PIECES: [&str; 16] = [
    "<div>",
    "<b>x",
    "<i>x</i>",
    "<table><tr><td>x",
    "<td>x",
    "<tr><td>",
    "<blockquote>",
    "<ul><li>x",
    "<ol><li>",
    "<p>x",
    "</p>",
    "&amp;",
    "<a href=https://a.example/>x</a>",
    "x ",
    "<!--",
    "<pre>\n",
];
