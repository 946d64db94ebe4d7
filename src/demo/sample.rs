//! The hand-made messages of `assets/demo/`, compiled in.

/// Names of files in `assets/demo/` to their octets.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$((
            $name,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/", $name)),
        )),*]
    };
}

/// Every file of the folder, oldest message first.
pub(super) static FILES: &[(&str, &[u8])] = files![
    "01-first-light.eml",
    "02-receipt.eml",
    "03-busan.eml",
    "04-apple-cake.eml",
    "05-felix-trick.eml",
    "06-white-sea.eml",
    "07-qingdao.eml",
    "08-syros.eml",
    "09-overdue-invoice.eml",
    "10-muroran.eml",
    "11-plain-text.eml",
    "12-library.eml",
    "13-minutes.eml",
    "14-alexandria.eml",
    "15-poem.eml",
    "16-dad-subject.eml",
    "17-bounce.eml",
    "18-haifa.eml",
    "19-lamp-sale.eml",
    "20-werkstatt.eml",
    "21-train.eml",
    "22-no-date.eml",
    "23-tide-late.eml",
    "24-tide-late-re.eml",
    "25-tide-late-log.eml",
    "26-tide-late-quotes.eml",
    "27-moon-not-late.eml",
    "28-moon-not-late-re.eml",
    "29-patch.eml",
    "30-parcel.eml",
    "31-weekly-knot.eml",
    "32-fwd-the-step.eml",
    "33-tide-table.eml",
    "34-at-sea.eml",
    "35-digest.eml",
    "36-invitation.eml",
    "37-family.eml",
    "38-bank-urgent.eml",
    "39-password-reset.eml",
    "40-huge.eml",
    "41-muroran-photo.eml",
    "42-dad-again.eml",
    "43-code.eml",
    "44-welcome.eml",
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_message_of_the_folder_is_in_the_list_and_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        let mut names: Vec<String> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|ending| ending == "eml")
            })
            .collect();
        names.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, names);
    }
}
