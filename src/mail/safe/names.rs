use super::{is_bidirectional, is_invisible, is_no_text, line};

/// A name under which an attachment may be written: a base name of at most 120 octets, never empty, with its ending kept.
///
/// No folder, no leading dot, dash or tilde, no control or invisible character, nothing that Windows forbids or
/// reserves, nothing that a shell or a mailcap entry would expand.
pub fn file_name(name: &str) -> String {
    let base = name
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    let base: String = base.chars().filter_map(for_file).collect();
    let base = base
        .trim_start_matches(['.', ' '])
        .trim_end_matches(['.', ' ']);
    // What is left is text, but for marks that stand on nothing, or in heaps.
    let base = &*line(base);
    let mut base = match base.chars().next() {
        None => "attachment".to_owned(),
        Some('-' | '~') => format!("_{base}"),
        Some(_) if is_reserved(base) => format!("_{base}"),
        Some(_) => base.to_owned(),
    };
    shorten(&mut base);
    base
}

/// Why a name deserves a second look before the file is opened: a turned-round name, two endings, a program.
pub fn warning(name: &str) -> Option<String> {
    if name.chars().any(is_bidirectional) {
        return Some("the name contains characters that turn it round".to_owned());
    }
    let name = file_name(name);
    let mut pieces = name.rsplit('.').map(|piece| piece.trim().to_lowercase());
    let last = pieces.next().filter(|last| last.len() < name.len())?;
    let before = pieces.next().unwrap_or_default();
    let program = PROGRAMS.contains(&last.as_str());
    if program && DOCUMENTS.contains(&before.as_str()) {
        return Some(format!(
            "two endings: it looks like .{before} but is .{last}, a program"
        ));
    }
    if program {
        return Some(format!(".{last} is a program"));
    }
    (MACROS.contains(&last.as_str())).then(|| format!(".{last} may contain macros"))
}

fn for_file(c: char) -> Option<char> {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' | '`' | '$' | ';' | '%' => Some('_'),
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{A0}' => Some(' '),
        '\u{200C}'
        | '\u{200D}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}'
        | char::REPLACEMENT_CHARACTER => None,
        _ if is_bidirectional(c) || is_invisible(c) || is_no_text(c) => None,
        _ => Some(c),
    }
}

/// Device names of Windows, which no ending makes harmless.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_lowercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|number| {
            number.chars().count() == 1
                && number
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'))
        })
    };
    matches!(
        stem.as_str(),
        "con" | "prn" | "aux" | "nul" | "conin_" | "conout_" | "clock_"
    ) || numbered("com")
        || numbered("lpt")
}

/// Cuts the stem, not the ending.
fn shorten(name: &mut String) {
    if name.len() <= LONGEST {
        return;
    }
    let ending = name
        .rfind('.')
        .filter(|dot| name.len() - dot <= LONGEST_ENDING)
        .and_then(|dot| name.get(dot..))
        .unwrap_or_default()
        .to_owned();
    let stem = name.floor_char_boundary(LONGEST - ending.len());
    name.truncate(stem);
    let kept = name.trim_end_matches(['.', ' ']).len();
    name.truncate(kept);
    name.push_str(&ending);
}

const LONGEST: usize = 120;
const LONGEST_ENDING: usize = 17;

const DOCUMENTS: [&str; 24] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "rtf", "txt", "csv", "jpg",
    "jpeg", "png", "gif", "webp", "mp3", "mp4", "mov", "zip", "htm", "html", "eml",
];

const PROGRAMS: [&str; 42] = [
    "exe", "com", "scr", "pif", "bat", "cmd", "msi", "msp", "msix", "appx", "cpl", "dll", "hta",
    "jar", "js", "jse", "vbs", "vbe", "vb", "wsf", "wsh", "ps1", "psm1", "reg", "lnk", "url",
    "scf", "inf", "chm", "sh", "bash", "run", "desktop", "appimage", "deb", "rpm", "apk", "dmg",
    "pkg", "app", "command", "iso",
];

const MACROS: [&str; 8] = [
    "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "ppam", "one",
];
