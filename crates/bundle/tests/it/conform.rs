use arkwright_bundle::{Request, RequestField};
use arkwright_core::{Field, Frame, Kind, Role};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampSecondArray, UInt8Array,
};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, TimeUnit};
use std::sync::Arc;

fn request(kind: Kind, data_type: DataType) -> Request {
    Request::new(vec![RequestField::new(Field::input("x", kind), data_type)]).unwrap()
}

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap()
}

fn conform(request: &Request, column: ArrayRef) -> Result<ArrayRef, String> {
    match request.conform(&table(vec![("x", column)]), 0) {
        Ok(frame) => Ok(frame.columns()[0].clone()),
        Err(error) => Err(error.to_string()),
    }
}

fn numbers(column: ArrayRef) -> Vec<Option<f64>> {
    let column = conform(&request(Kind::Number, DataType::Float64), column).unwrap();
    column.as_primitive::<Float64Type>().iter().collect()
}

fn texts(training: DataType, column: ArrayRef) -> Vec<Option<String>> {
    let column = conform(&request(Kind::Category, training), column).unwrap();
    assert_eq!(column.data_type(), &DataType::Utf8);
    column.as_string::<i32>().iter().map(|t| t.map(String::from)).collect()
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|t| Some((*t).to_string())).collect()
}

#[test]
fn any_number_is_read_as_a_number() {
    let two = vec![Some(1.0), Some(2.0)];
    assert_eq!(numbers(Arc::new(Int64Array::from(vec![1, 2]))), two);
    assert_eq!(numbers(Arc::new(UInt8Array::from(vec![1, 2]))), two);
    assert_eq!(numbers(Arc::new(Float32Array::from(vec![1.0, 2.0]))), two);
    assert_eq!(numbers(Arc::new(StringArray::from(vec!["1", " 2.0 "]))), two);
    assert_eq!(numbers(Arc::new(LargeStringArray::from(vec!["1e0", "+2"]))), two);
    assert_eq!(numbers(Arc::new(StringViewArray::from(vec!["1", "2"]))), two);
    let decimals = Decimal128Array::from(vec![100, 200]).with_precision_and_scale(10, 2).unwrap();
    assert_eq!(numbers(Arc::new(decimals)), two);
    let dictionary: DictionaryArray<Int32Type> = vec!["1", "2"].into_iter().collect();
    assert_eq!(numbers(Arc::new(dictionary)), two);
    assert_eq!(numbers(Arc::new(NullArray::new(2))), [None, None]);
}

#[test]
fn missing_is_null_however_it_was_spelt() {
    let missing = [None, Some(""), Some("NA"), Some("NaN"), Some("null"), Some("?"), Some(" ? ")];
    assert_eq!(numbers(Arc::new(StringArray::from(missing.to_vec()))), [None; 7]);
    assert_eq!(texts(DataType::Utf8, Arc::new(StringArray::from(missing.to_vec()))), vec![None; 7]);
    assert_eq!(numbers(Arc::new(Float64Array::from(vec![f64::NAN, -0.0]))), [None, Some(-0.0)]);
    assert_eq!(texts(DataType::Int64, Arc::new(Float64Array::from(vec![f64::NAN]))), [None]);
}

#[test]
fn numbers_of_32_bits_keep_their_bits_through_text() {
    let request = request(Kind::Number, DataType::Float32);
    let values: Vec<f32> =
        (0..2000u32).map(|i| f32::from_bits(0x3dcc_cccd ^ i.wrapping_mul(0x9e37_79b9) >> 4)).collect();
    let values: Vec<f32> = values.into_iter().filter(|v| v.is_finite()).collect();
    let bits: Vec<u32> = values.iter().map(|v| v.to_bits()).collect();
    let text: StringArray = values.iter().map(|v| Some(v.to_string())).collect();
    for column in [Arc::new(text) as ArrayRef, Arc::new(Float32Array::from(values))] {
        let read = conform(&request, column).unwrap();
        let read: Vec<u32> = read.as_primitive::<Float32Type>().values().iter().map(|v| v.to_bits()).collect();
        assert_eq!(read, bits);
    }
    let error = conform(&request, Arc::new(Float64Array::from(vec![1.0, 1e39]))).unwrap_err();
    assert_eq!(error, "column `x`, row 2: the number is infinite");
}

#[test]
fn what_is_no_number_is_named_with_its_row() {
    let request = request(Kind::Number, DataType::Int64);
    let text: ArrayRef = Arc::new(StringArray::from(vec![Some("1"), None, Some("a lot")]));
    assert_eq!(conform(&request, text.clone()).unwrap_err(), "column `x`, row 3: `a lot` is not a number");
    let later = request.conform(&table(vec![("x", text)]), 1000).unwrap_err();
    assert_eq!(later.to_string(), "column `x`, row 1003: `a lot` is not a number");
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![None, Some(1)]));
    assert_eq!(
        conform(&request, dates).unwrap_err(),
        "column `x`, row 2: `1970-01-02` is of type Date32 where a number is needed"
    );
    let bools: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    assert!(conform(&request, bools).unwrap_err().contains("`true` is of type Boolean"));
    for infinite in ["inf", "-Infinity", "1e999"] {
        let error = conform(&request, Arc::new(StringArray::from(vec!["0", infinite]))).unwrap_err();
        assert_eq!(error, "column `x`, row 2: the number is infinite");
    }
    let long = "9".repeat(200) + "x";
    assert!(conform(&request, Arc::new(StringArray::from(vec![long]))).unwrap_err().len() < 100);
}

#[test]
fn a_category_of_whole_numbers_is_the_same_from_any_type() {
    let one_two = some(&["1", "2"]);
    assert_eq!(texts(DataType::Int64, Arc::new(Int64Array::from(vec![1, 2]))), one_two);
    assert_eq!(texts(DataType::Int64, Arc::new(Float64Array::from(vec![1.0, 2.0]))), one_two);
    assert_eq!(texts(DataType::Int64, Arc::new(StringArray::from(vec!["01", "2.0"]))), one_two);
    assert_eq!(texts(DataType::Utf8, Arc::new(Int64Array::from(vec![1, 2]))), one_two);
    assert_eq!(texts(DataType::Utf8, Arc::new(Float64Array::from(vec![1.0, 2.0]))), one_two);
    assert_eq!(texts(DataType::Float64, Arc::new(Int64Array::from(vec![1, 2]))), some(&["1.0", "2.0"]));
    assert_eq!(texts(DataType::Float64, Arc::new(StringArray::from(vec!["1", "b"]))), some(&["1.0", "b"]));
    assert_eq!(texts(DataType::Utf8, Arc::new(StringArray::from(vec!["007", " a"]))), some(&["007", "a"]));
}

#[test]
fn true_and_false_are_spelt_as_training_spelt_them() {
    let both = some(&["true", "false"]);
    assert_eq!(texts(DataType::Boolean, Arc::new(BooleanArray::from(vec![true, false]))), both);
    assert_eq!(texts(DataType::Boolean, Arc::new(StringArray::from(vec!["True", "FALSE"]))), both);
    assert_eq!(texts(DataType::Utf8, Arc::new(StringArray::from(vec!["True", "FALSE"]))), some(&["True", "FALSE"]));
}

#[test]
fn a_time_comes_as_date_as_timestamp_or_as_text() {
    let day = DataType::Date32;
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![Some(19_874), None]));
    let seconds: ArrayRef = Arc::new(TimestampSecondArray::from(vec![Some(19_874 * 86_400), None]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["2024-05-31", "NA"]));
    let short: ArrayRef = Arc::new(StringArray::from(vec!["2024-5-31", ""]));
    let full: ArrayRef = Arc::new(StringArray::from(vec!["2024-05-31T00:00:00Z", "?"]));
    let offset: ArrayRef = Arc::new(StringArray::from(vec![Some("2024-05-31 02:00:00+02:00"), None]));
    let wanted: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![Some(19_874 * 86_400_000_000), None]));
    for column in [dates.clone(), seconds, text, short, full, offset] {
        assert_eq!(&conform(&request(Kind::Time, day.clone()), column.clone()).unwrap(), &dates);
        assert_eq!(&conform(&request(Kind::Time, micros.clone()), column).unwrap(), &wanted);
    }
    let early: ArrayRef = Arc::new(StringArray::from(vec!["1969-12-31T23:59:59"]));
    let early = conform(&request(Kind::Time, day.clone()), early).unwrap();
    assert_eq!(&early, &(Arc::new(Date32Array::from(vec![-1])) as ArrayRef));
    let wrong = conform(&request(Kind::Time, day.clone()), Arc::new(StringArray::from(vec!["", "31 May"])));
    assert!(wrong.unwrap_err().starts_with("column `x`, row 2: `31 May` is not a date or a time"));
    assert!(conform(&request(Kind::Time, day), Arc::new(Int64Array::from(vec![1]))).is_err());
    let nanos = DataType::Timestamp(TimeUnit::Nanosecond, None);
    let far = conform(&request(Kind::Time, nanos), Arc::new(StringArray::from(vec!["9999-01-01"])));
    assert!(far.unwrap_err().contains("`9999-01-01` is not"));
}

#[test]
fn a_time_zone_of_training_is_kept() {
    let zoned = DataType::Timestamp(TimeUnit::Second, Some("+02:00".into()));
    let read = conform(&request(Kind::Time, zoned.clone()), Arc::new(StringArray::from(vec!["2024-05-31T02:00:00"])));
    let read = read.unwrap();
    assert_eq!(read.data_type(), &zoned);
    let instant = read.as_primitive::<arrow::datatypes::TimestampSecondType>().value(0);
    assert_eq!(instant, 19_874 * 86_400);
}

#[test]
fn a_missing_column_is_answered_with_the_nearest_name_unless_it_is_no_input() {
    let field = |name: &str, role| RequestField::new(Field::new(name, Kind::Number, role), DataType::Int64);
    let request = Request::new(vec![
        field("income", Role::Input),
        field("key", Role::Key),
        field("age", Role::Input),
        field("y", Role::Target),
    ]);
    let request = request.unwrap();
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let error = request.conform(&table(vec![("incme", one.clone()), ("age", one.clone())]), 0).unwrap_err();
    assert_eq!(error.to_string(), "column `income`: is needed here and is not in the data");
    assert_eq!(error.hint().unwrap(), "there is a `incme`");
    let names = |frame: Frame| frame.fields().iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    let frame = |columns| names(request.conform(&table(columns), 0).unwrap());
    assert_eq!(frame(vec![("age", one.clone()), ("other", one.clone()), ("income", one.clone())]), ["income", "age"]);
    assert_eq!(frame(vec![("age", one.clone()), ("y", one.clone()), ("income", one.clone())]), ["income", "age", "y"]);
}

#[test]
fn a_name_that_comes_twice_is_refused_if_it_is_asked_for() {
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let request = request(Kind::Number, DataType::Int64);
    let twice = |name: &str| table(vec![("x", one.clone()), (name, one.clone()), (name, one.clone())]);
    assert!(request.conform(&twice("other"), 0).is_ok());
    assert_eq!(request.conform(&twice("x"), 0).unwrap_err().to_string(), "column `x`: the name comes twice");
}

#[test]
fn training_rows_through_the_same_door_have_the_types_of_a_request() {
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![1, 2])), Arc::new(BooleanArray::from(vec![Some(true), None]))];
    let fields = [Field::input("a", Kind::Number), Field::input("b", Kind::Category)];
    let training = Frame::new(fields, columns, 2).unwrap();
    let request = Request::of(&training).unwrap();
    let once = request.conform(&training.to_batch().unwrap(), 0).unwrap();
    assert_eq!(request.conform(&once.to_batch().unwrap(), 0).unwrap(), once);
    assert_eq!(request.from_json(br#"{"inputs": {"b": [true, null], "a": [1, "2"]}}"#, 9).unwrap(), once);
}

#[test]
fn kinds_that_no_request_can_hold_are_refused_at_once() {
    let refuse = |kind, data_type| {
        let field = RequestField::new(Field::input("x", kind), data_type);
        Request::new(vec![field]).err().map(|e| e.to_string()).unwrap()
    };
    assert!(refuse(Kind::Level { levels: None }, DataType::UInt32).contains("a fitted level cannot be part"));
    assert!(refuse(Kind::Time, DataType::Int64).contains("a time of type Int64 cannot be part"));
    assert!(refuse(Kind::Time, DataType::Time32(TimeUnit::Second)).contains("cannot be part of a request"));
    assert!(refuse(Kind::Text, DataType::Binary).contains("cannot be part of a request"));
}

#[test]
fn true_and_false_are_1_and_0_where_a_model_of_another_program_takes_a_number() {
    let field = RequestField::new(Field::input("x", Kind::Number), DataType::Float64);
    let request = Request::new(vec![RequestField { bools: true, ..field }]).unwrap();
    let typed = Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])) as ArrayRef;
    let spelt = Arc::new(StringArray::from(vec![Some("True"), Some("false"), Some("NA")])) as ArrayRef;
    let expected = request.conform(&table(vec![("x", typed)]), 0).unwrap();
    assert_eq!(request.conform(&table(vec![("x", spelt)]), 0).unwrap(), expected);
    for body in [r#"[true, false, null]"#, r#"["TRUE", "False", "NA"]"#, "[1, 0, null]"] {
        let body = format!(r#"{{"inputs": {{"x": {body}}}}}"#);
        assert_eq!(request.from_json(body.as_bytes(), 9).unwrap(), expected);
    }
    assert!(conform(&request, Arc::new(StringArray::from(vec!["yes"]))).unwrap_err().contains("`yes` is not a number"));
}

#[test]
fn a_time_without_seconds_is_read_as_training_reads_it() {
    let stamp = DataType::Timestamp(TimeUnit::Microsecond, None);
    let texts =
        StringArray::from(vec!["2001/01/01 00:47", "2001-01-01T00:47", "2001-01-01 00:47Z", "Jan 1, 2001 0:47"]);
    let read = conform(&request(Kind::Time, stamp), Arc::new(texts)).unwrap();
    assert_eq!(read.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().values(), &[978_310_020_000_000; 4]);
}
