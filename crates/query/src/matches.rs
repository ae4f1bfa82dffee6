//! `matches(…, 'question')` in SQL: full text.
//!
//! In: texts and a question in the language of `pellucid_search`. Out: whether the texts together answer it. `matches('question')`
//! asks the searched columns of `spans`: it is spelled out before planning, so that a plan names every column it reads.

use std::hash::Hash;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, BooleanArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result as PlanResult, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, visit_expressions_mut,
};
use pellucid_model::{Error, ErrorKind, Result};
use pellucid_search::Query;
use pellucid_store::{Table, searched_columns};

/// Its name in SQL.
pub(crate) const MATCHES: &str = "matches";

/// The columns that a question alone asks.
pub(crate) fn searched() -> &'static [&'static str] {
    searched_columns(Table::Spans)
}

/// The function, to be registered with DataFusion.
pub(crate) fn function() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Matches { signature: Signature::user_defined(Volatility::Immutable) }))
}

/// A question, understood; the error says where it is wrong and what to do.
pub(crate) fn question(text: &str) -> Result<Query> {
    Query::parse(text).map_err(|wrong| {
        Error::new(ErrorKind::Invalid, wrong.to_string()).at(1, wrong.character as u64 + 1).with_hint(wrong.hint)
    })
}

/// The question that a condition puts to searched columns; nothing if it is no such condition.
pub(crate) fn question_of(condition: &Expr) -> Option<Query> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = condition else { return None };
    let (Expr::Literal(text, _), columns) = args.split_last()? else { return None };
    let is_searched =
        |column: &Expr| matches!(column, Expr::Column(column) if searched().contains(&column.name.as_str()));
    if func.name() != MATCHES || !columns.iter().all(is_searched) {
        return None;
    }
    Query::parse(text.try_as_str().flatten()?).ok()
}

/// Names the searched columns in each `matches('question')`.
pub(crate) fn spell_out(statement: &mut Statement) {
    match statement {
        Statement::Statement(statement) => {
            let done = visit_expressions_mut(statement.as_mut(), |expr| {
                name_columns(expr);
                ControlFlow::<()>::Continue(())
            });
            debug_assert!(done.is_continue(), "nothing stops the walk");
        }
        Statement::Explain(explain) => spell_out(&mut explain.statement),
        _ => {}
    }
}

fn name_columns(expr: &mut SqlExpr) {
    let SqlExpr::Function(function) = expr else { return };
    if !function.name.to_string().eq_ignore_ascii_case(MATCHES) {
        return;
    }
    if let FunctionArguments::List(list) = &mut function.args
        && list.args.len() == 1
    {
        let column = |name: &&str| SqlExpr::Identifier(Ident::new(*name));
        let columns = searched().iter().map(column).map(FunctionArgExpr::Expr).map(FunctionArg::Unnamed);
        list.args.splice(0..0, columns);
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Matches {
    signature: Signature,
}

impl ScalarUDFImpl for Matches {
    fn name(&self) -> &str {
        MATCHES
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> PlanResult<DataType> {
        Ok(DataType::Boolean)
    }

    fn coerce_types(&self, types: &[DataType]) -> PlanResult<Vec<DataType>> {
        let is_text = |of: &DataType| match of {
            DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
            DataType::Dictionary(_, value) => value.is_string(),
            _ => false,
        };
        if types.len() < 2 || !types.iter().all(is_text) {
            return Err(DataFusionError::Plan(
                "matches takes columns of text, or none, and a question, as in matches(input_messages, 'refund -test')"
                    .to_owned(),
            ));
        }
        Ok(vec![DataType::Utf8; types.len()])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> PlanResult<ColumnarValue> {
        let Some((ColumnarValue::Scalar(question), texts)) = args.args.split_last() else {
            return Err(DataFusionError::Execution(
                "the question of matches must be one text, not a column".to_owned(),
            ));
        };
        let Some(question) = question.try_as_str().flatten() else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Boolean(None)));
        };
        let query = Query::parse(question).map_err(|wrong| DataFusionError::Execution(format!("matches: {wrong}")))?;
        let matcher = query.matcher();
        let texts = texts.iter().map(|text| text.to_array(args.number_rows)).collect::<PlanResult<Vec<_>>>()?;
        let texts = texts.iter().map(|text| cast(text, &DataType::Utf8)).collect::<std::result::Result<Vec<_>, _>>()?;
        let texts: Vec<&StringArray> = texts.iter().map(|text| text.as_string::<i32>()).collect();
        let answers = (0..args.number_rows).map(|row| {
            let there = texts.iter().filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row));
            Some(matcher.matches(&there.collect::<Vec<&str>>()))
        });
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from_iter(answers))))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::{col, lit};
    use datafusion::sql::parser::DFParser;

    use super::*;

    #[test]
    fn a_question_alone_asks_every_searched_column() {
        let spelled = |sql: &str| {
            let mut statement = DFParser::parse_sql(sql).unwrap().pop_front().unwrap();
            spell_out(&mut statement);
            statement.to_string()
        };
        let all = searched().join(", ");
        assert_eq!(
            spelled("SELECT count(*) FROM spans WHERE matches('a') AND NOT MATCHES(name, 'b')"),
            format!("SELECT count(*) FROM spans WHERE matches({all}, 'a') AND NOT MATCHES(name, 'b')")
        );
        assert!(spelled("EXPLAIN SELECT 1 FROM spans WHERE matches('a')").contains(&all));
    }

    #[test]
    fn conditions_on_searched_columns_are_known() {
        let asked = |args: Vec<Expr>| question_of(&function().call(args)).map(|query| query.text().to_owned());
        assert_eq!(asked(vec![col("name"), col("input_value"), lit("a b")]).as_deref(), Some("a b"));
        assert_eq!(asked(vec![col("name"), col("user_id"), lit("a")]), None);
        assert_eq!(asked(vec![col("name"), lit("\"")]), None);
    }

    #[test]
    fn wrong_questions_say_where() {
        let wrong = question("退款 (").unwrap_err();
        assert_eq!((wrong.kind, wrong.position.map(|at| at.0)), (ErrorKind::Invalid, Some(1)));
        assert!(wrong.hint.is_some());
    }
}
