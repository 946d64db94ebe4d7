//! Images: none is loaded; those on other computers are counted.

use super::{
    MOST, Writer,
    tag::{self, Tag},
};

impl Writer<'_> {
    /// Leaves an image out, and its description in its place.
    pub(super) fn image(&mut self, tag: &Tag<'_>) {
        let source = tag.attribute("src").unwrap_or_default();
        let source = source.trim();
        let hidden = self.is_hidden() || self.hidden.hides(tag);
        let tiny = tag.is_tiny();
        let remote = tag::is_remote(source);
        if remote {
            self.out.blocked.images += 1;
            self.out.blocked.trackers += u32::from(hidden || tiny);
        }
        if hidden || tiny || self.elements > MOST {
            return;
        }
        self.elements += 1;
        let alternative = tag.attribute("alt").unwrap_or_default();
        let content_id = source
            .strip_prefix("cid:")
            .or_else(|| source.strip_prefix("CID:"));
        let name = content_id.and_then(|id| (self.name_of)(id));
        let linked = self.within(&["a"]);
        let shown = match (alternative.trim(), name) {
            ("", Some(name)) => format!("image: {name}"),
            ("", None) if content_id.is_some() || linked || source.starts_with("data:") => {
                "image".to_owned()
            }
            ("", None) => return,
            (alternative, _) => alternative.to_owned(),
        };
        self.enter_cell();
        self.out.html.push_str("<img src=x alt=\"[");
        self.attribute(&shown);
        self.out.html.push_str("]\">");
    }

    /// Counts an image behind the text.
    pub(super) fn count_background(&mut self, tag: &Tag<'_>) {
        let named = tag
            .attribute("background")
            .is_some_and(|source| tag::is_remote(source.trim()));
        let styled = tag.attribute("style").is_some_and(|style| {
            let style = style.to_ascii_lowercase();
            style.split("url(").skip(1).any(|url| {
                let url = url.trim_start_matches(['\'', '"', ' ']);
                tag::is_remote(url.trim_start_matches("&quot;").trim_start_matches("&#39;"))
            })
        });
        self.out.blocked.images += u32::from(named || styled);
    }
}
