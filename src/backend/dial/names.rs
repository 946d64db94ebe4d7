//! Whether a certificate names a host where names belong: among its subjectAltNames (RFC 9525 section 2, RFC 7817
//! section 3).
//!
//! Whether one of them is the right one is the TLS library's to say, which has checked signatures and dates before.

/// Whether the certificate, in DER, has a dNSName.
pub(super) fn has_host(certificate: &[u8]) -> bool {
    names(certificate).is_some_and(|mut names| names.any(|(tag, _)| tag == DNS_NAME))
}

/// The subjectAltNames of a certificate.
fn names(certificate: &[u8]) -> Option<Elements<'_>> {
    let signed = Elements(certificate).inside(SEQUENCE)?.inside(SEQUENCE)?;
    let extensions = signed.inside(EXTENSIONS)?.inside(SEQUENCE)?;
    extensions
        .filter(|(tag, _)| *tag == SEQUENCE)
        .find_map(|(_, extension)| {
            let mut fields = Elements(extension);
            let is_names = fields.next() == Some((OBJECT, SUBJECT_ALT_NAME));
            is_names.then(|| fields.inside(OCTETS)?.inside(SEQUENCE))?
        })
}

/// The elements that follow each other in DER: tag and content of each, up to the first that is none.
struct Elements<'x>(&'x [u8]);

impl Elements<'_> {
    /// What is in the first element with that tag.
    fn inside(mut self, wanted: u8) -> Option<Self> {
        self.find(|(tag, _)| *tag == wanted)
            .map(|(_, content)| Self(content))
    }
}

impl<'x> Iterator for Elements<'x> {
    type Item = (u8, &'x [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let (length, rest) = rest.split_first()?;
        let (length, rest) = match length {
            0..=0x7F => (usize::from(*length), rest),
            0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(length & 0x7F))?;
                let length = octets
                    .iter()
                    .fold(0, |length, octet| length << 8 | usize::from(*octet));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

const SEQUENCE: u8 = 0x30;
const OBJECT: u8 = 0x06;
const OCTETS: u8 = 0x04;
/// The fourth of the fields with a tag of their own in a certificate.
const EXTENSIONS: u8 = 0xA3;
const DNS_NAME: u8 = 0x82;
/// 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    fn certificate(names: Vec<SanType>) -> Vec<u8> {
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted
            .distinguished_name
            .push(DnType::CommonName, "pop.example");
        wanted.subject_alt_names = names;
        let key = KeyPair::generate().unwrap();
        wanted.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn v9_only_a_dns_name_among_the_alternative_names_counts() {
        let host = || SanType::DnsName("pop.example".try_into().unwrap());
        let mail = || SanType::Rfc822Name("sam@pop.example".try_into().unwrap());
        assert!(has_host(&certificate(vec![host()])));
        assert!(has_host(&certificate(vec![mail(), host()])));
        assert!(!has_host(&certificate(vec![mail()])));
        assert!(!has_host(&certificate(Vec::new())));
    }

    #[test]
    fn v9_a_certificate_cut_or_changed_anywhere_is_read_without_harm() {
        let whole = certificate(vec![SanType::DnsName("pop.example".try_into().unwrap())]);
        for at in 0..whole.len() {
            has_host(&whole[..at]);
            for octet in [0x00, 0x7F, 0x80, 0x84, 0x85, 0xFF] {
                let mut changed = whole.clone();
                changed[at] = octet;
                has_host(&changed);
            }
        }
    }
}
