//! Objects are objects: serde would take a list for one, field by field in the order of the struct, so that
//! `"rate_limits": [5, 6]` would say something that nobody meant.
//!
//! A deserializer around another one. It passes everything on, down to the innermost value, and refuses a list where a
//! struct is expected. Whole numbers may be written with a decimal point.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use std::fmt;

/// Reads structs from objects alone.
pub(super) struct Objects<D>(pub(super) D);

macro_rules! pass_on {
    ($($method:ident($($name:ident: $kind:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Given { visitor, object: false })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    pass_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Given { visitor, object: true })
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// Who is given the value; `object`: a list won't do.
struct Given<V> {
    visitor: V,
    object: bool,
}

macro_rules! hand_over {
    ($($method:ident($kind:ty);)*) => {$(
        fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Given<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    hand_over! {
        visit_bool(bool);
        visit_i64(i64);
        visit_i128(i128);
        visit_u64(u64);
        visit_u128(u128);
        visit_char(char);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    /// JSON has one kind of number: `12.0` is `12` (JSON Schema 2020-12, Validation §6.1.1), and some programs write it so.
    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        match whole(value) {
            Some(number) => match u64::try_from(number) {
                Ok(number) => self.visitor.visit_u64(number),
                Err(_) => self.visitor.visit_i64(number),
            },
            None => self.visitor.visit_f64(value),
        }
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Objects(value))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Objects(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        if self.object {
            return Err(Error::invalid_type(Unexpected::Seq, &self));
        }
        self.visitor.visit_seq(Within(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Within(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variants: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Within(variants))
    }
}

/// The integer that this number is, if it is one that a float holds exactly.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then(|| format!("{value:.0}").parse().ok())?
}

/// What is inside a list, an object or an enum, or how one of its values is read.
struct Within<A>(A);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Within<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(value))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Within<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Within(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Within<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Within(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Within(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Within<A> {
    type Error = A::Error;
    type Variant = Within<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(Within(seed)).map(|(value, variant)| (value, Within(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Within<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Within(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Given { visitor, object: false })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Given { visitor, object: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: u8,
        b: Option<u8>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        one: Option<Inner>,
        list: Vec<Inner>,
        named: BTreeMap<String, Inner>,
        pair: Option<(u8, Inner)>,
        choice: Option<Choice>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Choice {
        Nothing,
        Wrapped(Inner),
        Fields { a: u8 },
        Two(u8, u8),
    }

    fn read(text: &str) -> Result<Outer, serde_json::Error> {
        Outer::deserialize(Objects(&mut serde_json::Deserializer::from_str(text)))
    }

    #[test]
    fn a_list_is_no_object_however_deep() {
        for list in [
            "[]",
            r#"{"one":[1,2]}"#,
            r#"{"list":[[1,2]]}"#,
            r#"{"named":{"x":[1,2]}}"#,
            r#"{"pair":[1,[1,2]]}"#,
            r#"{"choice":{"Wrapped":[1,2]}}"#,
            r#"{"choice":{"Fields":[1]}}"#,
        ] {
            let error = read(list).unwrap_err().to_string();
            assert!(error.starts_with("invalid type: sequence, expected struct "), "{list}: {error}");
        }
    }

    #[test]
    fn a_whole_number_may_have_a_decimal_point() {
        let read = |text: &str| read(text).map(|outer| outer.one.unwrap().a);
        assert_eq!(read(r#"{"one":{"a":12.0}}"#).unwrap(), 12);
        assert_eq!(read(r#"{"one":{"a":1.2e1}}"#).unwrap(), 12);
        for bad in ["12.5", "-1.0", "256.0", "1e300"] {
            assert!(read(&format!(r#"{{"one":{{"a":{bad}}}}}"#)).is_err(), "{bad}");
        }
        assert_eq!(whole(-3.0), Some(-3));
        assert_eq!(whole(f64::INFINITY), None);
    }

    #[test]
    fn everything_else_is_read_as_before() {
        for text in [
            "{}",
            r#"{"one":{"a":1},"list":[{"a":1,"b":2},{"b":null,"a":3}],"named":{"x":{"a":1}},"pair":[1,{"a":2}]}"#,
            r#"{"choice":"Nothing"}"#,
            r#"{"choice":{"Wrapped":{"a":1}}}"#,
            r#"{"choice":{"Fields":{"a":1}}}"#,
            r#"{"choice":{"Two":[1,2]}}"#,
        ] {
            assert_eq!(read(text).unwrap(), serde_json::from_str::<Outer>(text).unwrap(), "{text}");
        }
        for bad in [r#"{"one":{"a":1,"a":2}}"#, r#"{"one":{"a":300}}"#, r#"{"one":7}"#, r#"{"choice":"x"}"#] {
            let plain = serde_json::from_str::<Outer>(bad).unwrap_err().to_string();
            assert_eq!(read(bad).unwrap_err().to_string(), plain, "{bad}");
        }
    }
}
