use std::time::Duration;

/// Why a text is not a duration or a size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// There is no number at its beginning.
    #[error("it starts with no number")]
    NoNumber,
    /// There is a number, but no unit.
    #[error("it has no unit")]
    NoUnit,
    /// The unit is not known.
    #[error("\"{0}\" is no unit here")]
    UnknownUnit(String),
    /// It is too large to count with.
    #[error("it is too large")]
    TooLarge,
}

/// A length of time such as `2 s`, `15 min`, `1.5 h`, `7 days`.
///
/// Units: `ms`; `s`, `sec`, `second`, `seconds`; `min`, `minute`, `minutes`; `h`, `hour`, `hours`; `d`, `day`, `days`;
/// `w`, `week`, `weeks`. The space may be missing; up to three decimals are taken.
pub fn duration(text: &str) -> Result<Duration, QuantityError> {
    let (thousandths, unit) = split(text)?;
    let milliseconds: u64 = match unit.as_str() {
        "ms" => 1,
        "s" | "sec" | "second" | "seconds" => 1_000,
        "min" | "minute" | "minutes" => 60_000,
        "h" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        "w" | "week" | "weeks" => 604_800_000,
        _ => return Err(QuantityError::UnknownUnit(unit)),
    };
    let total = scaled(thousandths, milliseconds)?;
    if total > LONGEST_MILLISECONDS {
        return Err(QuantityError::TooLarge);
    }
    Ok(Duration::from_millis(total))
}

/// A size in octets such as `5 MB` or `1.5 GiB`.
///
/// Decimal units: `kB` 1 000, `MB` 1 000 000, `GB` 10^9, `TB` 10^12 (also `k`, `M`, `G`, `T`). Binary units: `KiB` 1 024,
/// `MiB` 1 048 576, `GiB` 2^30, `TiB` 2^40. `B`, `byte`, `bytes`, `octets` for single octets. Case does not matter, the
/// space may be missing, up to three decimals are taken.
pub fn octets(text: &str) -> Result<u64, QuantityError> {
    let (thousandths, unit) = split(text)?;
    let scale: u64 = match unit.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" | "octet" | "octets" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(QuantityError::UnknownUnit(unit)),
    };
    let total = scaled(thousandths, scale)?;
    if total > i64::MAX as u64 {
        return Err(QuantityError::TooLarge);
    }
    Ok(total)
}

/// The number in thousandths, and the unit behind it.
fn split(text: &str) -> Result<(u64, String), QuantityError> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || (number.contains('.') && !digits(fraction)) || fraction.len() > 3 {
        return Err(QuantityError::NoNumber);
    }
    let parse = |text: &str| text.parse::<u64>().map_err(|_| QuantityError::TooLarge);
    let thousandths = parse(whole)?
        .checked_mul(1_000)
        .and_then(|whole| whole.checked_add(parse(&format!("{fraction:0<3}")).ok()?))
        .ok_or(QuantityError::TooLarge)?;
    let unit = unit.trim();
    if unit.is_empty() {
        return Err(QuantityError::NoUnit);
    }
    Ok((thousandths, unit.to_owned()))
}

fn scaled(thousandths: u64, scale: u64) -> Result<u64, QuantityError> {
    let total = u128::from(thousandths) * u128::from(scale) / 1_000;
    u64::try_from(total).map_err(|_| QuantityError::TooLarge)
}

/// A hundred years: past it, sums with a date might not fit.
const LONGEST_MILLISECONDS: u64 = 100 * 366 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_every_unit() {
        for (text, milliseconds) in [
            ("250 ms", 250),
            ("2 s", 2_000),
            ("0.5 s", 500),
            ("15 min", 900_000),
            ("15min", 900_000),
            (" 1.5 h ", 5_400_000),
            ("7 days", 604_800_000),
            ("1 day", 86_400_000),
            ("2 weeks", 1_209_600_000),
            ("0 s", 0),
        ] {
            assert_eq!(
                duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn sizes_are_decimal_or_binary_as_their_unit_says() {
        for (text, count) in [
            ("5 MB", 5_000_000),
            ("5 MiB", 5_242_880),
            ("2 GB", 2_000_000_000),
            ("2GiB", 2_147_483_648),
            ("1.5 kB", 1_500),
            ("500m", 500_000_000),
            ("10 B", 10),
            ("1 TB", 1_000_000_000_000),
        ] {
            assert_eq!(octets(text), Ok(count), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        use QuantityError::{NoNumber, NoUnit, TooLarge, UnknownUnit};
        assert_eq!(duration("soon"), Err(NoNumber));
        assert_eq!(duration(""), Err(NoNumber));
        assert_eq!(duration("15"), Err(NoUnit));
        assert_eq!(duration("-5 s"), Err(NoNumber));
        assert_eq!(duration("1..5 s"), Err(NoNumber));
        assert_eq!(duration("1. s"), Err(NoNumber));
        assert_eq!(duration(".5 s"), Err(NoNumber));
        assert_eq!(
            duration("5 lightyears"),
            Err(UnknownUnit("lightyears".to_owned()))
        );
        assert_eq!(duration("5 MB"), Err(UnknownUnit("MB".to_owned())));
        assert_eq!(duration("99999999999 weeks"), Err(TooLarge));
        assert_eq!(octets("99999999999999999999 B"), Err(TooLarge));
        assert_eq!(octets("18000000 TB"), Err(TooLarge));
        assert_eq!(octets("5 min"), Err(UnknownUnit("min".to_owned())));
        assert_eq!(octets("5"), Err(NoUnit));
    }
}
