use crate::mail::MessageId;
use crate::ui::model::Model;

/// The lines in front of a subject that show what its message answers; four levels, and beyond that how many.
pub(super) fn lines(model: &Model, id: MessageId) -> String {
    let threads = model.list.threads_shown();
    let Some(branch) = threads.and_then(|threads| threads.branch(id)) else {
        return String::new();
    };
    let glyphs = model.glyphs;
    if branch.depth > DEEPEST {
        return format!("{}{} ", glyphs.deeper, branch.depth);
    }
    let mut lines = String::new();
    for level in 1..branch.depth {
        let goes_on = branch.rails & (1 << level) != 0;
        lines += if goes_on { glyphs.rail } else { " " };
    }
    if branch.depth > 0 {
        lines += if branch.last {
            glyphs.last_branch
        } else {
            glyphs.branch
        };
        lines += " ";
    }
    lines
}

const DEEPEST: usize = 4;
