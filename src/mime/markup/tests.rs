use super::*;
use proptest::prelude::*;

fn reduced(html: &str) -> String {
    reduce(html, 80, &|id| {
        (id == "logo@x").then(|| "logo.png".to_owned())
    })
    .html
}

#[test]
fn elements_are_kept_without_their_styling() {
    assert_eq!(
        reduced("<DIV class=x style='color:red'>a <B>b</b><span>c</span> &amp; 1 < 2</DIV>"),
        "<div>a <strong>b</strong>c &amp; 1 &lt; 2</div>"
    );
    assert_eq!(
        reduced("<a href='https://x/?a=1&b=\"2\"' onclick=x>t</a>"),
        "<a href=\"https://x/?a=1&b=&quot;2&quot;\">t</a>"
    );
    assert_eq!(
        reduced("<h1>T</h1><span style='font-weight: bold'>b</span>"),
        "<p><sup>T</sup></p><strong>b</strong>"
    );
}

#[test]
fn what_is_left_open_or_badly_nested_is_closed() {
    assert_eq!(reduced("<p><b>x<p>y"), "<p><strong>x</strong></p><p>y</p>");
    assert_eq!(reduced("<b><i>x</b>y</i>"), "<strong><em>x</em></strong>y");
    assert_eq!(
        reduced("<ul><li>a<li>b</ul>c"),
        "<ul><li>a</li><li>b</li></ul>c"
    );
    assert_eq!(
        reduced("<table><tr><td>a<td>b<tr><td>c</table>"),
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    );
}

#[test]
fn text_between_cells_is_put_into_one() {
    assert_eq!(
        reduced("<table>x<tr>y<td>z</table>"),
        "<table><tr><td>x</td></tr><tr><td>y</td><td>z</td></tr></table>"
    );
}

#[test]
fn scripts_styles_comments_and_titles_are_left_out() {
    assert_eq!(
        reduced(
            "<!doctype html><title>t</title><style>p{}</style><script>if (a<b) x('</p>')</script>a<!-- b --><!--[if mso]>c<![endif]-->d<!---->e"
        ),
        "ade"
    );
    assert_eq!(reduced("a<!-- never ends <p>b"), "a");
    assert_eq!(reduced("a<p title='never ends>b"), "a<p></p>");
}

#[test]
fn hidden_text_is_left_out() {
    for style in [
        "display:none",
        "Display : None !important",
        "visibility:hidden",
        "max-height:0px;overflow:hidden",
        "font-size:0",
        "opacity:0",
        "mso-hide:all",
        "font-size: 1px",
    ] {
        assert_eq!(
            reduced(&format!("a<div style=\"{style}\">b<p>c</div>d")),
            "ad",
            "{style}"
        );
    }
    for style in [
        "opacity:0.9",
        "max-height:0.5em",
        "font-size:10px",
        "display:block",
    ] {
        assert_eq!(
            reduced(&format!("<div style=\"{style}\">b</div>")),
            "<div>b</div>",
            "{style}"
        );
    }
    assert_eq!(
        reduced(
            "<style>.pre, div#x { display:none } @media print { .b {display:none} }</style><p class='a pre'>1</p><p id=x>2</p><p class=b>3</p>"
        ),
        "<p>3</p>"
    );
    assert_eq!(reduced("<p hidden>x</p>y"), "y");
}

#[test]
fn remote_images_are_counted_and_trackers_told_apart() {
    let markup = reduce(
        "<img src=https://a/1.png alt='A logo'><img src='http://a/2' width=1 height=1><img src=//a/3 style='display:none'>\
         <div style='display:none'><img src=https://a/4></div><td background=https://a/5><p style=\"background:url('https://a/6')\">\
         <img src=cid:logo@x><img src=data:image/png;base64,x alt=dot>",
        80,
        &|id| (id == "logo@x").then(|| "logo.png".to_owned()),
    );
    assert_eq!((markup.blocked.images, markup.blocked.trackers), (6, 3));
    assert_eq!(
        markup.html,
        "<img src=x alt=\"[A logo]\"><div></div><p><img src=x alt=\"[image: logo.png]\"><img src=x alt=\"[dot]\"></p>"
            .replace("<div></div>", "")
    );
}

#[test]
fn a_linked_image_without_words_still_shows_its_link() {
    assert_eq!(
        reduced("<a href=https://a/><img src=https://a/x></a>"),
        "<a href=\"https://a/\"><img src=x alt=\"[image]\"></a>"
    );
}

#[test]
fn bombs_are_defused() {
    let deep = reduce(&"<div>".repeat(200_000), 80, &|_| None);
    assert!(deep.cut.is_some() && deep.html.len() <= DEEPEST * 11);
    let fonts: Vec<_> = (0..50_000)
        .map(|n| format!("<p><font size={n}><b x={n}>"))
        .collect();
    let fonts = reduce(&fonts.concat(), 80, &|_| None);
    assert!(!fonts.html.contains("<p><p>"));
    let many = reduce(&"<b>x</b>".repeat(100_000), 80, &|_| None);
    assert!(many.cut.is_some());
    let large = reduce(&"x".repeat(5 << 20), 80, &|_| None);
    assert!(large.cut.is_some() && large.html.len() == LARGEST);
    assert_eq!(
        reduced("<table><tr><td colspan=1000000000 rowspan=99999>x</table>"),
        "<table><tr><td colspan=40>x</td></tr></table>"
    );
    let tables = reduced(&"<table><tr><td>".repeat(100));
    assert_eq!(tables.matches("<table>").count(), TABLES);
}

#[test]
fn short_rows_cost_as_much_as_is_copied_of_them() {
    let rows = |before: &str, row: &str| {
        let markup = reduce(&format!("{before}{}", row.repeat(20_000)), 80, &|_| None);
        assert!(markup.cut.is_some(), "{before}{row}");
        markup.html.matches("<tr>").count()
    };
    let wide = rows("<table>", "<tr><td colspan=40>x");
    assert!((3_000..4_500).contains(&wide), "{wide}");
    let empty = rows("<table>", "<tr><td colspan=40>");
    assert!((3_000..4_500).contains(&empty), "{empty}");
    let deep = "<table><tr><td>".repeat(11) + &"<ul><li>".repeat(29) + "<table>";
    let deep = rows(&deep, "<tr><td>x");
    assert!((2_000..6_000).contains(&deep), "{deep}");
}

#[test]
fn cells_that_nobody_opened_count_as_those_that_somebody_did() {
    for piece in ["<tr>x", "x</td>", "<td><b>x"] {
        let html = format!("<table><tr><td>{}", piece.repeat(60_000));
        let markup = reduce(&html, 80, &|_| None);
        let cells = markup.html.matches("<td>").count();
        assert!(cells <= MOST && markup.cut.is_some(), "{piece}: {cells}");
    }
}

proptest! {
    #[test]
    fn every_element_that_is_opened_is_closed_in_order(pieces in prop::collection::vec(prop::sample::select(vec![
        "<p>", "</p>", "<b>", "</b>", "<table>", "</table>", "<tr>", "</tr>", "<td>", "<th>", "</td>", "<ul>", "<li>", "</ul>", "<a href=x>",
        "</a>", "<div style=display:none>", "</div>", "<div>", "text", "<img alt=x src=cid:1>", "<br>", "<blockquote>", "</blockquote>",
        "<h1>", "</h1>", "<pre>", "</pre>", "<", "<!--", "-->", "<style>", "</style>", "\"", "<span>", "</span>"]), 0..60)) {
        let html = reduced(&pieces.concat());
        let mut open = Vec::new();
        for token in Tokens::new(&html) {
            match token {
                Token::Open(tag) if !matches!(tag.name.as_str(), "img" | "br" | "hr") => open.push(tag.name),
                Token::Close(name) => prop_assert_eq!(open.pop(), Some(name), "{}", html),
                _ => {}
            }
        }
        prop_assert!(open.is_empty(), "{}", html);
        prop_assert!(!html.contains("<table><td") && !html.contains("<tr><tr"), "{}", html);
    }
}
