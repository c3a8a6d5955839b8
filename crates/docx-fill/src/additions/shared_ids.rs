//! Owns the identifiers of the turns of a part: what each place has in the current turn of each loop around it.
//! Must not know what an identifier identifies, nor how a new one is made.

use crate::ir::part::{SharedIdPlace, SharedIdentity};

/// The identifiers of a part in the current turns.
#[derive(Debug, Default)]
pub(crate) struct SharedIdTurns {
    /// For each identity what it is at each level, the outermost first.
    values: Vec<Vec<TurnValue>>,
}

/// The value of an identity in the current turn of one loop.
#[derive(Debug, Clone, Default)]
struct TurnValue {
    value: String,
    /// True until a turn of the next loop within has it, whose first turn shares it.
    is_unused: bool,
}

impl SharedIdTurns {
    /// Ends all turns, for a part that has none.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
    }

    /// Begins a part; identities that do not keep the template's value, and all of a copy, get one of `make`.
    pub(crate) fn begin_part(
        &mut self,
        identities: &[SharedIdentity],
        is_copy: bool,
        make: &mut dyn FnMut(&SharedIdentity) -> String,
    ) {
        self.values.clear();
        for identity in identities {
            let keeps = identity.keeps_value && !is_copy;
            let value = if keeps { identity.value.clone() } else { make(identity) };
            let mut levels = vec![TurnValue::default(); identity.levels + 1];
            levels[0] = TurnValue { value, is_unused: true };
            self.values.push(levels);
        }
    }

    /// Begins a turn of the loop of a place. Returns false if the identity needs a new value for it.
    pub(crate) fn begin_turn(&mut self, place: SharedIdPlace) -> bool {
        let Some(levels) = self.values.get_mut(place.identity) else { return true };
        let is_innermost = place.level + 1 >= levels.len();
        let Some((outer, own)) = levels.split_at_mut_checked(place.level) else { return true };
        let (Some(outer), Some(own)) = (outer.last_mut(), own.first_mut()) else { return true };
        // A turn in which no inner one took place leaves its value to the next.
        if own.is_unused && !is_innermost {
            return true;
        }
        if std::mem::take(&mut outer.is_unused) {
            *own = TurnValue { value: outer.value.clone(), is_unused: true };
            return true;
        }
        false
    }

    /// Sets a new value for the turn that has begun.
    pub(crate) fn set_value(&mut self, place: SharedIdPlace, value: String) {
        let levels = self.values.get_mut(place.identity);
        if let Some(own) = levels.and_then(|levels| levels.get_mut(place.level)) {
            *own = TurnValue { value, is_unused: true };
        }
    }

    /// Returns what stands at a place now.
    pub(crate) fn value_at(&self, place: SharedIdPlace) -> &str {
        let level = self.values.get(place.identity).and_then(|levels| levels.get(place.level));
        level.map_or("", |own| own.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::shared_ids::SharedIdKind;

    #[test]
    fn the_first_turn_of_all_has_the_value_of_the_template() {
        let kind = SharedIdKind::BookmarkName;
        let identity = SharedIdentity { kind, value: "a".to_owned(), keeps_value: true, levels: 2 };
        let mut turns = SharedIdTurns::default();
        turns.begin_part(&[identity], false, &mut |_| String::new());
        let place = |level| SharedIdPlace { identity: 0, level };
        let mut count = 0;
        let mut begin = |turns: &mut SharedIdTurns, level| {
            if !turns.begin_turn(place(level)) {
                count += 1;
                turns.set_value(place(level), format!("a{count}"));
            }
            turns.value_at(place(level)).to_owned()
        };
        // An outer turn without inner ones, one with two, one with one.
        let steps = [1, 1, 2, 2, 1, 2];
        let found: Vec<String> = steps.iter().map(|&level| begin(&mut turns, level)).collect();
        assert_eq!(found, ["a", "a", "a", "a1", "a2", "a2"]);
        assert_eq!(turns.value_at(place(0)), "a");
    }
}
