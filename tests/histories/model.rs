//! The oracle: what may be lost, and who may delete what. It shares no code with poppet; it reads its stores as files.

use std::collections::{BTreeSet, HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use crate::chance::Chance;
use crate::mailbox::{Mailbox, Meddling, Naming, Numbered};
use crate::mails::{Mail, Mails, end_of_header};
use crate::watch::{Bodies, Keep, Known, Row, Watch};

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) mails: Mails,
    pub(crate) mailbox: Mailbox,
    pub(crate) watches: Vec<Watch>,
    /// Lost, and not by poppet.
    excused: HashSet<Mail>,
    /// Seconds that have gone by.
    pub(crate) time: i64,
    pub(crate) steps: u64,
    pub(crate) deleted: u64,
    pub(crate) violations: Vec<String>,
    pub(crate) told: Vec<String>,
    pub(crate) tells: bool,
}

impl Model {
    pub(crate) fn new(mailbox: Mailbox, tells: bool) -> Self {
        Self {
            mails: Mails::default(),
            mailbox,
            watches: Vec::new(),
            excused: HashSet::new(),
            time: 0,
            steps: 0,
            deleted: 0,
            violations: Vec::new(),
            told: Vec::new(),
            tells,
        }
    }

    pub(crate) fn tell(&mut self, what: impl FnOnce() -> String) {
        if self.tells {
            let what = what();
            self.told.push(what);
        }
    }

    pub(crate) fn violated(&mut self, what: String) {
        self.tell(|| format!("VIOLATED: {what}"));
        self.violations.push(what);
    }

    /// What every row of a client's store says.
    pub(crate) fn rows(&mut self, client: usize) -> Vec<Row> {
        let mails = &self.mails;
        let damaged = self.watches[client].damaged.clone();
        let db = self.watches[client].db();
        let mut sizes: HashMap<i64, Vec<u64>> = HashMap::new();
        let mut statement = db
            .prepare_cached("SELECT message, octets FROM ledger")
            .unwrap();
        let mut lines = statement.query([]).unwrap();
        while let Some(line) = lines.next().unwrap() {
            let size: i64 = line.get(1).unwrap();
            sizes
                .entry(line.get(0).unwrap())
                .or_default()
                .push(size.unsigned_abs());
        }
        let mut statement = db
            .prepare_cached(
                "SELECT m.id, m.local, m.folder, m.server, o.octets FROM messages AS m
                 LEFT JOIN octets AS o ON o.message = m.id ORDER BY m.id",
            )
            .unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut all = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let id = row.get(0).unwrap();
            let octets: Vec<u8> = row
                .get::<_, Option<Vec<u8>>>(4)
                .unwrap()
                .unwrap_or_default();
            let whole = row.get::<_, i64>(1).unwrap() == 2;
            let spoiled = || damaged.get(&id).copied();
            let known = match mails.find(&octets).or_else(spoiled).filter(|_| whole) {
                Some(mail) => Known::Whole(mail),
                None => Known::Header(
                    octets[..end_of_header(&octets)].to_vec(),
                    sizes.remove(&id).unwrap_or_default(),
                ),
            };
            all.push(Row {
                id,
                known,
                folder: row.get(2).unwrap(),
                server: row.get(3).unwrap(),
            });
        }
        all
    }

    /// Looks into a client's store and compares it with what was there before.
    pub(crate) fn observe(&mut self, client: usize) {
        let mut found: HashMap<Mail, i64> = HashMap::new();
        let mut wrong = Vec::new();
        let mut removed = HashSet::new();
        {
            let mails = &self.mails;
            let watch = &mut self.watches[client];
            let damaged = watch.damaged.clone();
            let db = watch.db();
            let mut statement = db
                .prepare_cached(
                    "SELECT m.id, m.sha256, o.octets, m.folder FROM messages AS m
                     LEFT JOIN octets AS o ON o.message = m.id WHERE m.local = 2 OR m.folder = 3",
                )
                .unwrap();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let id: i64 = row.get(0).unwrap();
                if row.get::<_, i64>(3).unwrap() == 3 {
                    removed.insert(id);
                    continue;
                }
                let octets: Option<Vec<u8>> = row.get(2).unwrap();
                let octets = octets.unwrap_or_default();
                let Some(mail) = mails.find(&octets) else {
                    if !damaged.contains_key(&id) {
                        wrong.push(format!("row {id} holds octets that no server ever sent"));
                    }
                    continue;
                };
                let recorded: Option<Vec<u8>> = row.get(1).unwrap();
                if recorded.as_deref() != Some(Sha256::digest(&octets).as_slice()) {
                    wrong.push(format!("the digest of row {id} is not that of its octets"));
                }
                if let Some(other) = found.insert(mail, id) {
                    wrong.push(format!("mail {mail} is shown twice, as {other} and {id}"));
                }
            }
        }
        let (time, listings) = (self.time, self.watches[client].listings);
        let watch = &mut self.watches[client];
        for (mail, id) in &watch.whole {
            if found.contains_key(mail) || watch.damaged.contains_key(id) {
                continue;
            }
            let long_in_trash = watch
                .trashed
                .get(id)
                .is_some_and(|at| time - at >= 30 * DAY - SLACK);
            let long_gone = watch
                .last_listed
                .get(mail)
                .is_none_or(|at| time - at >= 30 * DAY - SLACK);
            if removed.contains(id) && long_in_trash && long_gone {
                self.excused.insert(*mail);
                watch.since.remove(mail);
            } else {
                wrong.push(format!(
                    "I9: the copy of mail {mail}, row {id}, is gone from the store"
                ));
            }
        }
        for (mail, id) in &found {
            watch.ever.insert(*mail);
            watch.since.entry(*mail).or_insert((listings, time));
            watch.damaged.remove(id);
            for (whose, known) in &mut watch.wishes {
                if whose == id {
                    *known = Known::Whole(*mail);
                }
            }
        }
        watch.whole = found;
        for what in wrong {
            self.violated(format!("client {client}: {what}"));
        }
    }

    /// Every message that was ever in the mailbox is somewhere, or its loss was somebody else's doing.
    pub(crate) fn account_for_all(&mut self, by_others: bool) {
        let mut somewhere: HashSet<Mail> = self
            .mailbox
            .entries
            .iter()
            .map(|entry| entry.mail)
            .collect();
        for watch in &self.watches {
            somewhere.extend(watch.whole.keys());
        }
        for mail in 0..self.mails.count() {
            if somewhere.contains(&mail) {
                self.excused.remove(&mail);
            } else if by_others {
                self.excused.insert(mail);
            } else if !self.excused.contains(&mail) {
                self.excused.insert(mail);
                self.violated(format!("mail {mail} is lost"));
            }
        }
    }

    /// What others do. What was fetched before is safe, and the rest is their doing.
    pub(crate) fn meddle(&mut self, meddling: Meddling, chance: &mut Chance) {
        let before = self.mails.count();
        if !self.mailbox.meddle(meddling, &mut self.mails, chance) {
            return;
        }
        self.steps += 1;
        self.tell(|| format!("  {meddling:?}"));
        for client in 0..self.watches.len() {
            self.observe(client);
        }
        self.account_for_all(true);
        let all_whole = |model: &Self, client: usize| {
            let headers: HashSet<&[u8]> = model
                .mailbox
                .entries
                .iter()
                .map(|entry| model.mails.header(entry.mail))
                .collect();
            let watch = &model.watches[client];
            let ever: HashSet<&[u8]> = watch
                .ever
                .iter()
                .map(|mail| model.mails.header(*mail))
                .collect();
            headers.len() == model.mailbox.entries.len()
                && ever.len() == watch.ever.len()
                && model.mailbox.entries.iter().all(|entry| {
                    watch.whole.contains_key(&entry.mail) && model.mails.is_named(entry.mail)
                })
        };
        let remap = meddling == Meddling::Rename
            && before == self.mails.count()
            && self.mailbox.manners.top
            && self.mailbox.manners.naming != Naming::Missing;
        for client in 0..self.watches.len() {
            self.watches[client].expects_nothing_new = remap && all_whole(self, client);
        }
    }

    /// These seconds that go by were full of checks that saw what the last one saw.
    pub(crate) fn checked_meanwhile(&mut self, seconds: i64) {
        for watch in &mut self.watches {
            let sql = "UPDATE accounts SET elapsed = elapsed + ?1";
            watch.db().execute(sql, [seconds]).unwrap();
        }
    }

    /// Seconds go by, or back.
    pub(crate) fn wait(&mut self, seconds: i64) {
        self.time += seconds;
        for watch in &mut self.watches {
            // To a store it is the same whether the clock goes on or what it wrote down is older.
            watch
                .db()
                .execute_batch(&format!(
                    "BEGIN IMMEDIATE;
                     UPDATE accounts SET set_up = set_up - {seconds}, last_sync = last_sync - {seconds};
                     UPDATE messages SET stored = stored - {seconds}, trashed = trashed - {seconds}, first_seen = first_seen - {seconds};
                     UPDATE ledger SET first_seen = first_seen - {seconds};
                     COMMIT;"
                ))
                .unwrap();
        }
    }

    /// A bit of a client's disk flips.
    pub(crate) fn damage(&mut self, client: usize, id: i64) {
        let watch = &mut self.watches[client];
        let was = watch.whole.iter().find(|(_, row)| **row == id);
        let Some(was) = was.map(|(mail, _)| *mail) else {
            return;
        };
        watch.damaged.insert(id, was);
        watch.whole.retain(|_, row| *row != id);
        watch
            .db()
            .execute(
                "UPDATE octets SET octets = CAST(x'00' || substr(octets, 2) AS BLOB) WHERE message = ?1",
                [id],
            )
            .unwrap();
        self.account_for_all(true);
    }

    pub(crate) fn staged(&mut self, client: usize, row: &Row, trash: bool, server: bool) {
        let time = self.time;
        let (mails, mailbox) = (&self.mails, &self.mailbox);
        let watch = &mut self.watches[client];
        if server {
            watch
                .deleted
                .retain(|mail| !matches(mails, mailbox, &row.known, *mail));
        }
        if server && row.server <= 2 {
            watch.wishes.push((row.id, row.known.clone()));
        }
        if trash {
            watch.trashed.entry(row.id).or_insert(time);
        }
    }

    pub(crate) fn taken_back(&mut self, client: usize, row: &Row) {
        let rows: HashSet<i64> = self.rows(client).iter().map(|row| row.id).collect();
        let mails = &self.mails;
        let mailbox = &self.mailbox;
        let watch = &mut self.watches[client];
        watch
            .owed
            .retain(|mail| !matches(mails, mailbox, &row.known, *mail));
        watch.wishes.retain(|(id, known)| {
            let same = match (&row.known, known) {
                (Known::Whole(one), Known::Whole(other)) => one == other,
                (Known::Whole(mail), known) => matches(mails, mailbox, known, *mail),
                _ => false,
            };
            !(*id == row.id || (same && !rows.contains(id)))
        });
    }

    /// Out of the Trash again.
    pub(crate) fn taken_out(&mut self, client: usize, id: i64) {
        self.watches[client].trashed.remove(&id);
    }

    /// A complete listing was given to a client.
    pub(crate) fn listed(&mut self, client: usize, numbered: &[Numbered]) {
        let sizes: Vec<u64> = numbered
            .iter()
            .map(|one| self.mailbox.listed_octets(&self.mails, one.mail))
            .collect();
        for one in numbered {
            let name = self.name(one);
            let names = &mut self.watches[client].names;
            names.entry(name).or_default().insert(one.mail);
        }
        let watch = &mut self.watches[client];
        for one in numbered {
            if numbered
                .iter()
                .filter(|other| other.uidl == one.uidl)
                .count()
                > 1
            {
                watch.shared.insert(one.mail);
            }
        }
        watch.listings += 1;
        watch.asked.clear();
        watch
            .owed
            .retain(|mail| numbered.iter().any(|one| one.mail == *mail));
        let mut sum = 0;
        for (newer, (one, octets)) in numbered.iter().zip(sizes).rev().enumerate() {
            sum += octets;
            let over = match watch.policy.keep {
                Keep::Newest(count) => newer >= count,
                Keep::Octets(most) => sum > most,
                _ => false,
            };
            if over {
                watch.over.insert(one.mail);
            }
        }
    }

    /// Whether a client may have this message deleted now.
    pub(crate) fn may_delete(&mut self, client: usize, mail: Mail, numbered: &[Numbered]) {
        self.deleted += 1;
        let mut wrong = Vec::new();
        let (durable, braked, pinned) = {
            let octets = self.mails.octets(mail).to_vec();
            let db = self.watches[client].db();
            let found = db
                .prepare_cached(
                    "SELECT m.sha256, m.flags & 8 FROM octets AS o JOIN messages AS m ON m.id = o.message
                     WHERE m.local = 2 AND o.octets = ?1",
                )
                .unwrap()
                .query_row([&octets], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))
                .ok();
            let braked: bool = db
                .query_row("SELECT brake IS NOT NULL FROM accounts", [], |row| {
                    row.get(0)
                })
                .unwrap_or(false);
            let durable = found
                .as_ref()
                .is_some_and(|(digest, _)| digest.as_slice() == Sha256::digest(&octets).as_slice());
            (durable, braked, found.is_some_and(|(_, flag)| flag != 0))
        };
        let (mails, mailbox, time) = (&self.mails, &self.mailbox, self.time);
        let watch = &mut self.watches[client];
        watch.asked.insert(mail);
        let policy = watch.policy;
        let again = watch.owed.contains(&mail);
        let wished = again
            || watch
                .wishes
                .iter()
                .any(|(_, known)| matches(mails, mailbox, known, mail));
        let agreed = watch
            .doing
            .agreed
            .iter()
            .any(|(_, known)| matches(mails, mailbox, known, mail));
        let may_be_lost = watch.doing.agreed.iter().any(|(id, known)| {
            watch.doing.lose.contains(id) && matches(mails, mailbox, known, mail)
        });
        let since = watch.since.get(&mail).copied();
        let settled = since.is_some_and(|(listings, _)| watch.listings >= listings + 2);
        let due = settled
            && !pinned
            && match policy.keep {
                Keep::All => false,
                Keep::UntilDownloaded => true,
                Keep::Days(days) => since.is_some_and(|(_, at)| time - at >= days * DAY - SLACK),
                Keep::Newest(_) | Keep::Octets(_) => watch.over.contains(&mail),
            };
        let by_wish = wished && (agreed || (policy.wishes_at_sync && watch.doing.syncs));
        let came_back = watch.deleted.contains(&mail) && !again;
        let by_itself = policy.rules_by_themselves && watch.doing.syncs && !came_back;
        let by_rule = due && (agreed || by_itself);
        if !by_wish && !by_rule {
            wrong.push(format!(
                "mail {mail} is deleted though nobody wants that (wished {wished}, agreed {agreed}, due {due}, came back {came_back})"
            ));
        }
        if !(durable || may_be_lost && wished) {
            wrong.push(format!(
                "I1: mail {mail} is deleted without a copy that is whole, and its loss was not agreed to"
            ));
        }
        if braked {
            wrong.push(format!("I10: mail {mail} is deleted with the brake on"));
        }
        // Of what the last complete listing had, nothing like it is listed any more.
        let gone = watch
            .last
            .iter()
            .filter(|one| !numbered.iter().any(|now| mails.alike(now.mail, one.mail)))
            .count();
        if gone > 20.max(watch.last.len() / 10) {
            wrong.push(format!(
                "I10: mail {mail} is deleted when {gone} of {} have vanished",
                watch.last.len()
            ));
        }
        if !durable {
            self.excused.insert(mail);
        }
        for what in wrong {
            self.violated(format!("client {client}: {what}"));
        }
    }

    /// Whether it is plain that a client has this message already, when it asks for all of it.
    pub(crate) fn needs_not(&mut self, client: usize, mail: Mail, numbered: &[Numbered]) -> bool {
        let manners = self.mailbox.manners;
        let watch = &self.watches[client];
        let alike = |other: &Mail| self.mails.alike(mail, *other);
        // Its names, then and now, have always been its own.
        let own = watch.names.iter().all(|(name, mails)| {
            let now = numbered.iter().find(|one| one.uidl == *name);
            !mails.contains(&mail) && now.is_none_or(|now| now.mail != mail)
                || mails.len() == 1 && now.is_none_or(|now| now.mail == mail)
        });
        // Which of several a shared name means is told by all octets alone, also when it is there once again.
        let plain = own
            && !watch.shared.contains(&mail)
            && watch.honest
            && watch.whole.contains_key(&mail)
            && manners.top
            && !matches!(manners.naming, Naming::Missing)
            && self.mails.is_named(mail)
            && numbered.iter().filter(|one| alike(&one.mail)).count() == 1
            && watch.ever.iter().filter(|other| alike(other)).count() == 1
            && watch.last.iter().filter(|one| alike(&one.mail)).count() <= 1;
        // Of what looks the same and is not here whole, nothing tells whether it is the same.
        plain
            && !self.rows(client).iter().any(|row| match &row.known {
                Known::Whole(_) => false,
                Known::Header(header, _) => self.mails.has_header(mail, header),
            })
    }

    /// What QUIT removes without DELE must be safe.
    pub(crate) fn may_expire(&mut self, client: usize, mail: Mail) {
        let octets = self.mails.octets(mail).to_vec();
        let found: bool = self.watches[client]
            .db()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM octets AS o JOIN messages AS m ON m.id = o.message
                 WHERE m.local = 2 AND o.octets = ?1)",
            )
            .unwrap()
            .query_row([&octets], |row| row.get(0))
            .unwrap();
        if !found {
            self.violated(format!(
                "client {client}: I7: QUIT removes mail {mail}, which was retrieved and is not stored"
            ));
        }
    }

    /// A session is over. `answered`: whether QUIT was, with `+OK`.
    pub(crate) fn ended(
        &mut self,
        client: usize,
        numbered: &[Numbered],
        complete: bool,
        removed: &BTreeSet<Mail>,
        answered: bool,
    ) {
        let (mailbox, time) = (&self.mailbox, self.time);
        let watch = &mut self.watches[client];
        watch.unsettled.extend(removed);
        watch
            .last
            .retain(|one| mailbox.holds(one.serial) || !removed.contains(&one.mail));
        if !answered {
            return;
        }
        let owed: Vec<Mail> = removed
            .intersection(&watch.asked.iter().copied().collect())
            .copied()
            .collect();
        watch.owed.extend(owed);
        if complete {
            if watch.doing.syncs && watch.honest {
                let listed = numbered.iter().map(|one| (one.mail, time));
                watch.last_listed.extend(listed);
            }
            let known = removed.iter().filter(|mail| !mailbox.has(**mail));
            watch.deleted.extend(known);
            let still = numbered.iter().map(|one| one.mail).collect::<HashSet<_>>();
            let settled: Vec<Mail> = watch
                .unsettled
                .iter()
                .copied()
                .filter(|mail| {
                    !mailbox.has(*mail) && (removed.contains(mail) || !still.contains(mail))
                })
                .collect();
            for mail in settled {
                watch.unsettled.remove(&mail);
                watch
                    .wishes
                    .retain(|(_, known)| *known != Known::Whole(mail));
            }
            if watch.doing.syncs && watch.doing.sessions == 1 {
                watch.last = numbered
                    .iter()
                    .filter(|one| mailbox.holds(one.serial) || !removed.contains(&one.mail))
                    .cloned()
                    .collect();
            }
        }
    }

    pub(crate) fn released(&mut self, client: usize) {
        self.watches[client].last.clear();
    }

    /// What a client may know a message by before it has looked at it.
    fn name(&self, one: &Numbered) -> Vec<u8> {
        if self.mailbox.manners.naming == Naming::Missing {
            return self.mails.header(one.mail).to_vec();
        }
        one.uidl.clone()
    }

    /// Whether LIST, UIDL and TOP give it away that this is none of the messages that the client knows.
    fn is_told_apart(&self, client: usize, one: &Numbered) -> bool {
        let size = |mail| self.mailbox.listed_octets(&self.mails, mail);
        let watch = &self.watches[client];
        let before = watch.names.get(&self.name(one)).into_iter().flatten();
        let alike = watch
            .ever
            .iter()
            .filter(|mail| self.mails.alike(**mail, one.mail));
        before
            .chain(alike)
            .filter(|mail| **mail != one.mail)
            .all(|other| size(*other) != size(one.mail))
    }

    /// Whether the person wants it deleted and has no copy: what was agreed to be lost is not fetched.
    fn is_given_up(&self, client: usize, mail: Mail) -> bool {
        self.watches[client].wishes.iter().any(|(_, known)| {
            matches!(known, Known::Header(..)) && matches(&self.mails, &self.mailbox, known, mail)
        })
    }

    /// After a full sync that went well, what the server has is here, or was not to be fetched.
    pub(crate) fn everything_is_here(&mut self, client: usize) {
        let watch = &self.watches[client];
        if watch.policy.bodies != Bodies::All || !watch.honest {
            return;
        }
        let missing: Vec<Mail> = self
            .mailbox
            .listing(&self.mails)
            .iter()
            .filter(|one| watch.listed_now.contains(&one.mail))
            .filter(|one| !watch.whole.contains_key(&one.mail))
            .filter(|one| !watch.damaged.values().any(|mail| *mail == one.mail))
            .filter(|one| !self.is_given_up(client, one.mail))
            .filter(|one| self.is_told_apart(client, one))
            .map(|one| one.mail)
            .collect();
        for mail in missing {
            self.violated(format!(
                "client {client}: I5: mail {mail} is listed and not here after a sync that went well"
            ));
        }
    }

    pub(crate) fn pick_rows(
        &mut self,
        client: usize,
        chance: &mut Chance,
        wanted: impl Fn(&Row) -> bool,
    ) -> Vec<Row> {
        let rows: Vec<Row> = self
            .rows(client)
            .into_iter()
            .filter(|row| row.folder < 3 && wanted(row))
            .collect();
        let places: Vec<usize> = (0..rows.len()).collect();
        let places = chance.some_of(&places);
        places
            .into_iter()
            .take(4)
            .map(|place| rows[place].clone())
            .collect()
    }
}

/// Whether a message on the server is the one that a person saw.
fn matches(mails: &Mails, mailbox: &Mailbox, known: &Known, mail: Mail) -> bool {
    match known {
        Known::Whole(other) => *other == mail,
        Known::Header(header, sizes) => {
            mails.has_header(mail, header) && sizes.contains(&mailbox.listed_octets(mails, mail))
        }
    }
}

const DAY: i64 = 86_400;
/// Seconds that a history takes at most, and by which poppet's clock may be ahead of the model's.
const SLACK: i64 = 600;
