//! Lists (RFC 7644 §3.4.2): what is asked for, and the form of the answer.

use super::filter::Filter;
use super::projection::Projection;
use super::schema::Schema;
use super::sort::Sort;
use super::{LIST_RESPONSE, ScimError};
use serde_json::{Value, json};

/// Most resources in one answer; also what is said in the service provider's configuration.
pub const MOST: usize = 200;
/// Resources in an answer when nothing is said.
const USUAL: usize = 100;

/// A list that is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which resources.
    pub filter: Option<Filter>,
    /// In which order; `None`: by age.
    pub sort: Option<Sort>,
    /// How many resources come before the first one of the answer.
    pub skip: usize,
    /// How many there are to be at most; 0: only their number is asked for.
    pub count: usize,
    /// What of each.
    pub projection: Projection,
}

impl Query {
    /// From parameters, as they stand in an address or in the body of a search: `of` gives the value of one. Empty ones
    /// are as good as none.
    pub fn parse(schema: &'static Schema, of: impl Fn(&str) -> Option<String>) -> Result<Self, ScimError> {
        let of = |name: &str| of(name).filter(|text| !text.trim().is_empty());
        let number = |name: &'static str| {
            of(name)
                .map(|text| text.trim().parse::<i64>())
                .transpose()
                .map_err(|_| ScimError::value(format!("{name} must be a whole number")))
        };
        let filter = of("filter").map(|text| Filter::parse(&text, schema)).transpose()?;
        let sort = of("sortBy").map(|by| Sort::parse(&by, of("sortOrder").as_deref(), schema)).transpose()?;
        // Less than one is one, and less than none is none.
        let start = usize::try_from(number("startIndex")?.unwrap_or(1)).unwrap_or(1).max(1);
        let count = number("count")?.map_or(USUAL, |count| usize::try_from(count).unwrap_or(0)).min(MOST);
        Ok(Self { filter, sort, skip: start - 1, count, projection: Projection::parse(schema, of)? })
    }
}

/// The answer to a list: `total` resources match, these are of them, `skip` come before.
pub fn response(total: usize, skip: usize, resources: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": skip + 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::USERS;
    use std::collections::BTreeMap;

    fn query(parameters: &[(&str, &str)]) -> Result<Query, ScimError> {
        let parameters: BTreeMap<_, _> = parameters.iter().copied().collect();
        Query::parse(&USERS, |name| parameters.get(name).map(ToString::to_string))
    }

    #[test]
    fn paging_is_bounded_whatever_is_asked() {
        let page = |start, count| {
            let query = query(&[("startIndex", start), ("count", count)]).unwrap();
            (query.skip, query.count)
        };
        assert_eq!(page("", ""), (0, 100));
        assert_eq!(page("1", "0"), (0, 0));
        assert_eq!(page("-7", "-1"), (0, 0));
        assert_eq!(page("0", "1000000"), (0, 200));
        assert_eq!(page("101", "50"), (100, 50));
        assert!(query(&[("count", "many")]).is_err());
        assert!(query(&[("filter", "userName eq")]).is_err());
        assert!(query(&[("attributes", "userName"), ("excludedAttributes", "name")]).is_err());
        assert_eq!(response(0, 0, Vec::new())["startIndex"], 1);
    }
}
