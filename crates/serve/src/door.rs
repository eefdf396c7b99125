//! What every request passes before anything looks at it: whom it says it talks to, where it comes from,
//! and the token.
//!
//! A page on the web can make a browser send requests to loopback, under a name of its own that it has
//! pointed there (DNS rebinding). So `Host` must be a name of this server's, and `Origin`, where there is
//! one, the same.

use crate::config::Config;
use crate::problem::Problem;
use arkwright_core::Hash;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use std::net::SocketAddr;

/// Who may come in.
pub(crate) struct Door {
    /// The names of this server, in lower case; `None`: any.
    hosts: Option<Vec<String>>,
    /// The token's hash: two hashes are compared in the same time whatever they hash.
    token: Option<Hash>,
}

impl Door {
    pub(crate) fn new(config: &Config, address: SocketAddr) -> Self {
        let local = address.ip().to_canonical().is_loopback();
        let port = address.port();
        let mut hosts: Vec<String> = config.allowed_hosts.iter().map(|h| h.to_lowercase()).collect();
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            hosts.push(format!("{name}:{port}"));
            if port == 80 {
                hosts.push(name.to_string());
            }
        }
        let numeric = address.to_string();
        if local && !hosts.contains(&numeric) {
            hosts.push(numeric);
        }
        let any = !local && config.allowed_hosts.is_empty();
        Self { hosts: (!any).then_some(hosts), token: config.token.as_ref().map(|t| Hash::of(t.as_bytes())) }
    }

    /// Lets a request in, or says why not. `open` are the routes that need no token.
    pub(crate) fn admit(&self, uri: &Uri, headers: &HeaderMap, open: bool) -> Result<(), Problem> {
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let host = host.ok_or_else(|| Problem::forbidden("the request says no host"))?;
        if !self.knows(host) || uri.authority().is_some_and(|a| !self.knows(a.as_str())) {
            return Err(Problem::forbidden("this server is not known by that host name")
                .with_hint("call it 127.0.0.1 or localhost, with its port, or allow the name where it is started"));
        }
        if headers.get_all(header::HOST).iter().count() > 1 {
            return Err(Problem::forbidden("the request says more than one host"));
        }
        if let Some(origin) = headers.get(header::ORIGIN)
            && !same(origin, host)
        {
            return Err(Problem::forbidden("the request comes from a page of another site"));
        }
        let shown = headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
        if open || self.opens(shown) { Ok(()) } else { Err(Problem::unauthorized()) }
    }

    /// Whether `Authorization` shows the token, where there is one.
    pub(crate) fn opens(&self, authorization: Option<&str>) -> bool {
        let Some(token) = &self.token else { return true };
        authorization.is_some_and(|given| shows(given, token))
    }

    /// Whether the token must be shown.
    pub(crate) fn closed(&self) -> bool {
        self.token.is_some()
    }

    /// Whether `Host` says a name of this server's.
    pub(crate) fn knows(&self, host: &str) -> bool {
        match &self.hosts {
            None => true,
            Some(hosts) => hosts.iter().any(|known| known.eq_ignore_ascii_case(host)),
        }
    }
}

/// Whether a page of this origin is a page of this host's.
fn same(origin: &HeaderValue, host: &str) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    let from = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    from.is_some_and(|from| from.eq_ignore_ascii_case(host))
}

/// Whether the token is shown.
fn shows(given: &str, token: &Hash) -> bool {
    let Some((scheme, rest)) = given.split_once(' ') else { return false };
    if scheme.eq_ignore_ascii_case("bearer") {
        return equal(&Hash::of(rest.trim().as_bytes()), token);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return false;
    }
    let decoded = base64(rest.trim()).unwrap_or_default();
    let password = decoded.iter().position(|b| *b == b':').map_or(&[][..], |colon| &decoded[colon + 1..]);
    equal(&Hash::of(password), token)
}

/// In the same time wherever they differ.
fn equal(a: &Hash, b: &Hash) -> bool {
    let differing = a.bytes().iter().zip(b.bytes()).fold(0, |all, (x, y)| std::hint::black_box(all | (x ^ y)));
    differing == 0
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = ((bits << 6) | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(entries: &[(header::HeaderName, &str)]) -> HeaderMap {
        entries.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    fn admit(door: &Door, entries: &[(header::HeaderName, &str)]) -> Option<u16> {
        door.admit(&Uri::from_static("/"), &headers(entries), false).err().map(|p| p.status.as_u16())
    }

    #[test]
    fn a_name_that_was_pointed_here_is_refused() {
        let door = Door::new(&Config::default(), "127.0.0.1:8080".parse().unwrap());
        for host in ["127.0.0.1:8080", "localhost:8080", "LocalHost:8080", "[::1]:8080"] {
            assert_eq!(admit(&door, &[(header::HOST, host)]), None, "{host}");
        }
        for host in ["evil.example:8080", "localhost", "localhost:81", "127.0.0.1.evil.example:8080", ""] {
            assert_eq!(admit(&door, &[(header::HOST, host)]), Some(403), "{host}");
        }
        assert_eq!(admit(&door, &[]), Some(403));
        let from = |origin| admit(&door, &[(header::HOST, "localhost:8080"), (header::ORIGIN, origin)]);
        assert_eq!(from("http://localhost:8080"), None);
        for origin in ["http://evil.example", "null", "http://localhost:81", "http://localhost:8080.evil.example"] {
            assert_eq!(from(origin), Some(403), "{origin}");
        }
        let absolute = Uri::from_static("http://evil.example:8080/");
        assert!(door.admit(&absolute, &headers(&[(header::HOST, "localhost:8080")]), false).is_err());
    }

    #[test]
    fn a_token_is_shown_as_bearer_or_as_password() {
        let config = Config { token: Some("open sesame".into()), ..Config::default() };
        let door = Door::new(&config, "0.0.0.0:8080".parse().unwrap());
        let with = |value| admit(&door, &[(header::HOST, "any.example"), (header::AUTHORIZATION, value)]);
        assert_eq!(with("Bearer open sesame"), None);
        assert_eq!(with("bearer open sesame"), None);
        assert_eq!(with("Basic bWU6b3BlbiBzZXNhbWU="), None);
        for wrong in ["Bearer open", "Bearer ", "Basic bWU6b3Blbg==", "Basic ***", "Digest x", "open sesame"] {
            assert_eq!(with(wrong), Some(401), "{wrong}");
        }
        assert_eq!(admit(&door, &[(header::HOST, "any.example")]), Some(401));
    }
}
