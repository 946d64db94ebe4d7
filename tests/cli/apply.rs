use crate::house::House;

async fn ids(house: &House) -> Vec<String> {
    let rows = house.well("list --json").await.objects();
    rows.iter().map(|row| row["id"].to_string()).collect()
}

fn left(house: &House) -> usize {
    house.server.maildrop().uidls().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_staged_shown_taken_back_and_applied_only_when_agreed_to() {
    let house = House::letters(6);
    house.well("sync").await;
    assert_eq!(house.run("pending").await.code, 1);
    let ids = ids(&house).await;
    let ran = house.well(&format!("delete {} {}", ids[0], ids[1])).await;
    assert!(
        ran.text.contains("2 messages staged for deletion"),
        "{}",
        ran.text
    );
    house.well(&format!("undelete {}", ids[1])).await;
    let pending = house.well("pending --json").await.objects();
    assert_eq!(pending.len(), 1);
    assert_eq!(
        (
            pending[0]["id"].to_string(),
            &pending[0]["reason"],
            &pending[0]["stored"]
        ),
        (ids[0].clone(), &"you".into(), &true.into())
    );
    let refused = house.run("apply").await;
    assert_eq!(refused.code, 2);
    refused.assert_told("Nothing is deleted");
    assert_eq!(left(&house), 6);
    let applied = house.well("apply --yes --json").await.objects();
    assert_eq!(
        (applied[0]["id"].to_string(), &applied[0]["result"]),
        (ids[0].clone(), &"deleted".into())
    );
    assert_eq!(left(&house), 5);
    assert_eq!(house.run("apply --yes").await.code, 1);
    assert_eq!(
        house.well("list folder:trash --json").await.objects().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_copy_goes_only_with_its_exact_number() {
    let house = House::letters(8);
    house.well("sync --headers").await;
    let ids = ids(&house).await;
    house.well(&format!("show {} -q", ids[0])).await;
    house
        .well(&format!("delete --server {} {} {}", ids[0], ids[1], ids[2]))
        .await;
    for wrong in ["0", "1", "3"] {
        let ran = house
            .run(&format!("apply --yes --without-copy {wrong}"))
            .await;
        assert_eq!(ran.code, 2, "{}", ran.text);
        ran.assert_told("Nothing is deleted");
    }
    assert_eq!(left(&house), 8);
    let ran = house.well("apply --yes").await;
    assert!(ran.error.contains("2 messages left out"), "{}", ran.error);
    assert_eq!(left(&house), 7);
    let ran = house.run("apply --yes").await;
    assert_eq!((ran.code, left(&house)), (1, 7));
    let ran = house.run("apply --yes --json").await;
    // Nothing could be done at all.
    assert_eq!((ran.code, ran.text.as_str()), (1, ""));
    let remedy = ran.wrong()["remedy"].to_string();
    assert!(remedy.contains("--without-copy 2"), "{remedy}");
    house.well("apply --yes --without-copy 2").await;
    assert_eq!(left(&house), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_here_alone_reaches_no_server_and_pins_hold() {
    let house = House::letters(3);
    house.well("sync").await;
    let ids = ids(&house).await;
    house.well(&format!("delete --local {}", ids[0])).await;
    assert_eq!(house.run("pending").await.code, 1);
    assert_eq!(house.well("list --json").await.objects().len(), 2);
    house.well(&format!("undelete {}", ids[0])).await;
    let pinned = house
        .well(&format!("keep {} --json", ids[1]))
        .await
        .objects();
    assert_eq!(pinned[0]["pinned"], true);
    let loose = house
        .well(&format!("keep --off {} --json", ids[1]))
        .await
        .objects();
    assert_eq!(loose[0]["pinned"], false);
    let ran = house.run(&format!("delete {} 4711", ids[0])).await;
    assert_eq!(ran.code, 1);
    ran.assert_told("There is no message 4711");
    assert_eq!(house.run("pending").await.code, 1, "half of it was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_is_no_look_at_what_put_the_brake_on() {
    let house = House::letters(40);
    house.well("sync").await;
    let ids = ids(&house).await;
    house.well(&format!("delete {}", ids[39])).await;
    let maildrop = house.server.maildrop();
    maildrop
        .uidls()
        .iter()
        .skip(5)
        .for_each(|uidl| assert!(maildrop.remove(uidl)));
    house.run("sync").await;
    let ran = house.run("apply --yes").await;
    assert_eq!(ran.code, 3, "{}{}", ran.text, ran.error);
    ran.assert_told("Nothing is deleted");
}
