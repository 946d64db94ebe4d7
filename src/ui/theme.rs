//! Colours by role. A screen names what a text is; only this file knows what that looks like.
//!
//! Every role that carries text has a contrast of at least 4.5:1 (WCAG 2.1, 1.4.3) on the background and on the selection,
//! in both palettes. No meaning rests on colour alone: words, shapes and bold come first.

use ratatui::style::{Color, Modifier, Style};

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
}

impl Theme {
    /// The theme of this kind.
    pub fn new(kind: ThemeKind) -> Self {
        Self { kind }
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
        match self.kind {
            ThemeKind::Dark => Some(DARK),
            ThemeKind::Light => Some(LIGHT),
            ThemeKind::Ansi | ThemeKind::None => None,
        }
    }
}

#[derive(Clone, Copy)]
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
