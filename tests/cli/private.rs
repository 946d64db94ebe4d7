//! Who may look into the folder of the mail.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::house::House;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A folder that others can look into.
fn open_folder(house: &House, name: &str) -> std::path::PathBuf {
    let folder = house.path(name);
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_in_which_a_store_is_made_is_closed_to_others() {
    let house = House::letters(1);
    let folder = open_folder(&house, "mail");
    house.well("--data-dir mail sync").await;
    assert_eq!(mode(&folder), 0o700);
    // Whoever opens it again has a reason.
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o750)).unwrap();
    house.well("--data-dir mail sync").await;
    assert_eq!(mode(&folder), 0o750);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_there_before_the_store_makes_no_difference() {
    let house = House::letters(1);
    let folder = open_folder(&house, "mail");
    std::fs::write(folder.join("poppet.log"), "").unwrap();
    house.well("--data-dir mail sync").await;
    assert_eq!(mode(&folder), 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_other_things_in_it_is_left_as_it_is() {
    let house = House::letters(1);
    let folder = open_folder(&house, "shared");
    std::fs::write(folder.join("notes.txt"), "for all").unwrap();
    house.well("--data-dir shared sync").await;
    assert_eq!(mode(&folder), 0o755);
    let doctor = house.well("--data-dir shared doctor --offline").await;
    assert!(
        doctor.text.contains("can be read by others"),
        "{}",
        doctor.text
    );
}
