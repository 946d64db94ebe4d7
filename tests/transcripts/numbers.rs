//! The numbers of the checklist that a test carries: in the name of a function, in that of a file, or in the first line of
//! a transcript.

/// A line of the checklist: `P12`, `Q4`, `V16`, `I7`, `F22`.
pub(crate) type Number = (char, u32);

/// Those that a name begins with: `p9_p10_a_dot`, `v21_to_v26_bombs`, `p26-p27-marked`.
pub(crate) fn of_name(name: &str) -> Vec<Number> {
    let mut found: Vec<Number> = Vec::new();
    let mut onward = false;
    for word in name.split(['_', '-']) {
        match number(word) {
            Some(last) if onward => through(&mut found, last),
            Some(number) => found.push(number),
            None if word == "to" && !onward && !found.is_empty() => {
                onward = true;
                continue;
            }
            None => break,
        }
        onward = false;
    }
    found
}

/// Those in the first line of a transcript: `# P5, V13`, `# P16, V1-V5: every shape of an id`.
pub(crate) fn of_transcript(text: &str) -> Vec<Number> {
    let first = text.lines().next().unwrap_or_default();
    let Some(list) = first.strip_prefix("# ") else {
        return Vec::new();
    };
    let list = list.split(':').next().unwrap_or_default();
    let mut found = Vec::new();
    for item in list.trim_end_matches('.').split(", ") {
        let (from, to) = item.split_once('-').unwrap_or((item, item));
        let (Some(from), Some(to)) = (number(from), number(to)) else {
            return Vec::new();
        };
        found.push(from);
        through(&mut found, to);
    }
    found
}

/// Everything from the last one on up to this one.
fn through(found: &mut Vec<Number>, to: Number) {
    if let Some((family, from)) = found.last().copied()
        && family == to.0
    {
        found.extend((from + 1..=to.1).map(|value| (family, value)));
    }
}

fn number(word: &str) -> Option<Number> {
    let family = word.chars().next()?.to_ascii_uppercase();
    let digits = word.get(1..)?;
    let plain = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    if "PQVIF".contains(family) && plain {
        Some((family, digits.parse().ok()?))
    } else {
        None
    }
}
