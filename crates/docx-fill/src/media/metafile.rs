//! Owns recognizing Windows metafiles and reading their size from their headers ([MS-EMF] 2.3.4.2, [MS-WMF] 2.3.2.3).
//! Must not know their records.

/// EMU per hundredth of a millimetre.
const EMU_PER_FRAME_UNIT: u64 = 360;
const EMU_PER_INCH: u64 = 914_400;

/// Returns the size of an enhanced metafile in EMU: that of its frame, in hundredths of a millimetre.
pub(super) fn emf_size(bytes: &[u8]) -> Option<(u64, u64)> {
    if bytes.get(..4)? != [1, 0, 0, 0] || bytes.get(40..44)? != b" EMF" {
        return None;
    }
    let side = |low: usize, high: usize| {
        let side = i64::from(signed(bytes, high)?) - i64::from(signed(bytes, low)?);
        Some(u64::try_from(side).ok()?.max(1) * EMU_PER_FRAME_UNIT)
    };
    Some((side(24, 32)?, side(28, 36)?))
}

/// Returns the size of a placeable Windows metafile in EMU; one without this header has no size.
pub(super) fn wmf_size(bytes: &[u8]) -> Option<(u64, u64)> {
    if bytes.get(..4)? != [0xD7, 0xCD, 0xC6, 0x9A] {
        return None;
    }
    let number = |at: usize| Some(i16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let per_inch = u64::try_from(number(14)?).ok().filter(|number| *number > 0)?;
    let side = |low: usize, high: usize| {
        let side = i64::from(number(high)?) - i64::from(number(low)?);
        Some((side.unsigned_abs() * EMU_PER_INCH / per_inch).max(1))
    };
    Some((side(6, 10)?, side(8, 12)?))
}

fn signed(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_from_the_headers() {
        let mut emf = vec![0; 88];
        emf[0] = 1;
        emf[32..36].copy_from_slice(&5000_i32.to_le_bytes());
        emf[36..40].copy_from_slice(&2500_i32.to_le_bytes());
        emf[40..44].copy_from_slice(b" EMF");
        assert_eq!(emf_size(&emf), Some((1_800_000, 900_000)));
        assert_eq!(emf_size(&emf[..40]), None);
        let mut wmf = vec![0xD7, 0xCD, 0xC6, 0x9A, 0, 0];
        for number in [0_i16, 0, 2880, 1440, 1440] {
            wmf.extend(number.to_le_bytes());
        }
        assert_eq!(wmf_size(&wmf), Some((1_828_800, 914_400)));
        assert_eq!(wmf_size(b"\x01\0\x09\0"), None);
    }
}
