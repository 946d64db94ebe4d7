//! Colours by role. A screen names what a text is; only this file knows what that looks like.
//!
//! Every role that carries text has a contrast of at least 4.5:1 (WCAG 2.1, 1.4.3) on the background and on the selection,
//! in both palettes. No meaning rests on colour alone: words, shapes and bold come first.

use ratatui::style::{Color, Modifier, Style};

use crate::config::{Colour, ThemeBase, ThemeFile};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text, and the ground of the screen.
    Text,
    /// What may be overlooked: dates of read mail, rulers, remarks.
    Muted,
    /// What draws the eye: unread marks, keys, titles.
    Accent,
    /// What went well.
    Ok,
    /// What wants attention.
    Warn,
    /// What is wrong, or cannot be taken back.
    Danger,
    /// The bar at the top.
    Bar,
    /// The heading of columns.
    Heading,
    /// An unread message.
    Unread,
    /// A marked message.
    Marked,
    /// A title of a screen or a box.
    Title,
    /// A line or a border.
    Rule,
    /// A key in the hint line.
    Key,
    /// Quoted text; the depth picks the shade.
    Quote(u8),
    /// A link.
    Link,
    /// Code and preformatted text.
    Code,
    /// What a search has found.
    Match,
    /// A text field.
    Input,
}

/// Which colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeKind {
    /// True colour on a dark ground.
    Dark,
    /// True colour on a light ground.
    Light,
    /// The sixteen colours of the terminal, on its own ground.
    #[default]
    Ansi,
    /// No colour at all.
    None,
}

/// The look of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    kind: ThemeKind,
    /// The colours of a file, in the place of the kind's own.
    own: Option<Palette>,
}

impl Theme {
    /// The theme of this kind.
    pub fn new(kind: ThemeKind) -> Self {
        Self { kind, own: None }
    }

    /// The colours of a file; none where there is to be no colour at all.
    #[must_use]
    pub fn of_file(kind: ThemeKind, file: &ThemeFile) -> Self {
        let own = (kind != ThemeKind::None).then(|| Palette::of_file(file));
        Self { kind, own }
    }

    /// Which it is.
    pub fn kind(self) -> ThemeKind {
        self.kind
    }

    /// What text of this role looks like.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new().add_modifier(weight(role));
        match self.palette() {
            Some(palette) => style.fg(palette.of(role)).bg(palette.bg),
            None if self.kind == ThemeKind::Ansi => match ansi(role) {
                Some(colour) => style.fg(colour),
                None => style,
            },
            None => style,
        }
    }

    /// The same on the row under the cursor.
    pub fn selected(self, role: Role) -> Style {
        let style = self.style(role).add_modifier(Modifier::BOLD);
        match self.palette() {
            Some(palette) => style.bg(palette.sel),
            None => style,
        }
    }

    /// `style`, on the selection's ground when `on`.
    pub fn on_row(self, role: Role, on: bool) -> Style {
        if on {
            self.selected(role)
        } else {
            self.style(role)
        }
    }

    /// A pressed button, or the chosen entry of a menu: seen without colour too.
    pub fn chosen(self) -> Style {
        self.style(Role::Text)
            .add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    fn palette(self) -> Option<Palette> {
        if self.own.is_some() {
            return self.own;
        }
        match self.kind {
            ThemeKind::Dark => Some(DARK),
            ThemeKind::Light => Some(LIGHT),
            ThemeKind::Ansi | ThemeKind::None => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Palette {
    bg: Color,
    sel: Color,
    fg: Color,
    muted: Color,
    accent: Color,
    ok: Color,
    warn: Color,
    danger: Color,
}

impl Palette {
    fn of_file(file: &ThemeFile) -> Self {
        let base = match file.base {
            ThemeBase::Dark => DARK,
            ThemeBase::Light => LIGHT,
        };
        let [bg, sel, fg, muted, accent, ok, warn, danger] = file.colours;
        let or = |own: Option<Colour>, base| own.map_or(base, colour);
        Self {
            bg: or(bg, base.bg),
            sel: or(sel, base.sel),
            fg: or(fg, base.fg),
            muted: or(muted, base.muted),
            accent: or(accent, base.accent),
            ok: or(ok, base.ok),
            warn: or(warn, base.warn),
            danger: or(danger, base.danger),
        }
    }

    fn of(self, role: Role) -> Color {
        match role {
            Role::Text | Role::Bar | Role::Unread | Role::Title | Role::Input => self.fg,
            Role::Muted | Role::Heading | Role::Rule => self.muted,
            Role::Accent | Role::Key | Role::Link => self.accent,
            Role::Ok | Role::Code => self.ok,
            Role::Warn | Role::Marked | Role::Match => self.warn,
            Role::Danger => self.danger,
            Role::Quote(depth) => match depth % 3 {
                1 => self.muted,
                2 => self.ok,
                _ => self.accent,
            },
        }
    }
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Ansi(number) => Color::Indexed(number),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

fn weight(role: Role) -> Modifier {
    match role {
        Role::Bar | Role::Unread | Role::Title | Role::Key | Role::Marked | Role::Danger => {
            Modifier::BOLD
        }
        Role::Link | Role::Match | Role::Input => Modifier::UNDERLINED,
        _ => Modifier::empty(),
    }
}

/// In sixteen colours the ground is unknown: the default foreground carries the text, and only signals are coloured, in
/// shades that can be read on black and on white.
fn ansi(role: Role) -> Option<Color> {
    match role {
        Role::Danger => Some(Color::Red),
        Role::Accent | Role::Key => Some(Color::Magenta),
        _ => None,
    }
}

const DARK: Palette = Palette {
    bg: Color::Rgb(0x16, 0x18, 0x1d),
    sel: Color::Rgb(0x2b, 0x3a, 0x52),
    fg: Color::Rgb(0xd7, 0xda, 0xe0),
    muted: Color::Rgb(0x9a, 0xa3, 0xb2),
    accent: Color::Rgb(0x7c, 0xb7, 0xff),
    ok: Color::Rgb(0x8f, 0xd6, 0x94),
    warn: Color::Rgb(0xf2, 0xc4, 0x6d),
    danger: Color::Rgb(0xff, 0x8f, 0x87),
};

const LIGHT: Palette = Palette {
    bg: Color::Rgb(0xfb, 0xfb, 0xf9),
    sel: Color::Rgb(0xd6, 0xe6, 0xfb),
    fg: Color::Rgb(0x24, 0x29, 0x2f),
    muted: Color::Rgb(0x57, 0x60, 0x6a),
    accent: Color::Rgb(0x05, 0x50, 0xae),
    ok: Color::Rgb(0x11, 0x63, 0x29),
    warn: Color::Rgb(0x7d, 0x4e, 0x00),
    danger: Color::Rgb(0xb3, 0x26, 0x1e),
};

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 20] = [
        Role::Text,
        Role::Muted,
        Role::Accent,
        Role::Ok,
        Role::Warn,
        Role::Danger,
        Role::Bar,
        Role::Heading,
        Role::Unread,
        Role::Marked,
        Role::Title,
        Role::Rule,
        Role::Key,
        Role::Quote(1),
        Role::Quote(2),
        Role::Quote(3),
        Role::Link,
        Role::Code,
        Role::Match,
        Role::Input,
    ];

    fn luminance(colour: Color) -> f64 {
        let Color::Rgb(r, g, b) = colour else {
            panic!("a palette holds true colours only")
        };
        let channel = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    }

    fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_role_can_be_read_on_the_ground_and_on_the_selection() {
        for kind in [ThemeKind::Dark, ThemeKind::Light] {
            let theme = Theme::new(kind);
            for role in ROLES {
                for style in [theme.style(role), theme.selected(role)] {
                    let ratio = contrast(style.fg.unwrap(), style.bg.unwrap());
                    assert!(ratio >= 4.5, "{kind:?} {role:?}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn a_file_changes_what_it_names_and_leaves_the_rest() {
        let text = "base = \"light\"\nbackground = \"default\"\naccent = \"#ff0080\"\ndanger = \"bright-red\"\n";
        let file = ThemeFile::parse(text, std::path::Path::new("x.toml")).unwrap();
        let theme = Theme::of_file(ThemeKind::Light, &file);
        assert_eq!(theme.style(Role::Key).fg, Some(Color::Rgb(255, 0, 128)));
        assert_eq!(theme.style(Role::Text).fg, Some(LIGHT.fg));
        assert_eq!(theme.style(Role::Text).bg, Some(Color::Reset));
        assert_eq!(theme.style(Role::Danger).fg, Some(Color::Indexed(9)));
        assert_eq!(theme.selected(Role::Text).bg, Some(LIGHT.sel));
        let none = Theme::of_file(ThemeKind::None, &file);
        assert_eq!(none, Theme::new(ThemeKind::None));
    }

    #[test]
    fn without_colour_no_style_has_any() {
        let theme = Theme::new(ThemeKind::None);
        for role in ROLES {
            for style in [theme.style(role), theme.selected(role), theme.chosen()] {
                assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
            }
        }
    }

    #[test]
    fn the_sixteen_colour_theme_never_paints_a_ground() {
        let theme = Theme::new(ThemeKind::Ansi);
        for role in ROLES {
            assert_eq!(theme.selected(role).bg, None, "{role:?}");
        }
    }
}
