//! A request for predictions as plain clients send it, read from a connection's bytes without a copy, and
//! the answer's bytes.
//!
//! Only what is plain is read here: `POST`, HTTP/1.1, one `Host`, a body of a known and small length, no
//! header that asks for anything unusual. Whatever else comes, and whatever is wrong, goes the long way,
//! which is complete: this way may not know a case, but may not read one otherwise than the long one does.

use crate::predict::{SMALL, is_json, reference};
use crate::server::GUARDS;
use httparse::{Header, ParserConfig, Request, Status};
use std::mem::MaybeUninit;
use std::time::{Duration, Instant, SystemTime};

/// The most headers of a plain request.
const HEADERS: usize = 32;

/// The longest head of a plain request.
const HEAD: usize = 8 << 10;

/// The bytes of a connection that no plain request exceeds.
pub(crate) const ROOM: usize = HEAD + SMALL as usize;

/// How every request for predictions begins.
const START: &[u8] = b"POST /v1/models/";

/// What the bytes of a connection begin with.
#[derive(Debug, PartialEq)]
pub(crate) enum Begun<'b> {
    /// A whole request.
    Whole(Ask<'b>),
    /// A part of a head.
    Head,
    /// A head, and a part of its body.
    Body,
    /// What goes the long way.
    Other,
}

/// A request for predictions.
#[derive(Debug, PartialEq)]
pub(crate) struct Ask<'b> {
    /// The model's name as it stands in the path.
    pub(crate) reference: &'b str,
    pub(crate) host: &'b str,
    pub(crate) authorization: Option<&'b str>,
    pub(crate) body: &'b [u8],
    /// The bytes of head and body.
    pub(crate) length: usize,
}

/// Reads what bytes begin with.
pub(crate) fn begun(bytes: &[u8]) -> Begun<'_> {
    let start = START.len().min(bytes.len());
    if bytes[..start] != START[..start] {
        return Begun::Other;
    }
    let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; HEADERS];
    let mut request = Request::new(&mut []);
    match ParserConfig::default().parse_request_with_uninit_headers(&mut request, bytes, &mut headers) {
        Ok(Status::Complete(head)) if head <= HEAD => plain(&request, bytes, head).unwrap_or(Begun::Other),
        Ok(Status::Partial) if bytes.len() < HEAD => Begun::Head,
        _ => Begun::Other,
    }
}

/// `None` for what goes the long way.
fn plain<'b>(request: &Request<'_, 'b>, bytes: &'b [u8], head: usize) -> Option<Begun<'b>> {
    let reference = reference(request.path?)?;
    if request.method != Some("POST") || request.version != Some(1) {
        return None;
    }
    let (mut host, mut authorization, mut length, mut kind) = (None, None, None, None);
    for Header { name, value } in request.headers.iter() {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        // A header that says something twice is for the long way.
        let seen = match name.len() {
            4 if is("host") => host.replace(*value),
            7 if is("upgrade") || is("trailer") => return None,
            6 if is("expect") || is("origin") => return None,
            10 if is("connection") && !value.eq_ignore_ascii_case(b"keep-alive") => return None,
            12 if is("content-type") => kind.replace(*value),
            13 if is("authorization") => authorization.replace(*value),
            14 if is("content-length") => length.replace(*value),
            17 if is("transfer-encoding") => return None,
            _ => None,
        };
        if seen.is_some() {
            return None;
        }
    }
    if !kind.is_none_or(|kind| is_json(visible(kind).unwrap_or_default())) {
        return None;
    }
    let length = digits(length?)?;
    let Some(body) = bytes.get(head..head + length) else { return Some(Begun::Body) };
    let authorization = match authorization {
        Some(value) => Some(visible(value)?),
        None => None,
    };
    Some(Begun::Whole(Ask { reference, host: visible(host?)?, authorization, body, length: head + length }))
}

/// A header's value, where all of it can be seen.
fn visible(value: &[u8]) -> Option<&str> {
    let plain = value.iter().all(|b| matches!(b, b' '..=b'~' | b'\t'));
    plain.then(|| std::str::from_utf8(value).ok()).flatten()
}

/// The length of a small body.
fn digits(value: &[u8]) -> Option<usize> {
    let plain = (1..=5).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    let length = plain.then(|| value.iter().fold(0, |all, b| 10 * all + usize::from(b - b'0')))?;
    (length as u64 <= SMALL).then_some(length)
}

/// How answers begin, down to the length of their body.
pub(crate) struct Head {
    bytes: Vec<u8>,
    /// When the date in it was true.
    dated: Instant,
}

impl Head {
    pub(crate) fn new() -> Self {
        Self { bytes: head(), dated: Instant::now() }
    }

    /// Writes an answer of a body at some time.
    pub(crate) fn write(&mut self, body: &[u8], at: Instant, out: &mut Vec<u8>) {
        if at.saturating_duration_since(self.dated) >= Duration::from_secs(1) {
            *self = Self { bytes: head(), dated: at };
        }
        out.extend_from_slice(&self.bytes);
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = body.len();
        while rest > 0 || first == digits.len() {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&digits[first..]);
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(body);
    }
}

fn head() -> Vec<u8> {
    let mut head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{}", guards());
    head += &format!("date: {}\r\ncontent-length: ", httpdate::HttpDate::from(SystemTime::now()));
    head.into_bytes()
}

/// The headers of [`GUARDS`], a line each.
pub(crate) fn guards() -> String {
    GUARDS.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "POST /v1/models/m@best:predict HTTP/1.1\r\nHost: h:1\r\nContent-Type: application/json\r\n\
                         Content-Length: 2\r\n\r\n{}";

    #[test]
    fn a_plain_request_is_read_once_it_is_whole() {
        let bytes = PLAIN.as_bytes();
        let ask = Ask { reference: "m@best", host: "h:1", authorization: None, body: b"{}", length: bytes.len() };
        assert_eq!(begun(bytes), Begun::Whole(ask));
        for cut in 0..bytes.len() {
            let expected = if cut < bytes.len() - 2 { Begun::Head } else { Begun::Body };
            assert_eq!(begun(&bytes[..cut]), expected, "{cut}");
        }
        // What follows is the next request's.
        let two = PLAIN.repeat(2);
        assert!(matches!(begun(two.as_bytes()), Begun::Whole(ask) if ask.length == bytes.len()));
    }

    #[test]
    fn whatever_is_not_plain_goes_the_long_way() {
        let with = |header: &str| PLAIN.replacen("\r\n", &format!("\r\n{header}\r\n"), 1);
        for harmless in ["Accept: */*", "connection: Keep-Alive", "Authorization: Bearer x", "User-Agent: curl"] {
            assert!(matches!(begun(with(harmless).as_bytes()), Begun::Whole(_)), "{harmless}");
        }
        for header in [
            "Host: h:1",
            "content-length: 2",
            "Content-Length: 3",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
            "Upgrade: h2c",
            "Connection: close",
            "Connection: upgrade",
            "Origin: http://h:1",
            "Content-Type: text/plain",
            "broken header",
            "Authorization: caf\u{e9}",
            " folded: x",
        ] {
            assert_eq!(begun(with(header).as_bytes()), Begun::Other, "{header}");
        }
        for (from, to) in [
            ("POST", "GET"),
            ("POST", "post"),
            ("HTTP/1.1", "HTTP/1.0"),
            ("HTTP/1.1", "HTTP/2.0"),
            (":predict", ":explain"),
            (":predict", ":predict?x"),
            ("Host: h:1\r\n", ""),
            ("application/json", "text/plain"),
            ("Length: 2", "Length: +2"),
            ("Length: 2", "Length: "),
            ("Length: 2", "Length: -2"),
            ("Length: 2", "Length: 2, 2"),
            ("Length: 2", "Length: 99999"),
            ("Length: 2", "Length: 18446744073709551618"),
            ("Content-Length: 2\r\n", ""),
        ] {
            assert_eq!(begun(PLAIN.replacen(from, to, 1).as_bytes()), Begun::Other, "{from} {to}");
        }
        let long = format!("X: {}", "x".repeat(HEAD));
        assert_eq!(begun(with(&long).as_bytes()), Begun::Other);
        let many: Vec<String> = (0..HEADERS).map(|i| format!("X{i}: x")).collect();
        assert_eq!(begun(with(&many.join("\r\n")).as_bytes()), Begun::Other);
    }

    #[test]
    fn an_answer_says_its_length_and_the_date() {
        let mut head = Head::new();
        for body in ["", "x".repeat(10).as_str(), "x".repeat(12345).as_str()] {
            let mut out = Vec::new();
            head.write(body.as_bytes(), Instant::now() + Duration::from_secs(5), &mut out);
            let text = String::from_utf8(out).unwrap();
            let (head, rest) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
            let date = head.lines().find_map(|line| line.strip_prefix("date: ")).unwrap();
            let said: SystemTime = date.parse::<httpdate::HttpDate>().unwrap().into();
            assert!(SystemTime::now().duration_since(said).unwrap_or_default() < Duration::from_secs(5));
            assert_eq!(rest, body);
        }
    }
}
