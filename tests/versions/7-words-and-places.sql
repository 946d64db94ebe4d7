-- A store of version 7: the index knows words, and their order lies beside it
PRAGMA application_id = 1886351476;
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    set_up INTEGER NOT NULL,
    last_sync INTEGER,
    listings INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    brake TEXT,
    quirks TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id),
    folder INTEGER NOT NULL DEFAULT 0,
    date INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    attachments INTEGER NOT NULL DEFAULT 0,
    thread INTEGER NOT NULL,
    local INTEGER NOT NULL,
    server INTEGER NOT NULL,
    reason INTEGER,
    remote BLOB NOT NULL,
    message_id TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_address TEXT NOT NULL,
    recipients TEXT NOT NULL,
    copies TEXT NOT NULL,
    subject TEXT NOT NULL,
    snippet TEXT NOT NULL,
    header BLOB NOT NULL,
    sha256 BLOB,
    first_seen INTEGER NOT NULL,
    stored INTEGER,
    folder_before INTEGER,
    trashed INTEGER,
    by_from TEXT NOT NULL,
    by_subject TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_date ON messages (folder, date, id, account, flags);
CREATE INDEX messages_by_size ON messages (folder, octets, id);
CREATE INDEX messages_by_from ON messages (folder, by_from, date DESC, id DESC);
CREATE INDEX messages_by_subject ON messages (folder, by_subject, date DESC, id DESC);
CREATE INDEX messages_all_by_date ON messages (date, id, folder, account, flags);
CREATE INDEX messages_by_header ON messages (account, header);
CREATE INDEX messages_by_sha256 ON messages (account, sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX messages_by_thread ON messages (thread);

CREATE TABLE octets (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    octets BLOB NOT NULL
) STRICT;

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id),
    message INTEGER NOT NULL REFERENCES messages (id),
    remote BLOB NOT NULL,
    octets INTEGER NOT NULL,
    header BLOB,
    server INTEGER NOT NULL,
    reason INTEGER,
    without_copy INTEGER NOT NULL DEFAULT 0,
    first_seen INTEGER NOT NULL,
    counted_from INTEGER NOT NULL,
    failure TEXT,
    trouble TEXT
) STRICT;
CREATE INDEX ledger_by_message ON ledger (message);
CREATE INDEX ledger_by_remote ON ledger (account, remote);
CREATE INDEX ledger_wanted ON ledger (account) WHERE server = 1;

CREATE TABLE threads (
    account INTEGER NOT NULL REFERENCES accounts (id),
    message_id TEXT NOT NULL,
    thread INTEGER NOT NULL,
    PRIMARY KEY (account, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX threads_by_thread ON threads (thread);

DROP INDEX messages_by_sha256;

DROP INDEX messages_by_date;
CREATE INDEX messages_by_date ON messages
    (folder, date, id, account, flags, octets, thread, local, server, reason, attachments);

CREATE TABLE replies (
    message INTEGER PRIMARY KEY,
    names TEXT NOT NULL
) STRICT;
CREATE TABLE lost_replies (
    account INTEGER NOT NULL,
    subject TEXT NOT NULL,
    date INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (account, subject, date, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX lost_replies_by_message ON lost_replies (message);

INSERT INTO accounts (id, name, set_up, last_sync, listings, messages, octets, brake, quirks) VALUES (1, 'home', 1795876256, 1795876258, 2, 6, 1115, NULL, '');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (1, 1, 2, 1794135720, 178, 0, 0, 1, 2, 0, NULL, x'313736303030303030382e4d3850312e74', '8@lighthouse.example', 'Keeper 8', 'keeper8@lighthouse.example', 'Samsam@example.net', '', 'in the trash here', 'local', x'dbce5750cd5616bc7c4f9d3efccf6fd107ea035017c06e53522f46e3da755460', x'2040b58016020ed91ac6b1a4a1709dd1eb63cb5e0ddb99921e3052278e86a0cc', 1795876257, 1795876257, 0, 1795876257, 'keeper 8', 'in the trash here');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (2, 1, 0, 1794049320, 181, 0, 0, 2, 2, 4, NULL, x'313736303030303030372e4d3750312e74', '7@lighthouse.example', 'Keeper 7', 'keeper7@lighthouse.example', 'Samsam@example.net', '', 'deleted elsewhere', 'vanishes', x'9eb4ca99e9607a9ae0f8cb1cbd1aca823ade42b815f661ca60bb2914ec865817', x'cbb74a52b49e747ab9926248b871b8437bfb55b26ace2738d15f4bc45936ca3b', 1795876257, 1795876257, NULL, NULL, 'keeper 7', 'deleted elsewhere');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (3, 1, 0, 1793962920, 166, 8, 0, 3, 2, 0, NULL, x'313736303030303030362e4d3650312e74', '6@lighthouse.example', 'Keeper 6', 'keeper6@lighthouse.example', 'Samsam@example.net', '', 'pinned', 'kept', x'0f026ab5760231ef06502c2f02681490481f363cc7be88c79720a16e0c7ec294', x'fa8ac2c11157c3cdbcc6e5dd6868a75e61f47a5b7f01f392c2cf7ecaf5eb122b', 1795876257, 1795876257, NULL, NULL, 'keeper 6', 'pinned');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (4, 1, 2, 1793876520, 168, 0, 0, 4, 2, 1, 0, x'313736303030303030352e4d3550312e74', '5@lighthouse.example', 'Keeper 5', 'keeper5@lighthouse.example', 'Samsam@example.net', '', 'staged', 'wanted', x'd7ce3efdd18d6897467cf328c10f150cdffcea5c85cef83b02cfed57064c024e', x'450708a1166ef604f19af7a0b635244aa5978a5d324da6cc2724bd9062686309', 1795876257, 1795876257, 0, 1795876258, 'keeper 5', 'staged');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (5, 1, 2, 1793790120, 173, 0, 0, 5, 2, 3, NULL, x'313736303030303030342e4d3450312e74', '4@lighthouse.example', 'Keeper 4', 'keeper4@lighthouse.example', 'Samsam@example.net', '', 'to be deleted', 'gone', x'cdd7afb00876edd4cec34aa65caf92ca9e86ce69e12a394651ef75b166b399d7', x'2371997cad7c6f5c1a43db67ab099da33439458f3feb438c063f18d898caaaf8', 1795876257, 1795876257, 0, 1795876257, 'keeper 4', 'to be deleted');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (6, 1, 0, 1793703720, 176, 0, 0, 6, 2, 0, NULL, x'313736303030303030332e4d3350312e74', '3@lighthouse.example', 'Keeper 3', 'keeper3@lighthouse.example', 'Samsam@example.net', '', 'dots', '.end', x'6358050b7949134424f4f80b5e66498bfea4ee70c206e8aa9547b7b2f59b7969', x'cdb0fcac22e0c99b625820e3fc21b43e49ec0f489828aae2ae2eebcf1fb4ce7b', 1795876257, 1795876257, NULL, NULL, 'keeper 3', 'dots');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (7, 1, 0, 1793617320, 283, 0, 0, 7, 2, 0, NULL, x'313736303030303030322e4d3250312e74', '2@lighthouse.example', 'Keeper 2', 'keeper2@lighthouse.example', 'Samsam@example.net', '', 'Re: high water', 'Thank you.', x'00e5a856027bbdedbf9a95e160d12b58cee9b58bd7d22b091d812ae29b155159', x'469882460ef0ea0685eba70ac806be51aec7a5cef2d44515e487dd520c90ea5e', 1795876257, 1795876257, NULL, NULL, 'keeper 2', 'high water');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (8, 1, 0, 1793530920, 192, 0, 0, 7, 2, 0, NULL, x'313736303030303030312e4d3150312e74', '1@lighthouse.example', 'Keeper 1', 'keeper1@lighthouse.example', 'Samsam@example.net', '', 'high water', 'The tide comes in at nine.', x'82f3e972c348f1ab498183ede1633533aee5e225bf491405f12201d477e900c4', x'd08553a341a50f62e030439b55c734ead476db61f3b99cabd5def67ae1e2fca7', 1795876257, 1795876257, NULL, NULL, 'keeper 1', 'high water');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (9, 1, 0, 1794481320, 183, 0, 0, 9, 2, 4, NULL, x'', '12@lighthouse.example', 'Keeper 12', 'keeper12@lighthouse.example', 'Samsam@example.net', '', 'raw', '€ÿ', x'4c2277b79c732c01a605726376d73bdf96327eca0d7779143062e20f9f9393cb', x'cfc3659bb0a02a1eff35984b72a9fbdb935c3f875856e8e9423dd8392d60aaeb', 1795876258, 1795876258, NULL, NULL, 'keeper 12', 'raw');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (10, 1, 0, 1794567720, 189, 0, 0, 10, 2, 4, NULL, x'', '13@lighthouse.example', 'Keeper 13', 'keeper13@lighthouse.example', 'Samsam@example.net', '', 'bare cr', 'one two three four', x'e61363e674d6364744380c4cd6a09883c51415a1e25aeadd6e42a11d8ee75415', x'2eb8d11b6d290e7980c30fa5c74871b480421bd98facbf32b343ef2ad5d945cb', 1795876258, 1795876258, NULL, NULL, 'keeper 13', 'bare cr');
INSERT INTO messages (id, account, folder, date, octets, flags, attachments, thread, local, server, reason, remote, message_id, from_name, from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, folder_before, trashed, by_from, by_subject) VALUES (11, 1, 0, 1794394920, 175, 0, 0, 11, 2, 4, NULL, x'', '11@lighthouse.example', 'Keeper 11', 'keeper11@lighthouse.example', 'Samsam@example.net', '', 'nul', 'before�after', x'730eb70f4c910558c06df9d0085b6ac593fa6c657f35a5c61482e182747a73d2', x'0aa4648e079beac91ed78d54ab727a483ff339676441fe7764f8ccc824fed642', 1795876258, 1795876258, NULL, NULL, 'keeper 11', 'nul');
INSERT INTO octets (message, octets) VALUES (1, x'46726f6d3a204b65657065722038203c6b656570657238406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2038204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c38406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a20696e2074686520747261736820686572650d0a0d0a6c6f63616c0d0a');
INSERT INTO octets (message, octets) VALUES (2, x'46726f6d3a204b65657065722037203c6b656570657237406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2037204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c37406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a2064656c6574656420656c736577686572650d0a0d0a76616e69736865730d0a');
INSERT INTO octets (message, octets) VALUES (3, x'46726f6d3a204b65657065722036203c6b656570657236406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2036204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c36406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a2070696e6e65640d0a0d0a6b6570740d0a');
INSERT INTO octets (message, octets) VALUES (4, x'46726f6d3a204b65657065722035203c6b656570657235406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2035204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c35406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a207374616765640d0a0d0a77616e7465640d0a');
INSERT INTO octets (message, octets) VALUES (5, x'46726f6d3a204b65657065722034203c6b656570657234406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2034204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c34406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a20746f2062652064656c657465640d0a0d0a676f6e650d0a');
INSERT INTO octets (message, octets) VALUES (6, x'46726f6d3a204b65657065722033203c6b656570657233406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2033204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c33406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a20646f74730d0a0d0a2e0d0a2e2e0d0a2e2e2e0d0a2e656e640d0a');
INSERT INTO octets (message, octets) VALUES (7, x'46726f6d3a204b65657065722032203c6b656570657232406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2032204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c32406c69676874686f7573652e6578616d706c653e0d0a496e2d5265706c792d546f3a203c31406c69676874686f7573652e6578616d706c653e0d0a5265666572656e6365733a203c31406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a2052653a20686967682077617465720d0a0d0a3e20546865207469646520636f6d657320696e206174206e696e652e0d0a5468616e6b20796f752e0d0a');
INSERT INTO octets (message, octets) VALUES (8, x'46726f6d3a204b65657065722031203c6b656570657231406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a2031204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c31406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a20686967682077617465720d0a0d0a546865207469646520636f6d657320696e206174206e696e652e0d0a');
INSERT INTO octets (message, octets) VALUES (9, x'46726f6d3a204b6565706572203132203c6b65657065723132406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a203132204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c3132406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a207261770d0a582d5261773a204afc7267656e20fffe0d0a0d0a80ff0d0a');
INSERT INTO octets (message, octets) VALUES (10, x'46726f6d3a204b6565706572203133203c6b65657065723133406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a203133204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c3133406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a20626172652063720d0a0d0a6f6e650d74776f0d0d0a74687265650a0d0a666f75720d0a');
INSERT INTO octets (message, octets) VALUES (11, x'46726f6d3a204b6565706572203131203c6b65657065723131406c69676874686f7573652e6578616d706c653e0d0a546f3a2053616d203c73616d406578616d706c652e6e65743e0d0a446174653a203131204e6f7620323032362031313a30323a3030202b303030300d0a4d6573736167652d49443a203c3131406c69676874686f7573652e6578616d706c653e0d0a5375626a6563743a206e756c0d0a0d0a6265666f72650061667465720d0a');
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (1, 1, 1, x'313736303030303030382e4d3850312e74', 171, x'dbce5750cd5616bc7c4f9d3efccf6fd107ea035017c06e53522f46e3da755460', 0, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (2, 1, 2, x'313736303030303030372e4d3750312e74', 174, x'9eb4ca99e9607a9ae0f8cb1cbd1aca823ade42b815f661ca60bb2914ec865817', 4, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (3, 1, 3, x'313736303030303030362e4d3650312e74', 159, x'0f026ab5760231ef06502c2f02681490481f363cc7be88c79720a16e0c7ec294', 0, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (4, 1, 4, x'313736303030303030352e4d3550312e74', 161, x'd7ce3efdd18d6897467cf328c10f150cdffcea5c85cef83b02cfed57064c024e', 1, 0, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (5, 1, 5, x'313736303030303030342e4d3450312e74', 166, x'cdd7afb00876edd4cec34aa65caf92ca9e86ce69e12a394651ef75b166b399d7', 3, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (6, 1, 6, x'313736303030303030332e4d3350312e74', 166, x'6358050b7949134424f4f80b5e66498bfea4ee70c206e8aa9547b7b2f59b7969', 0, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (7, 1, 7, x'313736303030303030322e4d3250312e74', 273, x'00e5a856027bbdedbf9a95e160d12b58cee9b58bd7d22b091d812ae29b155159', 0, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO ledger (id, account, message, remote, octets, header, server, reason, without_copy, first_seen, counted_from, failure, trouble) VALUES (8, 1, 8, x'313736303030303030312e4d3150312e74', 185, x'82f3e972c348f1ab498183ede1633533aee5e225bf491405f12201d477e900c4', 0, NULL, 0, 1795876257, 1, NULL, NULL);
INSERT INTO threads (account, message_id, thread) VALUES (1, '8@lighthouse.example', 1);
INSERT INTO threads (account, message_id, thread) VALUES (1, '7@lighthouse.example', 2);
INSERT INTO threads (account, message_id, thread) VALUES (1, '6@lighthouse.example', 3);
INSERT INTO threads (account, message_id, thread) VALUES (1, '5@lighthouse.example', 4);
INSERT INTO threads (account, message_id, thread) VALUES (1, '4@lighthouse.example', 5);
INSERT INTO threads (account, message_id, thread) VALUES (1, '3@lighthouse.example', 6);
INSERT INTO threads (account, message_id, thread) VALUES (1, '1@lighthouse.example', 7);
INSERT INTO threads (account, message_id, thread) VALUES (1, '2@lighthouse.example', 7);
INSERT INTO threads (account, message_id, thread) VALUES (1, '12@lighthouse.example', 9);
INSERT INTO threads (account, message_id, thread) VALUES (1, '13@lighthouse.example', 10);
INSERT INTO threads (account, message_id, thread) VALUES (1, '11@lighthouse.example', 11);
INSERT INTO replies (message, names) VALUES (7, '1@lighthouse.example');
ALTER TABLE ledger ADD COLUMN assumed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN elapsed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN gone_from INTEGER;
ALTER TABLE ledger ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET elapsed = 700000;
ALTER TABLE ledger ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE TABLE places (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    places BLOB NOT NULL
) STRICT;
CREATE TABLE reindexing (behind INTEGER NOT NULL, text INTEGER NOT NULL) STRICT;
INSERT INTO search (rowid, words) VALUES (1, 'local in the trash here keeper 8 keeper8 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (2, 'vanishes deleted elsewhere keeper 7 keeper7 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (3, 'kept pinned keeper 6 keeper6 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (4, 'wanted staged keeper 5 keeper5 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (5, 'gone to be deleted keeper 4 keeper4 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (6, 'end dots keeper 3 keeper3 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (7, 'the tide comes in at nine thank you re high water keeper 2 keeper2 lighthouse example sam example net ');
INSERT INTO places (message, places) VALUES (7, X'080004010156b89c13');
INSERT INTO search (rowid, words) VALUES (8, 'the tide comes in at nine high water keeper 1 keeper1 lighthouse example sam example net ');
INSERT INTO places (message, places) VALUES (8, X'060003010d15ce01');
INSERT INTO search (rowid, words) VALUES (9, 'y raw keeper 12 keeper12 lighthouse example sam example net ');
INSERT INTO search (rowid, words) VALUES (10, 'one two three four bare cr keeper 13 keeper13 lighthouse example sam example net ');
INSERT INTO places (message, places) VALUES (10, X'04000301003d06');
INSERT INTO search (rowid, words) VALUES (11, 'before after nul keeper 11 keeper11 lighthouse example sam example net ');
INSERT INTO places (message, places) VALUES (11, X'020002010208');
PRAGMA user_version = 7;
