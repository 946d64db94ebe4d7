//! A message whose octets here are not those that were received: it is known for what it is, fetched again where that can be,
//! and never counts as a copy.

use poppet::demo::Message;
use rusqlite::Connection;

use crate::house::{House, contents};

impl House {
    /// Changes one octet of what is stored of a message, as a failing disk would.
    fn damage(&self, id: i64) {
        let store = Connection::open(self.path("data/poppet/mail.db")).unwrap();
        let sql = "SELECT octets FROM octets WHERE message = ?1";
        let mut octets: Vec<u8> = store.query_row(sql, [id], |row| row.get(0)).unwrap();
        let last = octets.len() - 5;
        octets[last] ^= 1;
        let sql = "UPDATE octets SET octets = ?2 WHERE message = ?1";
        store.execute(sql, rusqlite::params![id, octets]).unwrap();
    }

    /// Another program takes a message off the server.
    async fn lose_on_server(&self, id: i64) {
        let rows = self.well("list --json").await.objects();
        let row = rows.iter().find(|row| row["id"] == id).unwrap();
        let uidl = row["uidl"].as_str().unwrap();
        assert!(self.server.maildrop().remove(uidl.as_bytes()));
        self.well("sync").await;
    }

    async fn octets_of(&self, id: i64) -> Vec<u8> {
        self.well(&format!("show {id} --raw")).await.octets
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_damaged_message_is_fetched_again_when_it_is_shown() {
    for line in ["show 2", "show 2 --raw", "show 2 --json"] {
        let house = House::letters(3);
        house.well("sync").await;
        let before = house.octets_of(2).await;
        house.damage(2);
        house.well(line).await;
        assert_eq!(house.octets_of(2).await, before, "{line}");
        let rows = house.well("list --json").await.objects();
        assert!(
            rows.iter()
                .all(|row| row["damaged"].is_null() && row["local"] == "full")
        );
        house.well("doctor --offline").await;
        let retrieved = house.server.maildrop().commands();
        let retrieved = retrieved
            .iter()
            .filter(|line| line.starts_with("RETR"))
            .count();
        assert_eq!(retrieved, 4, "{line}: once more, and once only");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_what_no_server_has_any_more_is_shown_as_damaged() {
    let house = House::letters(3);
    house.well("sync").await;
    house.lose_on_server(2).await;
    let before = house.octets_of(2).await;
    house.damage(2);

    let text = house.run("show 2").await;
    assert_eq!(text.code, 5, "{}", text.error);
    text.assert_told("Message 2 is damaged");
    assert!(
        text.text
            .contains("is damaged: it is not what was received"),
        "{}",
        text.text
    );
    let json = house.run("show 2 --json").await;
    assert_eq!(
        (json.code, json.wrong()["kind"].as_str()),
        (5, Some("store"))
    );
    let object = &json.objects()[0];
    assert_eq!(
        (&object["damaged"], object["sha256"].is_null()),
        (&true.into(), true)
    );
    let raw = house.run("show 2 --raw").await;
    assert_eq!(raw.code, 5);
    raw.assert_told("Message 2 is damaged");
    let differ = raw
        .octets
        .iter()
        .zip(&before)
        .filter(|(a, b)| a != b)
        .count();
    assert_eq!(
        (raw.octets.len(), differ),
        (before.len(), 1),
        "all that is left"
    );

    let rows = house.well("list --json").await.objects();
    let damaged: Vec<_> = rows.iter().filter(|row| row["damaged"] == true).collect();
    assert_eq!((rows.len(), damaged.len()), (3, 1));
    assert_eq!(
        (&damaged[0]["id"], &damaged[0]["server"]),
        (&2.into(), &"vanished".into())
    );
    assert!(house.well("list").await.text.contains("\tdamaged\t"));
    house.well("sync").await;
    let doctor = house.run("doctor --offline").await;
    assert_eq!(doctor.code, 5);
    assert!(
        doctor.error.contains("not as they were received: 2"),
        "{}",
        doctor.error
    );
    assert!(
        doctor.error.contains("No server has the others (1)"),
        "{}",
        doctor.error
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_doctor_names_what_is_damaged_and_the_next_sync_fetches_exactly_that() {
    let house = House::letters(6);
    house.well("sync").await;
    for id in [2, 5] {
        house.damage(id);
    }
    let doctor = house.run("doctor --offline --json").await;
    assert_eq!(doctor.code, 5, "{}", doctor.text);
    let integrity = doctor
        .objects()
        .into_iter()
        .find(|step| step["check"] == "integrity")
        .unwrap();
    assert_eq!(integrity["status"], "failed");
    assert!(
        integrity["detail"]
            .as_str()
            .unwrap()
            .contains("not as they were received: 2, 5")
    );
    assert_eq!(integrity["remedy"], "`poppet sync` downloads them again.");
    // Asked again it says the same, until they are here again.
    assert_eq!(house.run("doctor --offline").await.code, 5);
    assert_eq!(house.well("list --json no:copy").await.objects().len(), 2);

    let done = house.well("sync --json").await.objects().pop().unwrap();
    assert_eq!(
        (&done["event"], &done["bodies"]),
        (&"done".into(), &2.into())
    );
    house.well("doctor --offline").await;
    house.well("export --eml out").await;
    assert_eq!(contents(&house.path("out")), house.on_server());
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_the_server_copy_of_a_damaged_message_is_not_deleted_as_one_that_is_safe_here() {
    let house = House::letters(4);
    house.well("sync").await;
    house.well("delete 2").await;
    house.damage(2);
    house.run("apply --yes").await;
    assert_eq!(house.on_server().len(), 4);
    house.run("doctor --offline").await;
    house.run("apply --yes").await;
    assert_eq!(
        house.on_server().len(),
        4,
        "also when it is known to be damaged"
    );
    house.well("sync").await;
    house.well("undelete 2").await;
    house.well("sync").await;
    house.well("doctor --offline").await;
    house.well("delete 2").await;
    house.well("apply --yes").await;
    assert_eq!(house.on_server().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_damaged_message_is_not_exported_and_a_backup_puts_it_right() {
    let house = House::letters(3);
    house.well("sync").await;
    house.well("export --maildir backup").await;
    let all = contents(&house.path("backup/cur"));
    house.lose_on_server(2).await;
    house.damage(2);
    for format in ["--maildir dir", "--mbox file", "--eml folder"] {
        let ran = house.run(&format!("export {format}")).await;
        assert_eq!(ran.code, 5, "{format}: {}", ran.error);
        ran.assert_told("1 message left out: damaged");
        assert!(ran.text.starts_with("2 messages written"), "{}", ran.text);
    }
    assert_eq!(contents(&house.path("folder")).len(), 2);
    let said = house.run("export --eml folder --json").await;
    assert_eq!(said.objects()[0]["damaged"], 1);

    let ran = house.well("import backup --account home").await;
    assert!(
        ran.text.starts_with("1 message imported, 2 here"),
        "{}",
        ran.text
    );
    assert_eq!(
        house.well("list --json").await.objects().len(),
        3,
        "it is the same message"
    );
    house.well("doctor --offline").await;
    house.well("export --eml folder").await;
    assert_eq!(contents(&house.path("folder")), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_damaged_message_goes_into_no_mirror() {
    let house = House::letters(3);
    house.well("sync").await;
    house.damage(2);
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.configure(&format!("{text}[mirror]\nmaildir = \"~/Mail\"\n"));
    house.well("sync").await;
    let delivered = contents(&house.path("Mail/home/new"));
    assert_eq!(delivered.len(), 2, "what is damaged is not passed on");
    house.well("sync").await;
    house.well("sync").await;
    let messages = house.server.maildrop().messages();
    let delivered = contents(&house.path("Mail/home/new"));
    assert!(
        messages
            .iter()
            .map(Message::to_vec)
            .all(|octets| delivered.contains(&octets))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_store_that_cannot_be_read_the_doctor_says_what_helps() {
    let house = House::letters(3);
    house.well("sync").await;
    let path = house.path("data/poppet/mail.db");
    let whole = std::fs::read(&path).unwrap();
    for kept in [5_000, 500] {
        std::fs::write(&path, &whole[..kept]).unwrap();
        let ran = house.run("doctor --offline").await;
        assert_eq!(ran.code, 5, "{}", ran.error);
        let told = ran.error.lines().find(|line| line.starts_with("   do: "));
        let told = told.unwrap();
        assert!(told.contains("away") && !told.contains("doctor"), "{told}");
    }
}
