//! The time zone of this computer.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;

/// The zone that `TZ` or the system names.
///
/// A zone with a plain name is read from its file. Everything else is left to the library, which knows all the ways in which
/// a zone can be given, but looks through all folders of the zones first: milliseconds before the first line is there.
pub fn system() -> TimeZone {
    let elsewhere = std::env::var_os("TZDIR").is_some();
    let named = || {
        let wanted = std::env::var_os("TZ");
        named(wanted.as_deref(), Path::new(LOCALTIME), Path::new(ZONES))
    };
    (!elsewhere)
        .then(named)
        .flatten()
        .unwrap_or_else(TimeZone::system)
}

/// The zone of this name in a folder of zones; without a name, the zone that a link points to.
fn named(wanted: Option<&OsStr>, link: &Path, zones: &Path) -> Option<TimeZone> {
    let (name, file) = match wanted {
        Some(name) if name == "UTC" => return Some(TimeZone::UTC),
        Some(name) => (name.to_str()?.to_owned(), zones.join(name)),
        None => {
            let target = fs::read_link(link).ok()?;
            let (_, name) = target.to_str()?.rsplit_once("/zoneinfo/")?;
            (name.to_owned(), link.to_owned())
        }
    };
    is_plain(&name)
        .then(|| fs::read(file).ok())
        .flatten()
        .and_then(|octets| TimeZone::tzif(&name, &octets).ok())
}

/// Whether it is the name of a region and a place, such as `Europe/Zurich`, and nothing else: no path, no rule.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-+".contains(c))
    };
    name.contains('/') && name.split('/').all(part)
}

const LOCALTIME: &str = "/etc/localtime";
const ZONES: &str = "/usr/share/zoneinfo";

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    /// A zone that is two hours ahead all year (RFC 9636 section 3).
    fn two_hours_ahead() -> Vec<u8> {
        let mut octets = Vec::new();
        for _ in 0..2 {
            octets.extend(b"TZif2");
            octets.extend([0; 15]);
            // No leap seconds, no transitions; one type, and its name of four octets.
            for count in [0_u32, 0, 0, 0, 1, 4] {
                octets.extend(count.to_be_bytes());
            }
            octets.extend(7200_i32.to_be_bytes());
            octets.extend([0, 0]);
            octets.extend(b"EET\0");
        }
        octets.extend(b"\nEET-2\n");
        octets
    }

    #[test]
    fn a_zone_is_read_from_its_file_by_name_or_by_link() {
        let folder = tempfile::tempdir().unwrap();
        let zones = folder.path().join("zoneinfo");
        fs::create_dir_all(zones.join("Nowhere")).unwrap();
        let file = zones.join("Nowhere/East_End");
        fs::write(&file, two_hours_ahead()).unwrap();
        let link = folder.path().join("localtime");
        let hours = |zone: Option<TimeZone>| {
            zone.map(|zone| (zone.to_offset(Timestamp::UNIX_EPOCH).seconds() / 3600, zone))
                .map(|(hours, zone)| (hours, zone.iana_name().map(str::to_owned)))
        };
        let east = Some((2, Some("Nowhere/East_End".to_owned())));
        let by_name = named(Some(OsStr::new("Nowhere/East_End")), &link, &zones);
        assert_eq!(hours(by_name), east);
        assert_eq!(named(None, &link, &zones), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert_eq!(hours(named(None, &link, &zones)), east);
        }
    }

    #[test]
    fn what_is_no_plain_name_is_left_to_the_library() {
        let nowhere = Path::new("/nonexistent");
        for other in [
            "",
            ":Europe/Zurich",
            "/etc/localtime",
            "CET-1CEST",
            "../a/b",
            "Europe//X",
        ] {
            assert_eq!(named(Some(OsStr::new(other)), nowhere, nowhere), None);
            assert!(!is_plain(other), "{other}");
        }
        let utc = named(Some(OsStr::new("UTC")), nowhere, nowhere);
        assert_eq!(utc, Some(TimeZone::UTC));
    }
}
