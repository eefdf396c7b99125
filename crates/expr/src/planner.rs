//! DataFusion's SQL planner, as expressions and queries need it.

use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

/// An engine that takes names as they are spelt, and knows every function, no table, no file and no format.
pub fn engine(config: SessionConfig) -> SessionStateBuilder {
    let mut config = config.with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .with_table_function_list(Vec::new())
        .with_table_factories(Default::default())
        .with_file_formats(Vec::new())
}

/// The planner of expressions. Aggregates and windows are known so that they can be refused by name.
///
/// It is the engine's own, and nothing but planning is asked of it: another would be all of the planner's
/// code once more.
pub(crate) fn planner() -> SessionState {
    engine(SessionConfig::new()).build()
}
