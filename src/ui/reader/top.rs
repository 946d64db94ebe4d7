use std::ops::Range;

use super::draw::fields_height;
use crate::mail::MessageSummary;
use crate::mail::text::wrap_some;
use crate::ui::format::{count, subject};
use crate::ui::layout;
use crate::ui::model::Model;
use crate::ui::paint;

/// What stands above the text of a message in full, and how many rows it takes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The lines of the subject; what there is no row for is in the last one.
    pub title: Vec<Range<usize>>,
    /// So many of the head's lines, from its first.
    pub fields: u16,
    /// Empty rows before the text.
    pub gap: u16,
}

impl Top {
    /// For the terminal there is. The text comes before all that is said about it but the subject, which takes what the
    /// text does not need, and never more than half.
    pub fn of(model: &Model, message: &MessageSummary) -> Self {
        let page = layout::page(model.size.0, model.size.1).body;
        let all = fields_height(message, model.reader.body(), false);
        // Below the first line of the subject and the ruler.
        let rest = page.height.saturating_sub(2);
        let (fields, gap) = if rest > all + LEAST_TEXT {
            (all, 1)
        } else if rest > 1 + LEAST_TEXT {
            (1, 1)
        } else {
            (0, 0)
        };
        let below = rest.saturating_sub(fields + gap);
        let needed = match model.reader.body() {
            Some(_) => model.reader.lines().len().max(1),
            None => usize::MAX,
        };
        let kept = usize::from(below.div_ceil(2).max(LEAST_TEXT)).min(needed);
        let most = 1 + usize::from(below).saturating_sub(kept);
        let aside = paint::columns_of(&place(model, message));
        let columns = (
            page.width.saturating_sub(aside + 4),
            page.width.saturating_sub(2),
        );
        Self {
            title: title(subject(&message.subject), columns, most),
            fields,
            gap,
        }
    }

    /// Rows above the text, the ruler among them.
    pub fn height(&self) -> u16 {
        self.title.len() as u16 + 1 + self.fields + self.gap
    }
}

/// Which message of the list it is, and whether it is new: what stands at the right of the subject.
pub fn place(model: &Model, message: &MessageSummary) -> String {
    let list = &model.list;
    let place = format!(
        "{} of {}",
        count(list.position() as u64 + 1),
        count(list.visible().len() as u64)
    );
    if super::super::list::rows::is_unread(message) {
        format!("{place} {} {} new", model.glyphs.dot, model.glyphs.unread)
    } else {
        place
    }
}

/// A subject in lines: the first beside the message's place, the others over the whole width.
fn title(subject: &str, (first, others): (u16, u16), most: usize) -> Vec<Range<usize>> {
    let mut lines = wrap_some(subject, first.into(), 1);
    let end = lines.first().map_or(0, |line| line.end);
    let rest = subject.get(end..).unwrap_or_default().trim_start();
    let from = subject.len() - rest.len();
    if rest.is_empty() {
        return lines;
    }
    if most > 1 {
        let others = wrap_some(rest, others.into(), most - 1).into_iter();
        lines.extend(others.map(|line| from + line.start..from + line.end));
    }
    if let Some(last) = lines.last_mut() {
        last.end = subject.trim_end().len().max(last.end);
    }
    lines
}

/// So many lines of text are worth more than what is said about them.
const LEAST_TEXT: u16 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_takes_the_lines_it_needs_and_ends_in_the_last_there_is() {
        let text = "Hello Sam it is your father";
        let shown = |columns, most| -> Vec<&str> {
            let lines = title(text, columns, most);
            lines.into_iter().map(|line| &text[line]).collect()
        };
        assert_eq!(shown((60, 70), 1), [text]);
        assert_eq!(shown((12, 20), 9), ["Hello Sam it", "is your father"]);
        assert_eq!(shown((6, 8), 9), ["Hello", "Sam it", "is your", "father"]);
        assert_eq!(shown((6, 8), 2), ["Hello", "Sam it is your father"]);
        assert_eq!(shown((6, 8), 1), [text]);
        assert_eq!(title("", (6, 8), 3).len(), 1);
    }
}
