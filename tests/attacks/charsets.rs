//! V24: every charset that has a name on the web, and names that are none.

use poppet::mail::{Local, MessageId, View, text::is_safe};
use poppet::mime::{self, RenderOptions};

/// The labels of the Encoding Standard.
const LABELS: &str = "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 866 cp866 csibm866 ibm866 csisolatin2 iso-8859-2 \
    iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2 csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 \
    iso_8859-3:1988 l3 latin3 csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4 csisolatincyrillic \
    cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic \
    ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 csisolatingreek ecma-118 elot_928 \
    greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek csiso88598e csisolatinhebrew hebrew \
    iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical csisolatin6 \
    iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6 iso-8859-13 iso8859-13 iso885913 iso-8859-14 iso8859-14 iso885914 csisolatin9 \
    iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 iso-8859-16 cskoi8r koi koi8 koi8-r koi8_r koi8-ru koi8-u csmacintosh mac macintosh \
    x-mac-roman dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874 cp1250 windows-1250 x-cp1250 cp1251 windows-1251 x-cp1251 \
    ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 \
    us-ascii windows-1252 x-cp1252 cp1253 windows-1253 x-cp1253 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 \
    iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254 cp1255 windows-1255 x-cp1255 cp1256 windows-1256 x-cp1256 cp1257 windows-1257 x-cp1257 \
    cp1258 windows-1258 x-cp1258 x-mac-cyrillic x-mac-ukrainian chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 \
    x-gbk gb18030 big5 big5-hkscs cn-big5 csbig5 x-x-big5 cseucpkdfmtjapanese euc-jp x-euc-jp csiso2022jp iso-2022-jp csshiftjis ms932 \
    ms_kanji shift-jis shift_jis sjis windows-31j x-sjis cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 \
    ksc5601 ksc_5601 windows-949 csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement unicodefffe utf-16be csunicode \
    iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le x-user-defined";

/// Names that are none, or that want to be a path or a command.
const OTHERS: [&str; 12] = [
    "utf-7",
    "x-klingon",
    "../../x",
    "/etc/passwd",
    "$(id)",
    "`id`",
    "%s%n",
    "utf-8//TRANSLIT",
    "a\u{1b}[2Jb",
    "",
    " ",
    "utf-8\0",
];

/// Octets that mean something in one of them: shifts, lone halves, overlong forms, what comes behind the end.
fn octets() -> Vec<u8> {
    let mut octets = b"abc ".to_vec();
    octets.extend(0x80..=0xFF);
    octets.extend(b"\x1b$B!!\x1b(J\x1b$@\x1b(I\x1b$)C\x0e!!\x0f~{VPND~}~~\x00\xD8\xD8\x00\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80\x81\x30\x81");
    octets.extend(b"\x1b[2J\x9b31m\xC2\x9b\xE2\x80\xAE");
    octets
}

#[test]
fn v24_every_charset_is_decoded_to_text_that_is_safe_to_show() {
    for label in LABELS.split_whitespace().chain(OTHERS) {
        let mut message = format!(
            "Subject: =?{label}?b?YWJj/4CbMzFt?= =?{label}?q?=1B[2J=9B?=\r\nContent-Type: text/plain; charset=\"{label}\"\r\nContent-Disposition: inline; filename*={label}''%9B%1B\r\n\r\n"
        )
        .into_bytes();
        message.extend(octets());
        for view in [View::Text, View::Html, View::Headers] {
            let options = RenderOptions { view, width: 80 };
            let body = mime::render(MessageId(1), &message, Local::Full, options);
            let spans = body
                .lines
                .iter()
                .flat_map(|line| &line.spans)
                .map(|span| &span.text);
            for text in spans.chain(body.fields.iter().map(|field| &field.value)) {
                assert!(is_safe(text), "{label}: {text:?}");
            }
        }
        let extract = mime::extract(&message, Local::Full);
        assert!(is_safe(&extract.subject), "{label}: {:?}", extract.subject);
        let blank = [
            "iso-2022-kr",
            "csiso2022kr",
            "iso-2022-cn",
            "hz-gb-2312",
            "replacement",
        ];
        if blank.iter().any(|blank| label.starts_with(blank)) {
            continue;
        }
        let wide = ["utf-16", "ucs-2", "unicode", "csunicode", "iso-10646-ucs-2"];
        if !wide.iter().any(|wide| label.starts_with(wide)) {
            assert!(extract.text.contains("abc"), "{label}: {:?}", extract.text);
        }
    }
}

#[test]
fn v24_utf_7_spells_nothing_in_a_header() {
    for label in ["utf-7", "UTF-7", "utf_7", "csUTF7", "Utf_7*en"] {
        let message = format!(
            "Subject: =?{label}?q?+ADw-script+AD4-?=\r\nFrom: =?{label}?q?+AGEAQABiAC4AYw-?= <x@y.example>\r\n\r\n"
        );
        let extract = mime::extract(message.as_bytes(), Local::Full);
        assert!(
            !extract.subject.contains('<'),
            "{label}: {}",
            extract.subject
        );
        let name = format!(
            "Content-Disposition: attachment; filename*={}''+ADw-x+AD4-\r\n\r\nx",
            label.trim_end_matches("*en")
        );
        let files = mime::extract(name.as_bytes(), Local::Full).files;
        assert!(
            !files.contains('<') && files.contains("ADw"),
            "{label}: {files}"
        );
        assert!(
            !extract.from.name.contains('@'),
            "{label}: {}",
            extract.from.name
        );
    }
}
