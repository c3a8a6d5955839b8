//! Owns random correct reports and known damage to them, shared by the test programs. The model knows the
//! identities by itself, from the words of the notices; it does not ask the program's engine what should hold.
//! Must not know the program.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test program uses a part")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A small generator of random numbers (xorshift*), the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("small")
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn count(&mut self) -> i64 {
        match self.below(4) {
            0 | 1 => 0,
            2 => i64::try_from(self.below(10)).expect("small"),
            _ => i64::try_from(self.below(20_000)).expect("small"),
        }
    }
}

pub const PEOPLE: [&str; 6] =
    ["natural-person", "business", "research", "welfare", "legal-service", "other"];
pub const RESULTS: [&str; 21] = [
    "granted",
    "partial",
    "state-secret",
    "law-forbids",
    "security-stability",
    "third-party",
    "internal-affairs",
    "process-information",
    "enforcement-file",
    "query-matter",
    "not-held",
    "needs-creation",
    "still-unclear",
    "petition",
    "repeat",
    "publication",
    "excessive",
    "confirm-or-reissue",
    "other-handling",
    "no-correction",
    "fee-unpaid",
];
pub const GROUPS: [&str; 3] = ["reconsideration", "direct-suit", "suit-after-reconsideration"];
pub const OUTCOMES: [&str; 4] = ["upheld", "corrected", "other", "pending"];
pub const COUNTED: [&str; 5] = ["licensing", "other-services", "penalties", "coercion", "fees"];

/// The cells that the file gives, by table, row and column.
pub type Given = BTreeMap<(&'static str, &'static str, &'static str), i64>;
/// Cells by table and row, for a writer.
pub type Rows<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<(&'a str, i64)>>>;
/// A finding: rule, table, row, column.
pub type Found = (String, String, Option<String>, Option<String>);

#[derive(Clone)]
pub struct Model {
    pub year: u16,
    pub given: Given,
}

impl Model {
    pub fn new_form(&self) -> bool {
        self.year >= 2021
    }

    pub fn results(&self) -> &'static [&'static str] {
        if self.new_form() { &RESULTS } else { &RESULTS[..19] }
    }

    pub fn get(&self, table: &'static str, row: &'static str, column: &'static str) -> Option<i64> {
        self.given.get(&(table, row, column)).copied()
    }

    /// What a cell holds: the given value, the computed total, or 0.
    pub fn value(&self, row: &'static str, column: &'static str) -> i64 {
        if let Some(value) = self.get("requests", row, column) {
            return value;
        }
        match (row, column) {
            (_, "total") => PEOPLE.iter().map(|person| self.value(row, person)).sum(),
            ("handled-total", _) => self.results().iter().map(|row| self.value(row, column)).sum(),
            _ => 0,
        }
    }

    pub fn expected(&self, previous: Option<&Model>) -> BTreeSet<Found> {
        let mut out = BTreeSet::new();
        let mut add =
            |wrong: bool, rule: &str, table: &str, row: Option<&str>, col: Option<&str>| {
                if wrong {
                    let name = |id: &str| id.to_owned();
                    out.insert((name(rule), name(table), row.map(name), col.map(name)));
                }
            };
        let rows = ["received", "carried-in", "handled-total", "carried-out"];
        for row in rows.iter().chain(self.results()) {
            let sum: i64 = PEOPLE.iter().map(|person| self.value(row, person)).sum();
            let total = self.get("requests", row, "total");
            add(total.is_some_and(|t| t != sum), "row-sum", "requests", Some(row), None);
        }
        for column in PEOPLE.into_iter().chain(["total"]) {
            let sum: i64 = self.results().iter().map(|row| self.value(row, column)).sum();
            let given = self.get("requests", "handled-total", column);
            add(given.is_some_and(|t| t != sum), "results-sum", "requests", None, Some(column));
            let left = self.value("received", column) + self.value("carried-in", column);
            let right = self.value("handled-total", column) + self.value("carried-out", column);
            add(left != right, "balance", "requests", None, Some(column));
            let open = previous.map(|previous| previous.value("carried-out", column));
            let carried = self.value("carried-in", column);
            let wrong = open.is_some_and(|open| open != carried);
            add(wrong, "carry-over", "requests", None, Some(column));
        }
        for group in GROUPS {
            let cell = |column| self.get("review", group, column);
            let sum: i64 = OUTCOMES.iter().map(|column| cell(column).unwrap_or(0)).sum();
            add(cell("total").is_some_and(|t| t != sum), "review-sum", "review", Some(group), None);
        }
        for row in ["regulations", "normative-documents"] {
            let cell = |column| self.get("disclosure", row, column).unwrap_or(0);
            let wrong = cell("in-force") + cell("repealed") < cell("issued");
            add(wrong, "in-force-bound", "disclosure", Some(row), None);
        }
        let Some(previous) = previous else { return out };
        let cell = |of: &Model, row, column| of.get("disclosure", row, column).unwrap_or(0);
        if self.new_form() && previous.new_form() {
            for row in ["regulations", "normative-documents"] {
                let then = cell(previous, row, "in-force");
                let now = then + cell(self, row, "issued") - cell(self, row, "repealed");
                let wrong = cell(self, row, "in-force") != now;
                add(wrong, "in-force", "disclosure", Some(row), None);
            }
        }
        if !self.new_form() {
            for row in COUNTED {
                let now = cell(previous, row, "last-year") + cell(previous, row, "change");
                let wrong = cell(self, row, "last-year") != now;
                add(wrong, "last-year-chain", "disclosure", Some(row), None);
            }
        }
        out
    }

    /// A correct report of a year that follows another one.
    pub fn correct(year: u16, previous: Option<&Model>, random: &mut Random) -> Model {
        let mut model = Model { year, given: Given::new() };
        model.requests(previous, random);
        for group in GROUPS {
            let values = OUTCOMES.map(|column| (column, random.count()));
            let total = values.iter().map(|(_, value)| value).sum();
            for (column, value) in values {
                model.given.insert(("review", group, column), value);
            }
            if random.one_in(2) {
                model.given.insert(("review", group, "total"), total);
            }
        }
        model.disclosure(previous, random);
        model
    }

    pub fn requests(&mut self, previous: Option<&Model>, random: &mut Random) {
        let mut put = |row, column, value| self.given.insert(("requests", row, column), value);
        let results = if self.year >= 2021 { &RESULTS[..] } else { &RESULTS[..19] };
        for person in PEOPLE {
            let carried_in =
                previous.map_or_else(|| random.count(), |p| p.value("carried-out", person));
            let mut sum = 0;
            for row in &results[1..] {
                let value = if random.one_in(3) { random.count() } else { 0 };
                sum += value;
                put(row, person, value);
            }
            // What was carried in has to be handled or carried out.
            let granted = random.count() + carried_in;
            let carried_out = random.count();
            put("granted", person, granted);
            put("carried-out", person, carried_out);
            put("carried-in", person, carried_in);
            put("received", person, sum + granted + carried_out - carried_in);
        }
        let handled = random.one_in(2);
        if handled {
            for person in PEOPLE {
                let sum = self.value("handled-total", person);
                self.given.insert(("requests", "handled-total", person), sum);
            }
        }
        let rows = ["received", "carried-in", "carried-out"];
        let handled = ["handled-total"].into_iter().filter(|_| handled);
        for row in rows.into_iter().chain(results.iter().copied()).chain(handled) {
            if random.one_in(2) {
                let sum = self.value(row, "total");
                self.given.insert(("requests", row, "total"), sum);
            }
        }
    }

    pub fn disclosure(&mut self, previous: Option<&Model>, random: &mut Random) {
        let before = |row, column| previous.and_then(|p| p.get("disclosure", row, column));
        let mut put = |row, column, value| self.given.insert(("disclosure", row, column), value);
        if self.year >= 2021 {
            for row in ["regulations", "normative-documents"] {
                let then = before(row, "in-force").unwrap_or_else(|| random.count());
                let issued = random.count();
                let repealed = random.count().min(then + issued);
                put(row, "issued", issued);
                put(row, "repealed", repealed);
                put(row, "in-force", then + issued - repealed);
            }
            return;
        }
        for row in COUNTED {
            let then = before(row, "last-year").zip(before(row, "change"));
            let last = then.map_or_else(|| random.count(), |(last, change)| last + change);
            put(row, "last-year", last);
            put(row, "change", random.count() - (last.min(3)));
        }
    }

    /// Changes some given cells; the keys with their right values.
    pub fn damage(&mut self, times: usize, random: &mut Random) -> Given {
        let keys: Vec<_> = self.given.keys().copied().collect();
        let mut right = Given::new();
        for _ in 0..times {
            let key = keys[random.below(keys.len())];
            let value = self.given[&key];
            let by = i64::try_from(1 + random.below(9)).expect("small");
            let down = random.one_in(2) && value >= by;
            right.entry(key).or_insert(value);
            self.given.insert(key, if down { value - by } else { value + by });
        }
        right
    }

    /// The cells row by row, for a writer.
    pub fn rows(&self) -> Rows<'_> {
        let mut out: Rows<'_> = BTreeMap::new();
        for ((table, row, column), value) in &self.given {
            out.entry(table).or_default().entry(row).or_default().push((column, *value));
        }
        out
    }

    pub fn toml(&self, random: &mut Random) -> String {
        let mut out = format!("year = {}\n[organ]\nname = \"甲\"\n[text]\n", self.year);
        out.push_str("overview = \"见表。\"\nproblems = \"公开不够及时，下一步每月检查。\"\nother = \"收费情况见表。\"\n");
        for (table, rows) in self.rows() {
            let _ = writeln!(out, "[{table}]");
            for (row, cells) in rows {
                let list = table == "requests" && random.one_in(2);
                out.push_str(&if list { self.list(row) } else { inline(row, &cells) });
            }
        }
        out
    }

    pub fn list(&self, row: &str) -> String {
        let given = |column: &&str| self.given.iter().find(|(k, _)| k.1 == row && k.2 == *column);
        let columns = PEOPLE.iter().chain([&"total"]);
        let values: Vec<String> =
            columns.filter_map(given).map(|(_, value)| value.to_string()).collect();
        format!("{row} = [{}]\n", values.join(", "))
    }

    pub fn json(&self) -> String {
        let mut out = serde_json::json!({
            "year": self.year,
            "organ": { "name": "甲" },
            "text": { "overview": "见表。", "problems": "公开不够及时，下一步每月检查。", "other": "收费情况见表。" },
        });
        for (table, rows) in self.rows() {
            for (row, cells) in rows {
                let cells: serde_json::Map<String, serde_json::Value> = cells
                    .into_iter()
                    .map(|(column, value)| (column.to_owned(), value.into()))
                    .collect();
                out[table][row] = cells.into();
            }
        }
        out.to_string()
    }
}

/// The tree of a JSON value as YAML in block style.
pub fn yaml(value: &serde_json::Value, depth: usize, out: &mut String) {
    let serde_json::Value::Object(map) = value else {
        let _ = writeln!(out, " {value}");
        return;
    };
    out.push_str(if depth > 0 { "\n" } else { "" });
    for (key, value) in map {
        let _ = write!(out, "{:1$}{key}:", "", depth * 2);
        yaml(value, depth + 1, out);
    }
}

pub fn inline(row: &str, cells: &[(&str, i64)]) -> String {
    let cells: Vec<String> = cells.iter().map(|(c, value)| format!("{c} = {value}")).collect();
    format!("{row} = {{ {} }}\n", cells.join(", "))
}
