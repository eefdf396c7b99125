//! The functions that an expression may name, for DataFusion's SQL planner.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, TableReference, plan_err};
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};
use datafusion::{functions, functions_aggregate, functions_nested, functions_window};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that SQL can call. Aggregates and windows are known so that they can be refused by name.
pub(crate) struct Functions {
    scalar: HashMap<String, Arc<ScalarUDF>>,
    aggregate: HashMap<String, Arc<AggregateUDF>>,
    window: HashMap<String, Arc<WindowUDF>>,
    planners: Vec<Arc<dyn ExprPlanner>>,
    options: Arc<ConfigOptions>,
}

impl Functions {
    pub(crate) fn new() -> Self {
        let mut scalar = HashMap::new();
        for function in
            functions::all_default_functions().into_iter().chain(functions_nested::all_default_nested_functions())
        {
            let names = std::iter::once(function.name().to_string()).chain(function.aliases().iter().cloned());
            names.for_each(|name| drop(scalar.insert(name, function.clone())));
        }
        let mut aggregate = HashMap::new();
        for function in functions_aggregate::all_default_aggregate_functions() {
            let names = std::iter::once(function.name().to_string()).chain(function.aliases().iter().cloned());
            names.for_each(|name| drop(aggregate.insert(name, function.clone())));
        }
        let window =
            functions_window::all_default_window_functions().into_iter().map(|f| (f.name().to_string(), f)).collect();
        let planners: Vec<Arc<dyn ExprPlanner>> = vec![
            Arc::new(functions::core::planner::CoreFunctionPlanner::default()),
            Arc::new(functions_nested::planner::NestedFunctionPlanner),
            Arc::new(functions_nested::planner::FieldAccessPlanner),
            Arc::new(functions::datetime::planner::DatetimeFunctionPlanner),
            Arc::new(functions::unicode::planner::UnicodeFunctionPlanner),
            Arc::new(functions_aggregate::planner::AggregateFunctionPlanner),
            Arc::new(functions_window::planner::WindowFunctionPlanner),
        ];
        let mut options = ConfigOptions::new();
        options.sql_parser.enable_ident_normalization = false;
        options.sql_parser.map_string_types_to_utf8view = false;
        Self { scalar, aggregate, window, planners, options: Arc::new(options) }
    }

    /// The planner's settings.
    pub(crate) fn config(&self) -> &Arc<ConfigOptions> {
        &self.options
    }
}

impl ContextProvider for Functions {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        plan_err!("an expression sees its own row, and no table `{name}`")
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.scalar.get(name).cloned()
    }

    fn get_higher_order_meta(&self, _name: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.aggregate.get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.window.get(name).cloned()
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        self.scalar.keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.aggregate.keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.window.keys().cloned().collect()
    }
}
