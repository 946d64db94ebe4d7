use crate::mail::{
    AccountId, Address, Flags, Folder, Local, MessageId, MessageSummary, RemoteId, Server,
    StoredAt, Timestamp,
};

/// A message of its own number: unread, here in full, still on the server, newer than those with smaller numbers.
pub(crate) fn message(id: i64) -> MessageSummary {
    MessageSummary {
        id: MessageId(id),
        account: AccountId::new("home").unwrap(),
        remote: RemoteId::new(format!("uidl-{id}").as_bytes()),
        message_id: format!("{id}@analytical.example"),
        from: Address::new("Ada Lovelace", "ada@analytical.example"),
        to: vec![Address::new("Sam", "sam@example.net")],
        cc: Vec::new(),
        subject: format!("Subject {id}"),
        date: Timestamp(1_795_400_000 + id * 60),
        octets: 6_700,
        flags: Flags::default(),
        attachments: 0,
        snippet: String::new(),
        thread: MessageId(id),
        folder: Folder::Inbox,
        local: Local::Full,
        server: Server::Present,
        reason: None,
        sha256: None,
        stored: StoredAt::default(),
    }
}
