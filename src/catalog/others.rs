//! What a database has beside tables, views, enums and sequences: known by name only.

/// What kind of thing a statement is about that the catalog does not hold as structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A function; a trigger's function too.
    Function,
    /// A procedure.
    Procedure,
    /// An aggregate.
    Aggregate,
    /// A domain.
    Domain,
    /// A composite, range or base type; enums are changes of their own.
    Type,
    /// A schema.
    Schema,
    /// An extension.
    Extension,
    /// A policy of row level security.
    Policy,
    /// `ENABLE`, `DISABLE`, `FORCE ROW LEVEL SECURITY`.
    RowSecurity,
    /// `GRANT`, `REVOKE`, default privileges.
    Privilege,
    /// `OWNER TO`, `REASSIGN OWNED`.
    Owner,
    /// A role or user.
    Role,
    /// A rewrite rule.
    Rule,
    /// Extended statistics, and how much is sampled of a column.
    Statistics,
    /// `ATTACH PARTITION`, `DETACH PARTITION`.
    Partition,
    /// `INHERIT`, `NO INHERIT`, `OF`.
    Inheritance,
    /// `SET (…)`, `RESET (…)`, `SET STORAGE`, `SET COMPRESSION`.
    StorageParameter,
    /// `REPLICA IDENTITY`.
    ReplicaIdentity,
    /// A tablespace, or what moves into one.
    Tablespace,
    /// `SET LOGGED`, `SET UNLOGGED`.
    Persistence,
    /// An access method, or a table's.
    AccessMethod,
    /// A comment on anything but a column.
    Comment,
    /// A publication.
    Publication,
    /// A subscription.
    Subscription,
    /// An operator.
    Operator,
    /// An operator class or family.
    OperatorClass,
    /// A cast.
    Cast,
    /// A collation.
    Collation,
    /// A conversion of encodings.
    Conversion,
    /// A configuration, dictionary, parser or template of text search.
    TextSearch,
    /// A procedural language, or a transform for one.
    Language,
    /// A foreign server, wrapper, user mapping or table.
    Foreign,
    /// An event trigger.
    EventTrigger,
    /// `ALTER SEQUENCE …` but for its name.
    Sequence,
    /// `REFRESH MATERIALIZED VIEW`.
    MaterializedView,
    /// `SET`, `RESET`, `ALTER SYSTEM`, `ALTER DATABASE … SET`.
    Setting,
    /// `BEGIN`, `COMMIT`, `SAVEPOINT` ….
    Transaction,
    /// `VACUUM`, `ANALYZE`, `REINDEX`, `CLUSTER`.
    Maintenance,
    /// `LOCK TABLE`.
    Lock,
    /// A `SELECT` or `CALL` for its side effect.
    Query,
    /// A virtual table (SQLite).
    Virtual,
    /// A `PRAGMA` (SQLite).
    Pragma,
    /// A database, attached ones too.
    Database,
}

impl ObjectKind {
    /// All kinds.
    pub const ALL: [Self; 43] = [
        Self::Function,
        Self::Procedure,
        Self::Aggregate,
        Self::Domain,
        Self::Type,
        Self::Schema,
        Self::Extension,
        Self::Policy,
        Self::RowSecurity,
        Self::Privilege,
        Self::Owner,
        Self::Role,
        Self::Rule,
        Self::Statistics,
        Self::Partition,
        Self::Inheritance,
        Self::StorageParameter,
        Self::ReplicaIdentity,
        Self::Tablespace,
        Self::Persistence,
        Self::AccessMethod,
        Self::Comment,
        Self::Publication,
        Self::Subscription,
        Self::Operator,
        Self::OperatorClass,
        Self::Cast,
        Self::Collation,
        Self::Conversion,
        Self::TextSearch,
        Self::Language,
        Self::Foreign,
        Self::EventTrigger,
        Self::Sequence,
        Self::MaterializedView,
        Self::Setting,
        Self::Transaction,
        Self::Maintenance,
        Self::Lock,
        Self::Query,
        Self::Virtual,
        Self::Pragma,
        Self::Database,
    ];

    /// Returns the word for the kind in messages and checksums.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Aggregate => "aggregate",
            Self::Domain => "domain",
            Self::Type => "type",
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Policy => "policy",
            Self::RowSecurity => "row level security",
            Self::Privilege => "privilege",
            Self::Owner => "owner",
            Self::Role => "role",
            Self::Rule => "rule",
            Self::Statistics => "statistics",
            Self::Partition => "partition",
            Self::Inheritance => "inheritance",
            Self::StorageParameter => "storage parameter",
            Self::ReplicaIdentity => "replica identity",
            Self::Tablespace => "tablespace",
            Self::Persistence => "persistence",
            Self::AccessMethod => "access method",
            Self::Comment => "comment",
            Self::Publication => "publication",
            Self::Subscription => "subscription",
            Self::Operator => "operator",
            Self::OperatorClass => "operator class",
            Self::Cast => "cast",
            Self::Collation => "collation",
            Self::Conversion => "conversion",
            Self::TextSearch => "text search object",
            Self::Language => "language",
            Self::Foreign => "foreign object",
            Self::EventTrigger => "event trigger",
            Self::Sequence => "sequence",
            Self::MaterializedView => "materialized view",
            Self::Setting => "setting",
            Self::Transaction => "transaction",
            Self::Maintenance => "maintenance",
            Self::Lock => "lock",
            Self::Query => "query",
            Self::Virtual => "virtual table",
            Self::Pragma => "pragma",
            Self::Database => "database",
        }
    }

    /// Returns whether it is a thing with a name of its own that is created and dropped, and not a property of
    /// something else or an act.
    #[must_use]
    pub const fn is_object(self) -> bool {
        match self {
            Self::Function
            | Self::Procedure
            | Self::Aggregate
            | Self::Domain
            | Self::Type
            | Self::Schema
            | Self::Extension
            | Self::Policy
            | Self::Role
            | Self::Rule
            | Self::Statistics
            | Self::Tablespace
            | Self::AccessMethod
            | Self::Publication
            | Self::Subscription
            | Self::Operator
            | Self::OperatorClass
            | Self::Cast
            | Self::Collation
            | Self::Conversion
            | Self::TextSearch
            | Self::Language
            | Self::Foreign
            | Self::EventTrigger
            | Self::Virtual
            | Self::Database => true,
            Self::RowSecurity
            | Self::Privilege
            | Self::Owner
            | Self::Partition
            | Self::Inheritance
            | Self::StorageParameter
            | Self::ReplicaIdentity
            | Self::Persistence
            | Self::Comment
            | Self::Sequence
            | Self::MaterializedView
            | Self::Setting
            | Self::Transaction
            | Self::Maintenance
            | Self::Lock
            | Self::Query
            | Self::Pragma => false,
        }
    }
}
