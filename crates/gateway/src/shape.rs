//! What keys have in common.
//!
//! Keys are issued from few templates, so thousands have the same lists, tags and identity rules. Each such shape is in
//! memory once: a directory of a hundred thousand keys stays small, and requests of many keys find what they need near
//! the processor.

use crate::inflight::lock;
use identity::end_user::{CompiledIdentity, KeySources};
use model::key::{KeyScope, Tags};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

/// So many shapes are kept before those that no key has any more are looked for.
const FEW: usize = 64;

/// What decides about a key's requests and is the same for every key that has it.
pub(crate) struct Shape {
    /// What the key may reach, for whom, from where and how often.
    pub(crate) scope: KeyScope,
    /// Stored on every usage row.
    pub(crate) tags: Tags,
    /// `None`: nothing is asked; an error: the rules can't be read, and the key can't be used.
    pub(crate) identity: Option<Result<CompiledIdentity, ()>>,
}

/// The shapes of the keys in the directory.
#[derive(Default)]
pub(crate) struct Shapes(Mutex<Known>);

#[derive(Default)]
struct Known {
    shapes: HashMap<String, Weak<Shape>>,
    /// When there are so many, the unused ones go.
    most: usize,
}

impl Shapes {
    /// The shape of this scope and these tags, the same one for all keys that have it.
    pub(crate) fn of(&self, scope: KeyScope, tags: Tags, sources: &KeySources) -> Arc<Shape> {
        // Written out, equal ones are equal texts; what can't be written out is shared with nobody.
        let Ok(text) = serde_json::to_string(&(&scope, &tags)) else {
            return Arc::new(Shape::compile(scope, tags, sources));
        };
        let mut known = lock(&self.0);
        if let Some(shape) = known.shapes.get(&text).and_then(Weak::upgrade) {
            return shape;
        }
        if known.shapes.len() >= known.most {
            known.shapes.retain(|_, shape| shape.strong_count() > 0);
            known.most = FEW.max(known.shapes.len() * 2);
        }
        let shape = Arc::new(Shape::compile(scope, tags, sources));
        known.shapes.insert(text, Arc::downgrade(&shape));
        shape
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        lock(&self.0).shapes.len()
    }
}

impl Shape {
    fn compile(scope: KeyScope, tags: Tags, sources: &KeySources) -> Self {
        let identity = (!scope.identity.is_off()).then(|| {
            CompiledIdentity::compile(&scope.identity, sources).map_err(|errors| {
                tracing::error!(?errors, "identity rules can't be read; keys that have them can't be used");
            })
        });
        Self { scope, tags, identity }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> KeySources {
        KeySources::default()
    }

    fn scope(requests: u32) -> KeyScope {
        let mut scope = KeyScope::default();
        scope.rate_limits.requests_per_minute = Some(requests);
        scope
    }

    #[test]
    fn equal_ones_are_one_and_others_are_not() {
        let (shapes, sources) = (Shapes::default(), sources());
        let tags = |team: &str| Tags::from([("team".to_owned(), team.to_owned())]);
        let first = shapes.of(scope(5), tags("a"), &sources);
        assert!(Arc::ptr_eq(&first, &shapes.of(scope(5), tags("a"), &sources)));
        for other in [shapes.of(scope(6), tags("a"), &sources), shapes.of(scope(5), tags("b"), &sources)] {
            assert!(!Arc::ptr_eq(&first, &other));
        }
        assert_eq!((first.scope.rate_limits.requests_per_minute, &first.tags), (Some(5), &tags("a")));
    }

    #[test]
    fn those_that_no_key_has_any_more_go() {
        let (shapes, sources) = (Shapes::default(), sources());
        let kept: Vec<_> = (0..10).map(|n| shapes.of(scope(n), Tags::new(), &sources)).collect();
        for n in 0..10_000 {
            shapes.of(scope(100 + n), Tags::new(), &sources);
        }
        assert!(shapes.len() <= FEW, "{}", shapes.len());
        assert!(Arc::ptr_eq(&kept[3], &shapes.of(scope(3), Tags::new(), &sources)));
    }
}
