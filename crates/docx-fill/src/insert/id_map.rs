//! Owns by which names the styles and lists of an inserted document go in the document around it; those
//! that it lacks are brought along.
//! Must not know texts.

use crate::document::numbering::Numbering;
use crate::document::properties::Properties;
use crate::insert::fragment::{Fragment, What};
use crate::insert::source::Source;
use crate::insert::stylesheet::{Sheet, Style, renamed};
use crate::opc::OpcError;
use crate::opc::xml::escape_into;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most bytes of definitions of styles, and of lists, that an inserted document brings.
const DEFINITIONS: usize = 64 << 20;

/// The names of one inserted document.
#[derive(Debug, Default)]
pub(crate) struct Names {
    styles: BTreeMap<String, String>,
    lists: BTreeMap<String, String>,
    unstyled: Option<String>,
}

/// What a document needs that the one around it lacks, as definitions.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    pub(crate) names: Names,
    /// Definitions of styles.
    pub(crate) styles: String,
}

impl Names {
    /// The id of a style.
    pub(crate) fn style(&self, id: &str) -> String {
        self.styles.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// The number of a list, 0 for none.
    pub(crate) fn list(&self, number: &str) -> String {
        self.lists.get(number).cloned().unwrap_or_else(|| "0".to_owned())
    }
}

impl Names {
    /// The style of paragraphs that name none, where they keep their own.
    pub(crate) fn unstyled(&self) -> Option<&str> {
        self.unstyled.as_deref()
    }
}

/// Finds what a document needs. With `own` its styles keep their looks: none goes by a style that is
/// there.
pub(crate) fn bring(
    source: &Source,
    own: bool,
    host: &mut Sheet,
    numbering: &mut Numbering,
) -> Result<Brought, OpcError> {
    let mut finder = Finder::new(source, own, host);
    finder.find()?;
    let Finder { mut names, styles, order, brought, .. } = finder;
    let unstyled = source.sheet.default_paragraph().filter(|_| own);
    names.unstyled = unstyled.map(|style| names.style(&style.id));
    let mut found = Brought { names, styles: String::new() };
    let before = numbering.size();
    for number in order {
        add_list(source, &number, &mut found.names, &brought, numbering)?;
        // Lists of one kind each get a kind of their own.
        if numbering.size() - before > DEFINITIONS {
            return Err(OpcError::TooLarge { limit: DEFINITIONS as u64 });
        }
    }
    for (id, definition) in &styles {
        let id = found.names.style(id);
        found.styles.push_str(&write_style(definition, &id, &found.names, &brought));
    }
    Ok(found)
}

struct Finder<'s, 'h> {
    source: &'s Source,
    own: bool,
    host: &'h mut Sheet,
    names: Names,
    /// Styles that are brought, in the order in which they were found.
    styles: Vec<(String, Fragment)>,
    brought: BTreeSet<String>,
    /// Lists in the order in which they were found.
    order: Vec<String>,
    ordered: BTreeSet<String>,
    queue: VecDeque<What>,
    /// Bytes of the definitions of the styles.
    bytes: usize,
}

impl Finder<'_, '_> {
    fn find(&mut self) -> Result<(), OpcError> {
        for piece in self.source.pieces() {
            self.queue.extend(needs(piece));
        }
        if let Some(style) = self.source.sheet.default_paragraph().filter(|_| self.own) {
            self.queue.push_back(What::Style(style.id.clone()));
        }
        while let Some(need) = self.queue.pop_front() {
            // What a style rests on may be written into each that rests on it.
            if self.bytes > DEFINITIONS {
                return Err(OpcError::TooLarge { limit: DEFINITIONS as u64 });
            }
            match need {
                What::Style(id) | What::Based(id) | What::Next(id) | What::Link(id) => {
                    self.style(id);
                }
                What::ListStyle(id) => self.style(id),
                What::List(number) => self.list(number),
                _ => {}
            }
        }
        Ok(())
    }

    fn style(&mut self, id: String) {
        if self.names.styles.contains_key(&id) {
            return;
        }
        let source = self.source;
        let Some(style) = source.sheet.get(&id) else {
            // A style that there is not means none; another document's style of this id would mean one.
            let free = self.host.free(&id);
            self.names.styles.insert(id, free);
            return;
        };
        if let Some(own) = self.host.like(&source.sheet, style).filter(|_| !self.keeps(style)) {
            let own = own.id.clone();
            self.names.styles.insert(id, own);
            return;
        }
        let free = self.host.free(&id);
        let name = self.host.take(style, &free);
        self.names.styles.insert(id.clone(), free);
        self.brought.insert(id.clone());
        let mut definition = self.definition(style);
        if let Some(name) = name {
            definition = renamed(definition, &name);
        }
        self.bytes += definition.text.len();
        self.queue.extend(needs(&definition));
        self.styles.push((id, definition));
    }

    /// Whether a style is brought although there is one of its name. What stands for no looks at all has
    /// none to keep.
    fn keeps(&self, style: &Style) -> bool {
        self.own && !self.source.sheet.is_default_of(style, &["character", "numbering", "table"])
    }

    /// The definition of a style. What a paragraph style rests on and is not brought becomes its own, so
    /// that it looks as it did.
    fn definition(&self, style: &Style) -> Fragment {
        let own = style.definition.clone();
        if style.kind != "paragraph" {
            return own;
        }
        let sheet = &self.source.sheet;
        let base = style.based().filter(|base| sheet.get(base).is_some());
        let kept = base.and_then(|base| sheet.get(base)).is_some_and(|base| {
            self.own || self.brought.contains(&base.id) || self.host.like(sheet, base).is_none()
        });
        let (defaults, own_defaults) = (sheet.looks(None), self.host.looks(None));
        let same =
            defaults.0.xml() == own_defaults.0.xml() && defaults.1.xml() == own_defaults.1.xml();
        if kept || base.is_none() && same {
            return own;
        }
        let (mut paragraph, mut run) = sheet.looks(Some(&style.id));
        neutral(&mut paragraph, &own_defaults.0, &PARAGRAPH_NEUTRAL);
        neutral(&mut run, &own_defaults.1, &RUN_NEUTRAL);
        let text = style.with_looks(&paragraph.xml(), &run.xml());
        Fragment::scan(text, "").unwrap_or(own)
    }

    fn list(&mut self, number: String) {
        if self.ordered.contains(&number) {
            return;
        }
        if let Some((_, _, kind)) = self.source.lists.get(&number) {
            let styles = |what: &What| matches!(what, What::Style(_) | What::ListStyle(_));
            self.queue.extend(needs(kind).filter(styles));
            self.ordered.insert(number.clone());
            self.order.push(number);
        }
    }
}

impl<'s, 'h> Finder<'s, 'h> {
    fn new(source: &'s Source, own: bool, host: &'h mut Sheet) -> Self {
        Finder {
            source,
            own,
            host,
            names: Names::default(),
            styles: Vec::new(),
            brought: BTreeSet::new(),
            order: Vec::new(),
            ordered: BTreeSet::new(),
            queue: VecDeque::new(),
            bytes: 0,
        }
    }
}

fn needs(piece: &Fragment) -> impl Iterator<Item = What> + '_ {
    piece.sites.iter().map(|site| site.what.clone())
}

/// What a property is where nobody says anything.
const PARAGRAPH_NEUTRAL: [(&str, &str); 4] = [
    ("w:spacing", "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>"),
    ("w:jc", "<w:jc w:val=\"left\"/>"),
    ("w:widowControl", "<w:widowControl/>"),
    ("w:ind", "<w:ind w:left=\"0\" w:right=\"0\" w:firstLine=\"0\"/>"),
];
const RUN_NEUTRAL: [(&str, &str); 5] = [
    (
        "w:rFonts",
        "<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"Times New Roman\" \
         w:cs=\"Times New Roman\"/>",
    ),
    ("w:sz", "<w:sz w:val=\"20\"/>"),
    ("w:szCs", "<w:szCs w:val=\"20\"/>"),
    ("w:kern", "<w:kern w:val=\"0\"/>"),
    ("w:color", "<w:color w:val=\"auto\"/>"),
];

/// Keeps what the other document says of all its text from a style that says nothing of it.
fn neutral(own: &mut Properties, defaults: &Properties, values: &[(&str, &str)]) {
    for (name, value) in values.iter().filter(|(name, _)| defaults.child(name).is_some()) {
        // Of spacing each attribute is a property.
        let mut full = Properties::paragraph("");
        full.set(name, value);
        if let Some(xml) = own.child(name) {
            let mut said = Properties::paragraph("");
            said.set(name, xml);
            full.overlay(&said);
        }
        if let Some(xml) = full.child(name) {
            own.set(name, xml);
        }
    }
}

/// Defines a list like another document's.
fn add_list(
    source: &Source,
    number: &str,
    names: &mut Names,
    brought: &BTreeSet<String>,
    numbering: &mut Numbering,
) -> Result<(), OpcError> {
    let Some((list, _, kind)) = source.lists.get(number) else { return Ok(()) };
    let (fresh_kind, fresh) = numbering.fresh();
    let mut write = |what: &What, written: &str| -> Result<String, OpcError> {
        Ok(match what {
            What::Kind | What::KindOf => fresh_kind.to_string(),
            // Word takes lists of one serial number for one.
            What::Serial => format!("{:08X}", 0x4E42_0000_u32.wrapping_add(fresh_kind)),
            What::List(_) => fresh.to_string(),
            What::Style(id) => escaped(&names.style(id)),
            What::LevelStyle(id) if brought.contains(id) => element("w:pStyle", &names.style(id)),
            What::ListStyle(id) => {
                let link = written.starts_with("<w:numStyleLink");
                let name = if link { "w:numStyleLink" } else { "w:styleLink" };
                if link || brought.contains(id) {
                    element(name, &names.style(id))
                } else {
                    String::new()
                }
            }
            What::LevelStyle(_) | What::Gone => String::new(),
            _ => written.to_owned(),
        })
    };
    let kind = kind.write(0..kind.text.len(), &mut write)?;
    let list = list.write(0..list.text.len(), &mut write)?;
    numbering.add(&kind, &list, &source.lists.root)?;
    names.lists.insert(number.to_owned(), fresh.to_string());
    Ok(())
}

fn write_style(
    definition: &Fragment,
    own: &str,
    names: &Names,
    brought: &BTreeSet<String>,
) -> String {
    let written = definition.write(0..definition.text.len(), &mut |what, written| {
        Ok::<_, std::convert::Infallible>(match what {
            What::StyleId => escaped(own),
            What::Style(id) => escaped(&names.style(id)),
            What::Based(id) => element("w:basedOn", &names.style(id)),
            What::Next(id) => element("w:next", &names.style(id)),
            // A style is linked to one other, and what was here is linked already.
            What::Link(id) if brought.contains(id) => element("w:link", &names.style(id)),
            What::List(number) => names.list(number),
            What::Link(_) | What::Gone => String::new(),
            _ => written.to_owned(),
        })
    });
    written.unwrap_or_default()
}

fn element(name: &str, value: &str) -> String {
    format!("<{name} w:val=\"{escaped}\"/>", escaped = escaped(value))
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, text);
    out
}
