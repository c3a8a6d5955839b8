//! Owns checksums of inputs and files.
//! Must not know the meaning of the bytes.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{ErrorKind, Read};

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 64 << 10;

/// A SHA-256 checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Checksum([u8; 32]);

impl Checksum {
    /// Returns the checksum of a file's content.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Checksum {
        Checksum(Sha256::digest(bytes).into())
    }

    /// Returns the checksum of all that a reader gives.
    pub(crate) fn of_reader(mut from: impl Read) -> std::io::Result<Checksum> {
        let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
        loop {
            match from.read(&mut piece) {
                Ok(0) => return Ok(Checksum(hasher.finalize().into())),
                Ok(count) => hasher.update(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Parses the hexadecimal form.
    pub(crate) fn parse(text: &str) -> Option<Checksum> {
        let digits = text.as_bytes();
        let mut out = [0; 32];
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Checksum(out))
    }

    /// Returns the checksum as an evenly distributed number.
    pub(crate) fn to_number(self) -> u64 {
        self.0.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A hasher of several pieces, whose boundaries are part of the checksum.
#[derive(Clone, Default)]
pub(crate) struct ChecksumHasher(Sha256);

impl ChecksumHasher {
    /// Adds a piece.
    pub(crate) fn add_piece(&mut self, piece: &[u8]) {
        self.0.update((piece.len() as u64).to_le_bytes());
        self.0.update(piece);
    }

    /// Returns the checksum of all pieces.
    pub(crate) fn finish(self) -> Checksum {
        Checksum(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_printed_and_read() {
        let sum = Checksum::of_bytes(b"abc");
        assert!(sum.to_string().starts_with("ba7816bf"), "{sum}");
        assert_eq!(Checksum::parse(&sum.to_string()), Some(sum));
        assert_eq!(Checksum::of_reader(&b"abc"[..]).expect("read"), sum);
        assert_eq!(Checksum::parse("ba78"), None);
        assert_eq!(Checksum::parse(&"é".repeat(32)), None);
    }

    #[test]
    fn pieces_have_ends() {
        let sum = |pieces: &[&str]| {
            let mut adder = ChecksumHasher::default();
            for piece in pieces {
                adder.add_piece(piece.as_bytes());
            }
            adder.finish()
        };
        assert_ne!(sum(&["ab", "c"]), sum(&["a", "bc"]));
    }
}
