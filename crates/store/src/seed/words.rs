//! What invented people, teams and keys are called.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Aisha", "Alejandro", "Amara", "Anders", "Andrea", "Anika", "Anna", "Antoine", "Beatriz", "Benjamin", "Björn",
    "Camille", "Carlos", "Chen", "Chloé", "Clara", "Daniel", "David", "Diego", "Elena", "Elif", "Emeka", "Emma", "Eva",
    "Fatima", "Felix", "Finn", "Florian", "Gabriel", "Giulia", "Grace", "Hana", "Hannah", "Haruto", "Hassan", "Helena",
    "Hiroshi", "Hugo", "Ibrahim", "Ines", "Ingrid", "Isabel", "Ivan", "Jakub", "Jamal", "Jana", "Javier", "Jin", "Johan",
    "Jonas", "Julia", "Kai", "Karim", "Katarzyna", "Kenji", "Laila", "Lars", "Laura", "Lea", "Leon", "Lin", "Lucas",
    "Lucía", "Magnus", "Maja", "Marco", "Maria", "Mateo", "Max", "Mei", "Mia", "Miguel", "Mina", "Mohammed", "Nadia",
    "Naomi", "Nia", "Nikolai", "Noah", "Noor", "Olga", "Oliver", "Omar", "Oscar", "Paula", "Pedro", "Priya", "Rahul",
    "Raj", "Rosa", "Ruth", "Sana", "Sara", "Sven", "Søren", "Tariq", "Theo", "Tomás", "Wei", "Yara", "Yuki", "Zoë",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Abdi", "Abe", "Adeyemi", "Ahmed", "Almeida", "Andersson", "Bakker", "Bauer", "Becker", "Bianchi", "Brown", "Costa",
    "Çelik", "Díaz", "Dubois", "Eriksen", "Fernández", "Fischer", "Fontaine", "Fujita", "García", "Gomes", "Greco", "Gupta",
    "Haddad", "Hansen", "Hoffmann", "Horvat", "Ito", "Ivanova", "Jansen", "Johansson", "Jones", "Kaplan", "Khan", "Kim",
    "Koch", "Kowalski", "Kumar", "Larsen", "Laurent", "Lee", "Lehmann", "Li", "López", "Marino", "Martin", "Meyer",
    "Mbeki", "Moreau", "Müller", "Nakamura", "Nguyen", "Nielsen", "Novak", "O'Brien", "Okafor", "Okoye", "Olsen", "Osei",
    "Park", "Patel", "Peeters", "Pereira", "Petrov", "Popescu", "Rahman", "Reyes", "Ricci", "Rossi", "Roux", "Ruiz",
    "Sato", "Schmidt", "Schneider", "Shah", "Silva", "Singh", "Smith", "Sokolov", "Suzuki", "Svensson", "Tanaka", "Torres",
    "Tran", "van Dijk", "Vargas", "Virtanen", "Wagner", "Wang", "Weber", "Williams", "Wong", "Yamamoto", "Yılmaz", "Zhang",
];

pub(super) const DOMAINS: &[&str] = &["example.com", "corp.example.com", "eu.example.com", "labs.example.org"];

pub(super) const UNITS: &[&str] = &[
    "Engineering", "Platform", "Data Science", "Research", "Customer Support", "Marketing", "Sales", "Finance", "Legal",
    "Security", "Product", "Design", "Operations", "People", "Procurement",
];

pub(super) const TEAMS: &[&str] = &[
    "atlas", "aurora", "beacon", "borealis", "cobalt", "compass", "delta", "ember", "falcon", "granite", "harbor", "helios",
    "iris", "juniper", "kestrel", "lagoon", "lumen", "meridian", "nimbus", "nova", "onyx", "orchard", "pioneer", "quartz",
    "raven", "saffron", "sierra", "summit", "tundra", "umbra", "vega", "willow", "xenon", "yonder", "zephyr",
];

pub(super) const SERVICES: &[&str] = &[
    "billing", "checkout", "search", "recommendations", "support-bot", "summariser", "ticket-triage", "translation",
    "moderation", "onboarding", "invoice-reader", "contract-review", "code-assistant", "doc-search", "sales-copilot",
    "email-drafts", "meeting-notes", "knowledge-base", "fraud-check", "forecasting", "catalogue", "chat-widget",
    "voice-agent", "release-notes", "log-explainer", "data-labelling", "survey-analysis", "hr-assistant", "red-team",
    "prompt-lab",
];

pub(super) const PURPOSES: &[&str] = &[
    "api", "worker", "batch", "nightly-eval", "notebook", "ci", "load-test", "demo", "agent", "backfill", "cron", "webhook",
    "staging", "canary", "laptop", "ide",
];

pub(super) const COST_CENTERS: &[&str] = &["eu-1", "eu-7", "us-2", "us-9", "apac-3", "latam-4", "shared"];

pub(super) const STAGES: &[&str] = &["dev", "test", "staging", "live"];

pub(super) const REASONS: &[&str] = &[
    "rotated out", "no longer used", "found in a public repository", "employee left", "project ended", "contractor left",
    "replaced by a service key", "security review", "duplicate",
];

/// Public name, provider, price of a million tokens in and out in micro-dollars.
pub(super) const MODELS: &[(&str, &str, i64, i64)] = &[
    ("gpt-4o-mini", "openai", 150_000, 600_000),
    ("gpt-4o", "openai", 2_500_000, 10_000_000),
    ("claude-sonnet", "anthropic", 3_000_000, 15_000_000),
    ("claude-haiku", "anthropic", 800_000, 4_000_000),
    ("llama-3.3-70b", "in-house", 0, 0),
    ("text-embedding-3-small", "openai", 20_000, 0),
    ("echo", "echo", 0, 0),
];
