/// The widths of a list's columns, in terminal columns. What has no room is dropped in a fixed order: size, attachment
/// mark, long date, and the sender shrinks; the subject keeps at least 20, and the state on the server always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Star, attachment and mark have columns of their own.
    pub flags: bool,
    /// The sender.
    pub from: u16,
    /// The subject, and the first words behind it where there is room.
    pub subject: u16,
    /// The size; 0 where it is dropped.
    pub size: u16,
    /// The state on the server.
    pub server: u16,
    /// The date; 0 where it is dropped.
    pub date: u16,
    /// Whether the first words of the text follow the subject.
    pub snippet: bool,
}

impl Columns {
    /// The columns of a list this wide.
    pub fn of(width: u16) -> Self {
        let mut columns = Self {
            flags: width >= 60,
            from: if width >= 100 { 24 } else { 17 },
            subject: 0,
            size: 5,
            server: 4,
            date: 6,
            snippet: width >= 108,
        };
        if width < 60 {
            columns.from = 10;
            columns.size = 0;
            columns.date = 0;
        }
        if columns.fixed() + LEAST_SUBJECT > width {
            columns.size = 0;
        }
        if columns.fixed() + LEAST_SUBJECT > width {
            columns.date = 0;
        }
        if columns.fixed() + LEAST_SUBJECT > width {
            columns.from = 10;
        }
        columns.subject = width.saturating_sub(columns.fixed());
        columns
    }

    /// Columns in front of the sender: cursor, mark, unread, star, attachment.
    pub fn lead(self) -> u16 {
        if self.flags { 6 } else { 4 }
    }

    /// Everything but the subject.
    fn fixed(self) -> u16 {
        let optional = |width: u16| if width > 0 { width + 1 } else { 0 };
        let margin = u16::from(self.flags);
        self.lead()
            + self.from
            + 1
            + optional(self.size)
            + optional(self.server)
            + optional(self.date)
            + margin
    }
}

const LEAST_SUBJECT: u16 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_80_columns_the_subject_has_37() {
        let columns = Columns::of(80);
        assert_eq!(
            (columns.from, columns.subject, columns.size, columns.date),
            (17, 37, 5, 6)
        );
    }

    #[test]
    fn the_subject_never_has_less_than_20_and_the_server_state_never_goes() {
        for width in 40..=300 {
            let columns = Columns::of(width);
            assert!(columns.subject >= 20, "{width}: {columns:?}");
            assert_eq!(columns.server, 4);
            assert_eq!(columns.fixed() + columns.subject, width);
        }
    }
}
