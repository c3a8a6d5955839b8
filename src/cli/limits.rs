//! Owns the limits given in the arguments, which hold for the whole run.
//! Must not know what they limit.

use nianbao::limits::Limits;
use std::sync::OnceLock;

static RUN_LIMITS: OnceLock<Limits> = OnceLock::new();

/// An argument `--limit NAME=VALUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LimitArg {
    name: &'static str,
    value: u64,
}

/// Parses `NAME=VALUE`. The error text is not shown: the grammar has its own message.
pub(crate) fn parse_limit(text: &str) -> Result<LimitArg, &'static str> {
    let (name, value) = text.split_once('=').ok_or("no value")?;
    let known = Limits::NAMES.iter().find(|known| known.0 == name).ok_or("no limit")?;
    let one = LimitArg { name: known.0, value: value.parse().map_err(|_| "no number")? };
    if Limits::default().set_by_name(one.name, one.value) { Ok(one) } else { Err("no sense") }
}

/// Sets the limits of the run; only the first call has an effect.
pub(crate) fn set_run_limits(all: &[LimitArg]) {
    let mut limits = Limits::default();
    for one in all {
        limits.set_by_name(one.name, one.value);
    }
    let _ = RUN_LIMITS.set(limits);
}

/// Returns the limits of the run.
pub(crate) fn run_limits() -> &'static Limits {
    RUN_LIMITS.get_or_init(Limits::default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_known_name_and_a_number() {
        assert_eq!(parse_limit("file=8"), Ok(LimitArg { name: "file", value: 8 }));
        for wrong in ["", "file", "file=", "file=0", "file=-1", "file=1e3", "fil=8", "=8"] {
            assert!(parse_limit(wrong).is_err(), "{wrong}");
        }
    }
}
