//! Owns finding the known name that is most similar to a wrong one, in a few names or by an index of many.
//! Must not know what is named.

use std::collections::HashMap;

/// Longest name that is compared, in bytes.
const MAX_NAME_BYTES: usize = 240;
/// Maximum number of candidates for one wrong name; the next two limit the work of comparing, in pairs of
/// characters plus a fixed amount per name. The result is only a hint, and a file may contain thousands of
/// wrong and known names.
const MAX_CANDIDATES: usize = 10_000;
const MAX_WORK: usize = 200_000;
const WORK_PER_NAME: usize = 100;
/// Likenesses at which an index looks for a name, before the least that is enough.
const STEPS: [f64; 4] = [0.9, 0.8, 0.7, 0.6];
/// Difference of two likenesses that is none.
const ROUNDING: f64 = 1e-9;

/// Returns the known name that is most similar to a wrong one, if any is similar enough. Beyond a limit,
/// further names are ignored.
pub fn nearest_name<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = BestName::new(wrong)?;
    for name in known.take(MAX_CANDIDATES).filter(|name| name.len() <= MAX_NAME_BYTES) {
        if !best.compare_name(name) {
            break;
        }
    }
    best.found.map(|(_, name)| name)
}

/// The most similar name found so far.
struct BestName<'w, 'a> {
    wrong: &'w str,
    /// Number of characters of the wrong name.
    length: usize,
    /// Least likeness of a name that is told.
    enough: f64,
    /// Work that is left.
    work: usize,
    found: Option<(f64, &'a str)>,
}

impl<'w, 'a> BestName<'w, 'a> {
    /// Begins a search; `None` if the name is too long: such names are hardly misspellings, and comparing them
    /// takes time and memory.
    fn new(wrong: &'w str) -> Option<BestName<'w, 'a>> {
        let length = wrong.chars().count();
        // Chinese names are short: one wrong character of two is half of the name.
        let enough = if length <= 3 { 0.45 } else { 0.5 };
        let fits = wrong.len() <= MAX_NAME_BYTES;
        fits.then_some(BestName { wrong, length, enough, work: MAX_WORK, found: None })
    }

    /// Compares a name; the first of equally similar ones stays. Returns `false` if the work is used up.
    fn compare_name(&mut self, name: &'a str) -> bool {
        let other = name.chars().count();
        if max_similarity(self.length, other) < self.enough {
            return true;
        }
        let Some(rest) = self.work.checked_sub(self.length * other + WORK_PER_NAME) else {
            return false;
        };
        self.work = rest;
        let likeness = strsim::normalized_damerau_levenshtein(self.wrong, name);
        if likeness >= self.enough && self.found.is_none_or(|(most, _)| likeness > most) {
            self.found = Some((likeness, name));
        }
        true
    }
}

/// Returns the maximum similarity of two names with these numbers of characters.
#[expect(clippy::cast_precision_loss, reason = "names are short")]
fn max_similarity(one: usize, other: usize) -> f64 {
    let longer = one.max(other);
    if longer == 0 { 1.0 } else { 1.0 - one.abs_diff(other) as f64 / longer as f64 }
}

/// A character with the number of its occurrence in a name: 县 and the second 县 are two pieces, so that names are
/// sets of pieces.
type NamePiece = (char, u32);

/// An index of many known names by their characters. Two names that are similar have as many characters in common;
/// so a search looks only at names that have one of the rarest characters of the wrong one.
#[derive(Debug, Clone, Default)]
pub struct NameIndex {
    names: Vec<String>,
    /// Pieces of each name, sorted.
    pieces: Vec<Vec<NamePiece>>,
    /// Names by piece, in their order.
    holders: HashMap<NamePiece, Vec<usize>>,
}

impl NameIndex {
    /// Indexes names.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> NameIndex {
        let mut index = NameIndex::default();
        for name in names.filter(|name| name.len() <= MAX_NAME_BYTES) {
            let (number, pieces) = (index.names.len(), name_pieces(name));
            for piece in &pieces {
                index.holders.entry(*piece).or_default().push(number);
            }
            index.names.push(name.to_owned());
            index.pieces.push(pieces);
        }
        index
    }

    /// Returns the name that [`nearest_name`] finds among all names of the index, in time that hardly grows with
    /// their number.
    pub fn nearest(&self, wrong: &str) -> Option<&str> {
        let mut best = BestName::new(wrong)?;
        let pieces = name_pieces(wrong);
        let mut rare = pieces.clone();
        rare.sort_by_key(|piece| (self.holders.get(piece).map_or(0, Vec::len), *piece));
        let enough = best.enough;
        for least in STEPS.into_iter().filter(|step| *step > enough).chain([enough]) {
            for number in self.candidates(&pieces, &rare, least) {
                if !best.compare_name(&self.names[number]) {
                    break;
                }
            }
            // What was not looked at is less similar.
            match best.found {
                Some((likeness, name)) if likeness >= least => return Some(name),
                _ => best.found = None,
            }
        }
        None
    }

    /// Returns the names that have so many characters in common with a wrong one that their likeness can be `least`.
    fn candidates(&self, pieces: &[NamePiece], rare: &[NamePiece], least: f64) -> Vec<usize> {
        let needed = common_needed(pieces.len(), least);
        // At least one of these is in common.
        let asked = rare.len().saturating_sub(needed.saturating_sub(1));
        let holders = rare.iter().take(asked).filter_map(|piece| self.holders.get(piece));
        let mut numbers: Vec<usize> = holders.flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|number| {
            let other = &self.pieces[*number];
            count_common(pieces, other) >= common_needed(pieces.len().max(other.len()), least)
        });
        numbers
    }
}

/// Returns the number of characters that a name of this length has in common with one of this likeness.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "names are short"
)]
fn common_needed(longer: usize, least: f64) -> usize {
    (longer as f64 * least - ROUNDING).ceil().max(0.0) as usize
}

/// Returns the pieces of a name, sorted.
fn name_pieces(name: &str) -> Vec<NamePiece> {
    let mut chars: Vec<char> = name.chars().collect();
    chars.sort_unstable();
    let mut out: Vec<NamePiece> = Vec::with_capacity(chars.len());
    for one in chars {
        let count = match out.last() {
            Some((last, count)) if *last == one => count + 1,
            _ => 0,
        };
        out.push((one, count));
    }
    out
}

/// Returns the number of pieces that two names have in common.
fn count_common(one: &[NamePiece], other: &[NamePiece]) -> usize {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut count = 0;
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                count += 1;
                one.next();
                other.next();
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_rule_out_only_what_is_unlike() {
        let names =
            ["", "a", "ab", "name", "nane", "names", "namesake", "机关名称", "机关", "机构名称"];
        for wrong in names {
            for name in names {
                let likeness = strsim::normalized_damerau_levenshtein(wrong, name);
                let most = max_similarity(wrong.chars().count(), name.chars().count());
                assert!(likeness <= most, "{wrong} {name}: {likeness} {most}");
            }
        }
        assert_eq!(nearest_name("nmae", ["other", "name"].into_iter()), Some("name"));
        assert_eq!(nearest_name("名称", ["称呼", "名字"].into_iter()), Some("名字"));
        let many: Vec<String> = (0..100_000).map(|at| format!("name-{at:09}")).collect();
        assert!(nearest_name("name-00000000x", many.iter().map(String::as_str)).is_some());
        assert_eq!(nearest_name(&"长".repeat(100), names.into_iter()), None);
    }

    /// Returns a name of up to `most` of the first `letters` characters.
    fn random_name(state: &mut u64, letters: u64, most: u64) -> String {
        let mut next = |below: u64| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (*state >> 33) % below
        };
        let length = next(most) + 1;
        let letter = |_| {
            "云溪县教育局镇人民政府办公室石桥".chars().nth(usize::try_from(next(letters)).unwrap())
        };
        (0..length).filter_map(letter).collect()
    }

    #[test]
    fn the_index_finds_what_looking_at_every_name_finds() {
        let mut state = 7;
        let mut found = 0;
        for (letters, most) in [(2, 6), (4, 8), (9, 12), (16, 12), (16, 3)] {
            for _ in 0..40 {
                let names: Vec<String> =
                    (0..60).map(|_| random_name(&mut state, letters, most)).collect();
                let index = NameIndex::new(names.iter().map(String::as_str));
                for _ in 0..20 {
                    let wrong = random_name(&mut state, letters, most + 2);
                    let plain = nearest_name(&wrong, names.iter().map(String::as_str));
                    assert_eq!(index.nearest(&wrong), plain, "{wrong} {names:?}");
                    found += usize::from(plain.is_some());
                }
            }
        }
        assert!((500..3_900).contains(&found), "{found}");
    }

    #[test]
    fn names_beyond_the_first_thousands_are_found() {
        let names: Vec<String> = (0..20_000).map(|at| format!("云溪县第{at}中学")).collect();
        let index = NameIndex::new(names.iter().map(String::as_str));
        assert_eq!(index.nearest("云溪县第1987S中学"), Some("云溪县第1987中学"));
        assert_eq!(index.nearest(&"长".repeat(100)), None);
        assert_eq!(index.nearest("xyz"), None);
    }
}
