//! One case, called again and again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::key::{KeyFilter, KeySort};
use model::page::SortDirection;
use model::role::Reach;
use model::user::{UserFilter, UserSort};
use model::{Page, PageRequest, Timestamp};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use store::Store;

/// How long one case is measured,
const PATIENCE: Duration = Duration::from_secs(2);
/// once there are so many calls.
const ENOUGH: usize = 20;

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    First,
    Tenth,
    Deepest,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    Keys(KeyFilter, KeySort),
    Users(UserFilter, UserSort),
    Tenants(Option<String>),
}

/// One list, filter, order and page.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The filter in words.
    pub(crate) filter: String,
    pub(crate) question: Question,
    pub(crate) depth: Depth,
}

impl Case {
    pub(crate) fn group(&self) -> String {
        let list = match self.question {
            Question::Keys(..) => "keys",
            Question::Users(..) => "users",
            Question::Tenants(..) => "tenants",
        };
        format!("{list}: {}", self.filter)
    }

    pub(crate) fn order(&self) -> String {
        match self.question {
            Question::Keys(_, sort) => sort.to_param(),
            Question::Users(_, sort) => sort.to_param(),
            Question::Tenants(_) => "id".to_owned(),
        }
    }

    pub(crate) fn name(&self) -> String {
        format!("{} | {} | {:?}", self.group(), self.order(), self.depth)
    }

    pub(crate) fn is_substring(&self) -> bool {
        let q = match &self.question {
            Question::Keys(filter, _) => filter.q.as_deref(),
            Question::Users(filter, _) => filter.q.as_deref(),
            Question::Tenants(q) => q.as_deref(),
        };
        q.is_some_and(|q| q.chars().count() > 2)
    }

    /// A search and a filter.
    pub(crate) fn is_combined(&self) -> bool {
        self.filter.starts_with('`') && self.filter.contains(", ")
    }

    fn reversed(&self) -> Self {
        let mut case = self.clone();
        match &mut case.question {
            Question::Keys(_, KeySort { direction, .. }) | Question::Users(_, UserSort { direction, .. }) => {
                *direction = direction.reversed();
            }
            Question::Tenants(_) => {}
        }
        case
    }
}

/// What came of it.
pub(crate) struct Measured {
    case: Case,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Rows and totals, to see that something was found.
    pub(crate) found: String,
}

impl Measured {
    pub(crate) fn name(&self) -> String {
        format!("{}: {:?}", self.case.name(), self.p99)
    }

    pub(crate) fn bound(&self) -> Duration {
        crate::bound(&self.case)
    }
}

/// The page without its rows.
async fn ask(store: &Store, question: &Question, page: &PageRequest, now: Timestamp) -> Page<()> {
    fn emptied<T>(page: Page<T>) -> Page<()> {
        let Page { items, next_cursor, total, hidden } = page;
        Page { items: items.iter().map(|_| ()).collect(), next_cursor, total, hidden }
    }
    match question {
        Question::Keys(filter, sort) => {
            emptied(store.list_keys(filter, *sort, page, &Reach::Everywhere, now).await.unwrap())
        }
        Question::Users(filter, sort) => {
            emptied(store.list_users(filter, *sort, page, &Reach::Everywhere, now).await.unwrap())
        }
        Question::Tenants(q) => {
            let page = store.list_tenants(q.as_deref(), page, &Reach::Everywhere).await.unwrap();
            let ids: Vec<_> = page.items.iter().map(|tenant| tenant.id.clone()).collect();
            let month = now.before(Duration::from_hours(30 * 24));
            store.tenant_figures(&ids, month, now).await.unwrap();
            emptied(page)
        }
    }
}

/// The cursor that leads to the page; `None` where the list is shorter.
async fn cursor(store: &Store, case: &Case, now: Timestamp) -> Option<String> {
    match case.depth {
        Depth::First => None,
        Depth::Tenth => {
            let mut page = PageRequest::default();
            for _ in 0..9 {
                page.cursor = Some(ask(store, &case.question, &page, now).await.next_cursor?);
            }
            page.cursor
        }
        Depth::Deepest => {
            // The first page of the other direction ends where the last one of this begins.
            let other = case.reversed();
            let back = ask(store, &other.question, &PageRequest::default(), now).await.next_cursor?;
            let json = String::from_utf8(URL_SAFE_NO_PAD.decode(back).unwrap()).unwrap();
            let there = json.replacen(&format!("\"{}\"", other.order()), &format!("\"{}\"", case.order()), 1);
            Some(URL_SAFE_NO_PAD.encode(there))
        }
    }
}

/// A clock; with `GATEHOUSE_LISTS_CPU=1` it counts this process's own work, for a machine that others use too. Then the
/// figures of PostgreSQL mean nothing.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    if std::env::var_os("GATEHOUSE_LISTS_CPU").is_none() {
        return START.elapsed();
    }
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanos = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

pub(crate) async fn measure(store: &Store, case: &Case, calls: usize, now: Timestamp) -> Measured {
    let page = PageRequest { cursor: cursor(store, case, now).await, ..PageRequest::default() };
    let mut times = Vec::with_capacity(calls);
    let mut found = String::new();
    // The first call is for the caches.
    let patience = Instant::now();
    for nth in 0..=calls {
        if times.len() >= ENOUGH && patience.elapsed() > PATIENCE {
            break;
        }
        let start = clock();
        let Page { items, total, hidden, .. } = ask(store, &case.question, &page, now).await;
        if nth == 0 {
            let more = |capped| if capped { "+" } else { "" };
            found = format!(
                "{} of {}{}, {}{} hidden",
                items.len(),
                total.count,
                more(total.capped),
                hidden.count,
                more(hidden.capped)
            );
        } else {
            times.push(clock().saturating_sub(start));
        }
    }
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    Measured { case: case.clone(), p50: at(50), p99: at(99), found }
}

/// One line for each list and filter: the worst of its orders and pages.
pub(crate) fn table(sqlite: &[Measured], postgres: &[Measured]) {
    let mut order = Vec::new();
    let mut groups = BTreeMap::<String, [Vec<&Measured>; 2]>::new();
    for (which, all) in [sqlite, postgres].into_iter().enumerate() {
        for measured in all {
            let group = measured.case.group();
            if !groups.contains_key(&group) {
                order.push(group.clone());
            }
            groups.entry(group).or_default()[which].push(measured);
        }
    }
    println!(
        "LISTS | list and filter | cases | SQLite p50 | worst p99 | PostgreSQL p50 | worst p99 | slowest |"
    );
    println!("LISTS |---|---|---|---|---|---|---|");
    for group in order {
        let [sqlite, postgres] = &groups[&group];
        let p50 = |all: &[&Measured]| {
            let mut times: Vec<_> = all.iter().map(|measured| measured.p50).collect();
            times.sort();
            times.get(times.len() / 2).copied().unwrap_or_default()
        };
        let worst = |all: &[&Measured]| all.iter().map(|measured| measured.p99).max().unwrap_or_default();
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        let slowest = sqlite.iter().chain(postgres).max_by_key(|measured| measured.p99);
        let slowest =
            slowest.map(|at| format!("{}, {:?}", at.case.order(), at.case.depth)).unwrap_or_default();
        println!(
            "LISTS | {group} | {} | {} | {} | {} | {} | {} |",
            sqlite.len(),
            ms(p50(sqlite)),
            ms(worst(sqlite)),
            ms(p50(postgres)),
            ms(worst(postgres)),
            slowest.to_lowercase()
        );
    }
}

/// Both directions of the fields.
pub(crate) fn directions<T: Copy>(fields: &[T]) -> impl Iterator<Item = (T, SortDirection)> {
    fields.iter().flat_map(|field| [(*field, SortDirection::Ascending), (*field, SortDirection::Descending)])
}
