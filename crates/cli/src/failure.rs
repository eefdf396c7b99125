//! Errors as people see them: what, where with a caret, and what to do; and the exit codes.

use crate::show::{plain, tell};
use arkwright_core::Error;
use arkwright_flow::Failed;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::process::ExitCode;

/// How a command ends when it does not end well.
#[derive(Debug)]
pub struct Failure {
    message: String,
    hint: Option<String>,
    file: Option<(NamedSource<String>, LabeledSpan)>,
    /// The exit code: 1 failed, 2 usage or file wrong, 3 gate failed, 130 Ctrl-C.
    pub code: u8,
}

/// The exit code of a run whose model failed a gate.
pub const GATE: u8 = 3;

impl Failure {
    /// A use that cannot be.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), file: None, code: 2 }
    }

    /// Something that went wrong outside the rooms' own errors.
    pub fn failed(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { message: message.into(), hint, file: None, code: 1 }
    }

    /// Whoever reads standard output has read enough (`| head`): nothing is to be told, and nothing went wrong.
    pub fn unheard() -> Self {
        Self { message: String::new(), hint: None, file: None, code: 0 }
    }

    /// A fault of the program's own.
    pub fn fault() -> Self {
        Self {
            message: "arkwright itself failed; what was done is kept".into(),
            hint: Some("please report it with the lines above and the system file".into()),
            file: None,
            code: 1,
        }
    }

    /// Shows it on standard error, and gives its exit code.
    pub fn report(self, json: bool) -> ExitCode {
        let code = self.code;
        if json && code != 0 {
            let value = serde_json::json!({ "error": { "message": self.message, "hint": self.hint, "code": code } });
            tell(&value.to_string());
        } else if code != 0 {
            tell(&format!("{:?}", miette::Report::new(self)));
        }
        ExitCode::from(code)
    }
}

/// Says where a fault of the program's own is.
pub fn told_of_a_fault(fault: &std::panic::PanicHookInfo<'_>) {
    let what = fault.payload_as_str().unwrap_or("no word");
    let place = fault.location().map(|l| format!("{}:{}", l.file(), l.line())).unwrap_or_default();
    tell(&format!("fault at {place}: {what}"));
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        let usage = failed.is_usage();
        let mut failure = Self::from(failed.error);
        if usage {
            failure.code = 2;
        }
        failure.file = failed
            .file
            .zip(failure.file.take().map(|(_, label)| label))
            .map(|((name, text), label)| (NamedSource::new(name, text).with_language("toml"), label));
        failure
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let label = error.span().map(|s| LabeledSpan::new_with_span(Some("here".into()), (s.start, s.end - s.start)));
        let code = match &error {
            Error::Setting { .. } => 2,
            e if e.is_stop() => 130,
            _ => 1,
        };
        let message = if error.is_stop() { "stopped; what was done is kept".to_string() } else { error.to_string() };
        let file = label.map(|label| (NamedSource::new("", String::new()), label));
        Self { message, hint: error.hint(), file, code }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { message: error.to_string(), hint: None, file: None, code: 1 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(&self.message))
    }
}

impl std::error::Error for Failure {}

impl Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.file.as_ref().filter(|(source, _)| !source.inner().is_empty()).map(|(source, _)| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (source, label) = self.file.as_ref()?;
        (!source.inner().is_empty()).then(|| Box::new(std::iter::once(label.clone())) as Box<dyn Iterator<Item = _>>)
    }
}
