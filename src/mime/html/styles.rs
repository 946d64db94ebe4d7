//! What `html2text` is told to make of styles, links and lists.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html2text::render::TextDecorator;

use super::super::links::Links;
use crate::mail::Link;

/// What `html2text` writes beside the words: list marks, the number of a link after its last word, and the quote marks that
/// the caller takes off again.
///
/// The numbers are part of the layout, so that the columns of a table stand where they should.
#[derive(Clone)]
pub(super) struct Styles {
    links: Rc<RefCell<Links>>,
    /// How many links have begun, wherever they lead.
    begun: Rc<Cell<usize>>,
    /// The numbers of the links that have begun here and not ended.
    open: Vec<Option<u16>>,
}

impl Styles {
    pub(super) fn new(links: Rc<RefCell<Links>>) -> Self {
        Self {
            links,
            begun: Rc::default(),
            open: Vec::new(),
        }
    }
}

/// What a piece of text is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    #[default]
    None,
    /// A link with its number, and how many have begun before it.
    Link(Option<u16>, usize),
    Image,
    Emphasis,
    Strong,
    Strike,
    Code,
    Heading,
}

impl TextDecorator for Styles {
    type Annotation = Mark;

    fn decorate_link_start(&mut self, url: &str) -> (String, Mark) {
        let number = self.links.borrow_mut().number(url);
        self.open.push(number);
        let place = self.begun.get();
        self.begun.set(place + 1);
        (String::new(), Mark::Link(number, place))
    }

    fn decorate_link_end(&mut self) -> String {
        self.open
            .pop()
            .flatten()
            .map(|number| format!(" {}", Link::mark(number)))
            .unwrap_or_default()
    }

    fn decorate_em_start(&self) -> (String, Mark) {
        (String::new(), Mark::Emphasis)
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, Mark) {
        (String::new(), Mark::Strong)
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, Mark) {
        (String::new(), Mark::Strike)
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, Mark) {
        (String::new(), Mark::Code)
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) -> Mark {
        Mark::Code
    }

    fn decorate_preformat_cont(&self) -> Mark {
        Mark::Code
    }

    fn decorate_image(&mut self, _source: &str, title: &str) -> (String, Mark) {
        (title.to_owned(), Mark::Image)
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        // `html2text` takes octets for columns here, so the mark is ASCII until the line is laid out.
        "* ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self {
            links: Rc::clone(&self.links),
            begun: Rc::clone(&self.begun),
            open: Vec::new(),
        }
    }

    fn decorate_superscript_start(&self) -> (String, Mark) {
        (String::new(), Mark::Heading)
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }
}
