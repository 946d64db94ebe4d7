//! (room under construction)

pub struct RenderOptions { pub view: crate::mail::View, pub width: u16 }
pub fn extract(octets: &[u8], _e: crate::mail::Local) -> crate::mail::Extract {
    let m = mail_parser::MessageParser::default().parse(octets);
    crate::mail::Extract { subject: m.as_ref().and_then(|m| m.subject().map(str::to_owned)).unwrap_or_default(), message_id: m.as_ref().and_then(|m| m.message_id().map(str::to_owned)).unwrap_or_default(), ..Default::default() }
}
pub fn render(id: crate::mail::MessageId, _o: &[u8], e: crate::mail::Local, o: &RenderOptions) -> crate::mail::Body {
    crate::mail::Body { id, view: o.view, width: o.width, fields: vec![], lines: vec![], links: vec![], attachments: vec![], has_text: true, has_html: false, blocked: Default::default(), partial: e != crate::mail::Local::Full, notes: vec![] }
}
pub fn attachments(_o: &[u8]) -> Vec<crate::mail::Attachment> { vec![] }
pub fn attachment(_o: &[u8], _p: u32) -> Option<(crate::mail::Attachment, Vec<u8>)> { None }
