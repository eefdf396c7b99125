//! DataFusion's SQL planner, as expressions need it.

use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

/// A planner that knows every function and no table. Aggregates and windows are known so that they can be
/// refused by name.
///
/// It is the engine's own, and nothing but planning is asked of it: another would be all of the planner's
/// code once more.
pub(crate) fn planner() -> SessionState {
    let mut config = SessionConfig::new().with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .with_table_function_list(Vec::new())
        .with_table_factories(Default::default())
        .with_file_formats(Vec::new())
        .build()
}
