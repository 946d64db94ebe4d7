/// The subject in lower case without what replying and forwarding put in front of it: what lists are sorted by.
pub fn bare_subject(subject: &str) -> String {
    let lower = subject.to_lowercase();
    let mut rest = lower.trim();
    while let Some((mark, behind)) = rest.split_once([':', '：']) {
        let mark = mark.trim_end_matches(|c: char| c.is_ascii_digit() || "[]()".contains(c));
        if !REPLY_MARKS.contains(&mark.trim()) {
            break;
        }
        rest = behind.trim_start();
    }
    rest.to_owned()
}

/// Whether a subject says that its message answers or passes on another one.
pub fn is_reply(subject: &str) -> bool {
    bare_subject(subject) != subject.to_lowercase().trim()
}

const REPLY_MARKS: [&str; 14] = [
    "re", "aw", "fw", "fwd", "sv", "vs", "wg", "antw", "tr", "rv", "enc", "odp", "回复", "转发",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_sorted_without_reply_marks() {
        assert_eq!(bare_subject("Re: AW: Fwd[2]: The Plan"), "the plan");
        assert_eq!(bare_subject("Meeting: tomorrow"), "meeting: tomorrow");
        assert_eq!(bare_subject("回复：计划"), "计划");
        assert_eq!(bare_subject("Rë: x"), "rë: x");
        assert_eq!(bare_subject("Rest"), "rest");
    }
}
