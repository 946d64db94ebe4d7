//! Host names in other scripts, in both their spellings (RFC 3492, RFC 5890).

/// A host name with every `xn--` label spelled out; labels that are not well formed stay.
pub(super) fn unicode_host(host: &str) -> String {
    let spell = |label: &str| {
        let digits = label.strip_prefix("xn--");
        digits.and_then(decode).unwrap_or_else(|| label.to_owned())
    };
    host.split('.').map(spell).collect::<Vec<_>>().join(".")
}

/// A host name as DNS has it.
pub(super) fn ascii_host(host: &str) -> String {
    let spell = |label: &str| {
        if label.is_ascii() {
            return label.to_owned();
        }
        encode(label).map_or_else(|| label.to_owned(), |digits| format!("xn--{digits}"))
    };
    host.split('.').map(spell).collect::<Vec<_>>().join(".")
}

fn decode(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let (basic, digits) = text.rsplit_once('-').unwrap_or(("", text));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (FIRST, 0_u32, BIAS);
    let mut digits = digits.chars().peekable();
    while digits.peek().is_some() {
        let (before, mut weight) = (at, 1_u32);
        let mut base = BASE;
        loop {
            let digit = digits.next()?;
            let digit = match digit {
                '0'..='9' => u32::from(digit) - u32::from('0') + 26,
                _ => digit.to_digit(36)?.checked_sub(10)?,
            };
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = base.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            base += BASE;
        }
        let count = u32::try_from(out.len() + 1).ok()?;
        bias = adapt(at - before, count, before == 0);
        code = code.checked_add(at / count)?;
        at %= count;
        out.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at += 1;
    }
    Some(out.into_iter().collect())
}

fn encode(label: &str) -> Option<String> {
    if label.len() > LONGEST {
        return None;
    }
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let total = u32::try_from(label.chars().count()).ok()?;
    let (mut code, mut delta, mut bias, mut done) = (FIRST, 0_u32, BIAS, basic);
    while done < total {
        let next = label.chars().map(u32::from).filter(|c| *c >= code).min()?;
        delta = delta.checked_add((next - code).checked_mul(done + 1)?)?;
        code = next;
        for c in label.chars().map(u32::from) {
            if c < code {
                delta = delta.checked_add(1)?;
            }
            if c == code {
                write_number(delta, bias, &mut out);
                bias = adapt(delta, done + 1, done == basic);
                (delta, done) = (0, done + 1);
            }
        }
        delta = delta.checked_add(1)?;
        code += 1;
    }
    Some(out)
}

fn write_number(mut number: u32, bias: u32, out: &mut String) {
    let mut base = BASE;
    loop {
        let threshold = base.saturating_sub(bias).clamp(1, 26);
        let last = number < threshold;
        let digit = if last {
            number
        } else {
            threshold + (number - threshold) % (BASE - threshold)
        };
        let letter = if digit < 26 {
            u32::from('a') + digit
        } else {
            u32::from('0') + digit - 26
        };
        out.extend(char::from_u32(letter));
        if last {
            return;
        }
        number = (number - threshold) / (BASE - threshold);
        base += BASE;
    }
}

/// RFC 3492 section 6.1.
fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += BASE;
    }
    k + 36 * delta / (delta + 38)
}

const BASE: u32 = 36;
const BIAS: u32 = 72;
const FIRST: u32 = 128;
/// Octets of a label that are looked at; DNS has no longer ones than 63.
const LONGEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_both_ways() {
        for (unicode, ascii) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
            (
                "почемужеонинеговорятпорусски",
                "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
            ),
        ] {
            assert_eq!(ascii_host(unicode), ascii);
            assert_eq!(unicode_host(ascii), unicode);
        }
        assert_eq!(
            unicode_host("xn--\u{1}.xn--99999999999"),
            "xn--\u{1}.xn--99999999999"
        );
    }
}
