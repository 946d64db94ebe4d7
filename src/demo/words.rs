//! What generated mail talks about. Every sender lives at an example domain (RFC 2606).

use super::letters::Charset;

/// Given name, family name, domain.
pub(super) const PEOPLE: [(&str, &str, &str); 24] = [
    ("Ada", "Brandt", "harbour.example"),
    ("Ben", "Okafor", "studio.example"),
    ("Carla", "Nunes", "example.org"),
    ("Dmitri", "Volkov", "observatory.example"),
    ("Elif", "Aydin", "example.com"),
    ("Finn", "Larsen", "boatyard.example"),
    ("Grace", "Mbeki", "clinic.example"),
    ("Hiro", "Tanaka", "example.net"),
    ("Ines", "Moreau", "atelier.example"),
    ("Jonas", "Keller", "library.example"),
    ("Kavya", "Rao", "example.org"),
    ("Liam", "Walsh", "orchard.example"),
    ("Mina", "Park", "example.com"),
    ("Noor", "Haddad", "bakery.example"),
    ("Oscar", "Lindqvist", "example.net"),
    ("Priya", "Shah", "school.example"),
    ("Quentin", "Dubois", "vineyard.example"),
    ("Rosa", "Ferrari", "theatre.example"),
    ("Sven", "Holm", "ferry.example"),
    ("Tess", "Moore", "garden.example"),
    ("Uma", "Iyer", "example.org"),
    ("Viktor", "Nagy", "railway.example"),
    ("Wren", "Hughes", "bookshop.example"),
    ("Yusuf", "Demir", "example.com"),
];

/// Display name, address.
pub(super) const NEWSLETTERS: [(&str, &str); 8] = [
    ("The Harbour Weekly", "letters@weekly.example"),
    ("Garden Club", "news@garden.example"),
    ("Slow Trains", "post@trains.example"),
    ("Bookshop Corner", "hello@bookshop.example"),
    ("City Museum", "tickets@museum.example"),
    ("Terminal Times", "editor@terminal.example"),
    ("Cinema Rex", "programme@cinema.example"),
    ("Outdoor Supply", "offers@outdoor.example"),
];

/// Display name, address, subject.
pub(super) const NOTICES: [(&str, &str, &str); 10] = [
    ("Bank", "no-reply@bank.example", "Your statement is ready"),
    (
        "Parcel Service",
        "tracking@parcel.example",
        "Your parcel is on its way",
    ),
    ("Build Robot", "builds@ci.example", "Build passed on main"),
    ("Build Robot", "builds@ci.example", "Build failed on main"),
    (
        "Calendar",
        "reminders@calendar.example",
        "Reminder: tomorrow at ten",
    ),
    ("Library", "loans@library.example", "Two books are due soon"),
    ("Electricity", "billing@power.example", "Your invoice"),
    ("Ferry Line", "booking@ferry.example", "Booking confirmed"),
    ("Backup", "root@server.example", "Nightly backup finished"),
    (
        "Issue Tracker",
        "bugs@tracker.example",
        "A ticket was assigned to you",
    ),
];

pub(super) const SUBJECTS: [&str; 24] = [
    "Lunch on Thursday?",
    "Notes from the meeting",
    "Photos of the boat",
    "Draft of the programme",
    "Keys to the workshop",
    "Train times for the weekend",
    "The budget once more",
    "A question about the heating",
    "Recipe you asked for",
    "Minutes, corrected",
    "Can you read this before Monday?",
    "New address",
    "Telescope night",
    "The old piano",
    "Volunteers for the fair",
    "Release plan",
    "Measurements of the roof",
    "Invitation",
    "Lost umbrella",
    "Choir rehearsal moved",
    "Garden plan, second try",
    "Holiday dates",
    "Broken link on the page",
    "Thank you",
];

pub(super) const HEADLINES: [&str; 8] = [
    "What is on this month",
    "Five small things worth a look",
    "The autumn issue is here",
    "Members' evening: save the date",
    "Last days of the sale",
    "A longer read for Sunday",
    "News from the workshop",
    "Tickets from Friday",
];

pub(super) const SENTENCES: [&str; 32] = [
    "I looked through everything again last night and it seems fine to me.",
    "The delivery comes on Wednesday, so somebody should be at home before noon.",
    "Could you bring the big ladder and the green paint?",
    "We counted forty chairs, which is six more than last year.",
    "The harbour was full of fog and nobody could see the lighthouse.",
    "Please tell me by Friday whether the smaller room would do.",
    "My sister found the recipe in a box under the stairs.",
    "There is still time to change the order of the songs.",
    "The second page has a mistake in the table, the sum should be higher.",
    "I left the key with the neighbours on the ground floor.",
    "If it rains we move everything into the hall.",
    "The train was late again, but the view made up for it.",
    "Nobody answered the telephone, so I wrote them a letter instead.",
    "It took two hours to find the leak and five minutes to mend it.",
    "The children painted the fence in three different blues.",
    "We should decide about the printer before the prices go up.",
    "The museum lends us the projector until the end of the month.",
    "I have attached nothing this time, the figures are all below.",
    "Thanks for the jam, it was gone within a day.",
    "The new lamp is brighter than expected and uses less power.",
    "Ask at the counter, they know about the parcel.",
    "Half of the seedlings made it through the frost.",
    "The council wants three copies, signed on every page.",
    "On the way back we stopped at the old mill.",
    "The numbers for October are better than those for September.",
    "She plays the cello and he turns the pages.",
    "Let me know which evening suits you, I am free on most of them.",
    "The bridge is closed, so take the road along the river.",
    "A short test on the small machine went well.",
    "They promised to call back, which we have heard before.",
    "The roof needs eleven tiles and a dry afternoon.",
    "See you soon, and give my regards to everybody.",
];

/// Character set, given and family name, address, subject, opening lines.
pub(super) const LETTERS: [(Charset, &str, &str, &str, [&str; 2]); 9] = [
    (
        Charset::Latin1,
        "Jürgen Groß",
        "juergen@werkstatt.example",
        "Schöne Grüße aus Köln",
        [
            "Liebe Freunde, für nächste Woche ist alles geplant.",
            "Die Schlüssel liegen unter der Fußmatte.",
        ],
    ),
    (
        Charset::Utf8Quoted,
        "Zoé Lefèvre",
        "zoe@atelier.example",
        "Déjeuner à la campagne",
        [
            "Le marché était déjà fermé, hélas : nous mangerons des pâtes.",
            "À très bientôt, et apportez du café.",
        ],
    ),
    (
        Charset::Koi8R,
        "Анна Белова",
        "anna@observatory.example",
        "Привет с севера",
        [
            "Добрый день! Посылка пришла сегодня утром.",
            "Погода хорошая, все здоровы.",
        ],
    ),
    (
        Charset::Iso2022Jp,
        "はなこ",
        "hanako@teahouse.example",
        "おちゃのじかん",
        [
            "こんにちは。あしたのよていをおしえてください。",
            "コーヒーもあります。",
        ],
    ),
    (
        Charset::Utf8,
        "Ελένη Παππά",
        "eleni@island.example",
        "Καλημέρα από το νησί",
        [
            "Το πλοίο φεύγει στις οκτώ το πρωί.",
            "Η θάλασσα είναι ήρεμη σήμερα.",
        ],
    ),
    (
        Charset::Utf8,
        "王小明",
        "xiaoming@teahouse.example",
        "周末的计划",
        ["你好，我们星期六上午十点在车站见面。", "请带雨伞。"],
    ),
    (
        Charset::Utf8,
        "김하늘",
        "haneul@studio.example",
        "사진을 보냅니다",
        [
            "안녕하세요, 어제 찍은 사진입니다.",
            "마음에 들면 좋겠습니다.",
        ],
    ),
    (
        Charset::Utf8,
        "נועה לוי",
        "noa@theatre.example",
        "הזמנה להצגה",
        ["שלום, ההצגה מתחילה בשמונה בערב.", "נשמח לראותך."],
    ),
    (
        Charset::Utf8Quoted,
        "Łukasz Żak",
        "lukasz@railway.example",
        "Rozkład jazdy",
        [
            "Cześć, pociąg odjeżdża o szóstej rano.",
            "Proszę o szybką odpowiedź.",
        ],
    ),
];
