//! The lists of providers and models.

use crate::catalog::{SELECT_MODEL, SELECT_PROVIDER, read_model, read_provider};
use crate::error::Result;
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::search::Search;
use crate::sql::Sql;
use model::catalog::{Model, Provider};
use model::page::SortDirection;
use model::{ModelName, Page, PageRequest, ProviderName, Total};

// Names, addresses and labels are ASCII, or don't match anything that folds.
const SEARCHED_PROVIDER: &[&str] = &["LOWER(p.name)", "LOWER(p.base_url)"];
const SEARCHED_MODEL: &[&str] = &["LOWER(m.name)", "LOWER(m.labels)"];

impl Store {
    /// A page of the providers whose name or address matches `q`, by name.
    pub async fn list_providers(&self, q: Option<&str>, page: &PageRequest) -> Result<Page<Provider>> {
        let order = by_name("p.name", "providers");
        let search = Search::parse(q);
        let matching = |select| matching(select, search.as_ref(), SEARCHED_PROVIDER);
        let mut sql = matching(SELECT_PROVIDER);
        order.push_after::<ProviderName>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let rows = sql.fetch_all(self.reader()).await?;
        let providers: Vec<Provider> =
            rows.iter().map(|row| Ok(read_provider(row)?.provider)).collect::<Result<_>>()?;
        let total = count(matching("SELECT 1 FROM providers p"), self.reader()).await?;
        let position = |provider: &Provider| at(provider.name.as_str());
        order.page(providers, page, position, total, Total::default())
    }

    /// A page of the models whose name or label matches `q`, by name.
    pub async fn list_models(&self, q: Option<&str>, page: &PageRequest) -> Result<Page<Model>> {
        let order = by_name("m.name", "models");
        let search = Search::parse(q);
        let matching = |select| matching(select, search.as_ref(), SEARCHED_MODEL);
        let mut sql = matching(SELECT_MODEL);
        order.push_after::<ModelName>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let models: Vec<Model> =
            sql.fetch_all(self.reader()).await?.iter().map(read_model).collect::<Result<_>>()?;
        let total = count(matching("SELECT 1 FROM models m"), self.reader()).await?;
        let position = |model: &Model| at(model.name.as_str());
        order.page(models, page, position, total, Total::default())
    }
}

fn matching(select: &'static str, search: Option<&Search>, columns: &'static [&'static str]) -> Sql {
    let mut sql = Sql::new(select);
    sql.push(" WHERE 1 = 1");
    if let Some(search) = search {
        search.push(&mut sql, columns);
    }
    sql
}

fn by_name(column: &'static str, order: &str) -> Keyset {
    let direction = SortDirection::Ascending;
    Keyset { column, id: column, numeric: false, direction, order: order.to_owned() }
}

fn at(name: &str) -> (SortValue, String) {
    (SortValue::Text(name.to_owned()), name.to_owned())
}
