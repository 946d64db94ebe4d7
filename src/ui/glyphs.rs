//! The shapes that are not letters. Three sets; nothing needs more than ASCII to be understood.

/// Which set of shapes the terminal's font has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GlyphSet {
    /// Seven bits.
    Ascii,
    /// Shapes of one column that common fonts have.
    #[default]
    Unicode,
    /// The same, with a few icons of patched fonts.
    Nerd,
}

/// The shapes of a set. Each is exactly one column wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each shape is named after what it marks")]
pub struct Glyphs {
    pub set: GlyphSet,
    pub cursor: &'static str,
    pub unread: &'static str,
    pub star: &'static str,
    pub answered: &'static str,
    pub attachment: &'static str,
    pub mark: &'static str,
    pub remote: &'static str,
    pub gone: &'static str,
    pub ellipsis: &'static str,
    pub ascending: &'static str,
    pub descending: &'static str,
    pub bar_full: &'static str,
    pub bar_empty: &'static str,
    pub rule: &'static str,
    pub column: &'static str,
    pub quote: &'static str,
    pub fold: &'static str,
    pub ok: &'static str,
    pub failed: &'static str,
    pub warning: &'static str,
    pub dot: &'static str,
    pub minus: &'static str,
    pub arrow: &'static str,
    pub chosen: &'static str,
    pub corners: [&'static str; 4],
    pub branch: &'static str,
    pub last_branch: &'static str,
    pub rail: &'static str,
    pub deeper: &'static str,
}

impl Glyphs {
    /// The shapes of this set.
    pub fn new(set: GlyphSet) -> Self {
        match set {
            GlyphSet::Ascii => ASCII,
            GlyphSet::Unicode => UNICODE,
            GlyphSet::Nerd => Self {
                set,
                attachment: "\u{f0c6}",
                remote: "\u{f0ed}",
                ..UNICODE
            },
        }
    }

    /// What stands for a shape that these do not have: punctuation and lines of a message, and of our own sentences.
    /// `None` leaves the character as it is.
    pub fn stands_for(&self, symbol: &str) -> Option<&'static str> {
        if self.set != GlyphSet::Ascii || symbol.is_ascii() {
            return None;
        }
        let mut characters = symbol.chars();
        let (Some(shape), None) = (characters.next(), characters.next()) else {
            return None;
        };
        Some(match shape {
            '\u{2026}' => ASCII.ellipsis,
            '\u{b7}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{2500}'
            | '\u{2501}'
            | '\u{2504}'
            | '\u{2505}'
            | '\u{2508}'
            | '\u{2509}'
            | '\u{2550}' => "-",
            '\u{2018}' | '\u{2019}' => "'",
            '\u{201c}'..='\u{201e}' => "\"",
            '\u{2022}' | '\u{25cf}' | '\u{25e6}' | '\u{25aa}' => "*",
            '\u{2190}' => "<",
            '\u{2192}' => ">",
            '\u{2502}' | '\u{2503}' | '\u{2506}' | '\u{2507}' | '\u{250a}' | '\u{250b}'
            | '\u{2551}' => "|",
            '\u{250c}'..='\u{254b}' | '\u{2552}'..='\u{256c}' => "+",
            '\u{a0}' => " ",
            _ => return None,
        })
    }

    /// A gauge of `width` columns, `part` (0 to 1) of it full.
    pub fn gauge(&self, width: usize, part: f64) -> String {
        let full = ((part.clamp(0.0, 1.0) * width as f64).round() as usize).min(width);
        self.bar_full.repeat(full) + &self.bar_empty.repeat(width - full)
    }
}

impl Default for Glyphs {
    fn default() -> Self {
        UNICODE
    }
}

const UNICODE: Glyphs = Glyphs {
    set: GlyphSet::Unicode,
    cursor: "▌",
    unread: "●",
    star: "★",
    answered: "r",
    attachment: "@",
    mark: "x",
    remote: "↓",
    gone: "—",
    ellipsis: "…",
    ascending: "↑",
    descending: "↓",
    bar_full: "█",
    bar_empty: "░",
    rule: "─",
    column: "│",
    quote: "│",
    fold: "┆",
    ok: "✓",
    failed: "✗",
    warning: "!",
    dot: "·",
    minus: "−",
    arrow: "→",
    chosen: "▸",
    corners: ["┌", "┐", "└", "┘"],
    branch: "├",
    last_branch: "└",
    rail: "│",
    deeper: "↳",
};

const ASCII: Glyphs = Glyphs {
    set: GlyphSet::Ascii,
    cursor: ">",
    unread: "N",
    star: "!",
    answered: "r",
    attachment: "@",
    mark: "x",
    remote: "v",
    gone: "-",
    ellipsis: "~",
    ascending: "^",
    descending: "v",
    bar_full: "#",
    bar_empty: ".",
    rule: "-",
    column: "|",
    quote: "|",
    fold: ":",
    ok: "+",
    failed: "x",
    warning: "!",
    dot: "-",
    minus: "-",
    arrow: ">",
    chosen: ">",
    corners: ["+", "+", "+", "+"],
    branch: "|",
    last_branch: "`",
    rail: "|",
    deeper: ">",
};

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_shape_is_one_column_wide() {
        for set in [GlyphSet::Ascii, GlyphSet::Unicode, GlyphSet::Nerd] {
            let g = Glyphs::new(set);
            for shape in [
                g.cursor,
                g.unread,
                g.star,
                g.answered,
                g.attachment,
                g.mark,
                g.remote,
                g.gone,
                g.ellipsis,
                g.ascending,
                g.descending,
                g.bar_full,
                g.bar_empty,
                g.rule,
                g.column,
                g.quote,
                g.fold,
                g.ok,
                g.failed,
                g.warning,
                g.dot,
                g.minus,
                g.arrow,
                g.chosen,
                g.branch,
                g.last_branch,
                g.rail,
                g.deeper,
            ]
            .into_iter()
            .chain(g.corners)
            {
                assert_eq!(shape.width(), 1, "{set:?} {shape}");
                assert!(set != GlyphSet::Ascii || shape.is_ascii(), "{shape}");
            }
        }
    }

    #[test]
    fn only_ascii_has_stand_ins_and_each_is_one_column_of_ascii() {
        let ascii = Glyphs::new(GlyphSet::Ascii);
        for (symbol, plain) in [
            ("…", "~"),
            ("·", "-"),
            ("—", "-"),
            ("─", "-"),
            ("│", "|"),
            ("•", "*"),
        ] {
            assert_eq!(ascii.stands_for(symbol), Some(plain), "{symbol}");
            assert_eq!(Glyphs::default().stands_for(symbol), None);
        }
        for letter in ["a", "ü", "来", "…\u{301}"] {
            assert_eq!(ascii.stands_for(letter), None, "{letter}");
        }
    }

    #[test]
    fn a_gauge_is_as_wide_as_asked_for_whatever_its_part() {
        let g = Glyphs::default();
        for part in [-1.0, 0.0, 0.34, 1.0, 7.0, f64::NAN] {
            assert_eq!(g.gauge(10, part).width(), 10, "{part}");
        }
        assert_eq!(g.gauge(10, 0.68), "███████░░░");
    }
}
