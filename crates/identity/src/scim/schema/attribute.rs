//! An attribute of a schema (RFC 7643 §7).

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339.
    DateTime,
    /// The address of something.
    Reference,
    /// Base64.
    Binary,
    /// An object with these attributes.
    Complex(&'static [Attribute]),
}

impl Kind {
    /// The word of the RFC.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Binary => "binary",
            Self::Complex(_) => "complex",
        }
    }
}

/// Who may write an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The client, whenever it likes.
    ReadWrite,
    /// Nobody but the server.
    ReadOnly,
    /// The client, once.
    Immutable,
}

impl Mutability {
    /// The word of the RFC.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "readWrite",
            Self::ReadOnly => "readOnly",
            Self::Immutable => "immutable",
        }
    }
}

/// When an attribute is in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever is asked for.
    Always,
    /// Unless it is left out by what is asked for.
    Default,
}

impl Returned {
    /// The word of the RFC.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Default => "default",
        }
    }
}

/// Whether two resources can have the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// They can.
    None,
    /// They can't.
    Server,
}

impl Uniqueness {
    /// The word of the RFC.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
        }
    }
}

/// One attribute. Made with [`Attribute::new`] and what differs from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// The type of its value, or of each of its values.
    pub kind: Kind,
    /// Whether it has many values.
    pub many: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether case matters when its values are compared.
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Whether it is unique.
    pub uniqueness: Uniqueness,
    /// Values that are usual.
    pub canonical: &'static [&'static str],
    /// What a reference can lead to.
    pub references: &'static [&'static str],
}

impl Attribute {
    /// A text that a client may write.
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            kind: Kind::String,
            many: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical: &[],
            references: &[],
        }
    }

    pub(super) const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    pub(super) const fn mutability(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    pub(super) const fn always(mut self) -> Self {
        self.returned = Returned::Always;
        self
    }

    pub(super) const fn unique(mut self) -> Self {
        self.uniqueness = Uniqueness::Server;
        self
    }

    pub(super) const fn canonical(mut self, canonical: &'static [&'static str]) -> Self {
        self.canonical = canonical;
        self
    }

    pub(super) const fn to(mut self, references: &'static [&'static str]) -> Self {
        self.kind = Kind::Reference;
        self.references = references;
        self.case_exact = true;
        self
    }

    /// Its sub-attributes; none unless it is complex.
    pub const fn sub_attributes(&self) -> &'static [Attribute] {
        match self.kind {
            Kind::Complex(attributes) => attributes,
            _ => &[],
        }
    }

    /// The sub-attribute of this name, in any case.
    pub fn sub_attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.sub_attributes().iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }
}

const META: &[Attribute] = &[
    Attribute::new("resourceType", "The type of the resource").exact().mutability(Mutability::ReadOnly),
    Attribute::new("created", "When it was made").kind(Kind::DateTime).mutability(Mutability::ReadOnly),
    Attribute::new("lastModified", "When it last changed")
        .kind(Kind::DateTime)
        .mutability(Mutability::ReadOnly),
    Attribute::new("location", "Where it is").to(&["uri"]).mutability(Mutability::ReadOnly),
    Attribute::new("version", "Its entity tag").exact().mutability(Mutability::ReadOnly),
];

/// What all resources have (RFC 7643 §3.1); no schema names these.
pub(super) const COMMON: &[Attribute] = &[
    Attribute::new("id", "Our own id of it").exact().mutability(Mutability::ReadOnly).always(),
    Attribute::new("externalId", "The client's own id of it").exact(),
    Attribute::new("meta", "What is known of the resource itself")
        .kind(Kind::Complex(META))
        .mutability(Mutability::ReadOnly),
];
