//! Hostile packages and hostile XML in them.

use super::Attack;
use super::Verdict::{Harmless, Refused};
use super::support::{Docx, body, paragraph, zip};
use super::{words, write};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;
use zip::write::SimpleFileOptions;

/// `fill` of a template with no data.
pub fn fill(dir: &Path, template: impl AsRef<[u8]>) -> Vec<String> {
    write(dir, "t.docx", template);
    write(dir, "d.json", "{\"a\": \"甲\"}");
    words("fill t.docx d.json -o o.docx")
}

/// A good document with more parts.
fn with(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let good = Docx::new(&body()).bytes();
    let mut writer = zip::ZipWriter::new_append(Cursor::new(good)).expect("a package");
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a part");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// Every occurrence of some bytes replaced by as many others.
fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Where the headers of the central directory begin.
fn directory(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect()
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The size of the last part is told as one byte, in both headers.
fn lying() -> Vec<u8> {
    let mut bytes = with(&[("word/media/a.xml", &vec![b' '; 40 << 20])]);
    let last = *directory(&bytes).last().expect("a part");
    let local = u32::from_le_bytes(bytes[last + 42..last + 46].try_into().expect("four"));
    put(&mut bytes, last + 24, &1_u32.to_le_bytes());
    put(&mut bytes, local as usize + 22, &1_u32.to_le_bytes());
    // The directory says that it is the main document, which is read.
    bytes
}

/// All parts but the first are said to lie where the first lies.
fn overlapping() -> Vec<u8> {
    let mut bytes = with(&[("word/a.xml", b"aaaa"), ("word/b.xml", b"aaaa")]);
    let found = directory(&bytes);
    let [.., one, two] = found[..] else { panic!("parts") };
    let offset = bytes[one + 42..one + 46].to_vec();
    put(&mut bytes, two + 42, &offset);
    bytes
}

/// An end record of zip64 that tells of more parts than there are atoms.
fn zip64() -> Vec<u8> {
    let mut bytes = Docx::new(&body()).bytes();
    let end = bytes.len() - 22;
    let tail = bytes.split_off(end);
    let size = u64::from(u32::from_le_bytes(tail[12..16].try_into().expect("four")));
    let start = u64::from(u32::from_le_bytes(tail[16..20].try_into().expect("four")));
    let record = bytes.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [1_u64 << 60, 1 << 60, size, start] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07");
    bytes.extend([0; 4]);
    bytes.extend(record.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    let mut tail = tail;
    tail[8..20].fill(0xFF);
    bytes.extend(tail);
    bytes
}

fn flagged(offset: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = Docx::new(&body()).bytes();
    for at in directory(&bytes) {
        put(&mut bytes, at + offset, value);
    }
    bytes
}

fn many() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..5000 {
        writer.start_file(format!("p{number}"), SimpleFileOptions::default()).expect("a part");
    }
    writer.finish().expect("memory").into_inner()
}

fn flipped() -> Vec<u8> {
    // The third part is the main document; its packed bytes begin behind the header and the name.
    let mut bytes = Docx::new(&"<w:p><w:r><w:t>甲乙丙丁</w:t></w:r></w:p>".repeat(50)).bytes();
    let found = directory(&bytes);
    let last = *found.last().expect("a part");
    let local = u32::from_le_bytes(bytes[last + 42..last + 46].try_into().expect("four")) as usize;
    bytes[local + 30 + "word/document.xml".len() + 40] ^= 0x55;
    bytes
}

pub const ARCHIVES: &[Attack] = &[
    Attack {
        what: "a part that unpacks to a thousand times its size",
        verdict: Refused("解压后会大得离谱"),
        prepare: |dir| fill(dir, with(&[("word/media/a.xml", &vec![b' '; 20 << 20])])),
    },
    Attack {
        what: "parts above the limit (`--limit package-part=1`)",
        verdict: Refused("解压后超过 1 MB"),
        prepare: |dir| {
            let noise: Vec<u8> =
                (0_u32..2 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            let mut args = fill(dir, with(&[("word/media/a.bin", &noise)]));
            args.extend(words("--limit package-part=1"));
            args
        },
    },
    Attack {
        what: "a part whose headers tell a smaller size",
        verdict: Harmless(
            "nobody asked for that part; one that is read is counted while it unpacks",
        ),
        prepare: |dir| fill(dir, lying()),
    },
    Attack {
        what: "a package within the package",
        verdict: Harmless("it is copied as it stands and never opened"),
        prepare: |dir| {
            let inner = with(&[("word/media/a.xml", &vec![b' '; 1 << 20])]);
            fill(dir, with(&[("word/embeddings/a.docx", &inner)]))
        },
    },
    Attack {
        what: "parts that share their bytes",
        verdict: Refused("重名或互相重叠"),
        prepare: |dir| fill(dir, overlapping()),
    },
    Attack {
        what: "two parts of one name",
        verdict: Refused("重叠"),
        prepare: |dir| {
            let two = with(&[("word/a.xml", b"a"), ("word/b.xml", b"b")]);
            fill(dir, patched(two, b"word/b.xml", b"word/a.xml"))
        },
    },
    Attack {
        what: "two parts whose names differ in case",
        verdict: Refused("重叠"),
        prepare: |dir| fill(dir, with(&[("word/a.xml", b"a"), ("word/A.XML", b"b")])),
    },
    Attack {
        what: "a part named `../evil`",
        verdict: Refused("不合规矩的部件名"),
        prepare: |dir| fill(dir, with(&[("../evil", b"a")])),
    },
    Attack {
        what: "a part named `/evil`",
        verdict: Refused("不合规矩的部件名"),
        prepare: |dir| fill(dir, patched(with(&[("_evil", b"a")]), b"_evil", b"/evil")),
    },
    Attack {
        what: "a part named `word\\..\\evil`",
        verdict: Refused("不合规矩的部件名"),
        prepare: |dir| {
            fill(dir, patched(with(&[("word_.._evil", b"a")]), b"word_.._evil", b"word\\..\\evil"))
        },
    },
    Attack {
        what: "5000 parts",
        verdict: Refused("最多允许 4096 个"),
        prepare: |dir| fill(dir, many()),
    },
    Attack {
        what: "half a package",
        verdict: Refused("文件不完整"),
        prepare: |dir| {
            let good = Docx::new(&body()).bytes();
            fill(dir, &good[..good.len() / 2])
        },
    },
    Attack {
        what: "flipped bits in a part that is read",
        verdict: Refused("已损坏"),
        prepare: |dir| fill(dir, flipped()),
    },
    Attack {
        what: "zip64 records that tell of 2^60 parts",
        verdict: Refused("已损坏"),
        prepare: |dir| fill(dir, zip64()),
    },
    Attack {
        what: "a directory that says encrypted",
        verdict: Refused("密码"),
        prepare: |dir| fill(dir, flagged(8, &[1, 0])),
    },
    Attack {
        what: "an unknown way of packing",
        verdict: Refused("已损坏"),
        prepare: |dir| fill(dir, flagged(10, &[99, 0])),
    },
    Attack {
        what: "a file of zeros",
        verdict: Refused("不是 Word 文档"),
        prepare: |dir| fill(dir, vec![0; 1 << 20]),
    },
];

/// A document whose main part is this.
fn document(xml: &[u8]) -> Vec<u8> {
    let good = Docx::new("").bytes();
    let mut parts: Vec<(String, Vec<u8>)> = super::common::parts(&good).into_iter().collect();
    for (name, content) in &mut parts {
        if name == "word/document.xml" {
            *content = xml.to_vec();
        }
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).expect("a part");
        writer.write_all(&content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn wrapped(inner: &str) -> Vec<u8> {
    Docx::new(inner).bytes()
}

pub const XML: &[Attack] = &[
    Attack {
        what: "entities that double again and again",
        verdict: Refused("DOCTYPE"),
        prepare: |dir| {
            let mut xml = String::from("<!DOCTYPE w [<!ENTITY a0 \"aaaaaaaaaa\">");
            for level in 1..20 {
                let before = format!("&a{};", level - 1).repeat(10);
                let _ = write!(xml, "<!ENTITY a{level} \"{before}\">");
            }
            xml.push_str("]><w:document>{{a}}&a19;</w:document>");
            fill(dir, document(xml.as_bytes()))
        },
    },
    Attack {
        what: "an entity from a file",
        verdict: Refused("DOCTYPE"),
        prepare: |dir| {
            let xml = "<!DOCTYPE w [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><w>{{a}}&a;</w>";
            fill(dir, document(xml.as_bytes()))
        },
    },
    Attack {
        what: "entities in a main part without tags",
        verdict: Refused("DOCTYPE"),
        prepare: |dir| {
            let xml = "<?xml version=\"1.0\"?><!-- a --><!DOCTYPE w [<!ENTITY a \"b\">]><w>&a;</w>";
            fill(dir, document(xml.as_bytes()))
        },
    },
    Attack {
        what: "a DOCTYPE in a part that is not read",
        verdict: Harmless("it is copied as it stands, as every part that is not read"),
        prepare: |dir| {
            let xml = b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
            fill(dir, with(&[("customXml/item1.xml", xml)]))
        },
    },
    Attack {
        what: "a relationship to a server",
        verdict: Harmless("nothing is fetched; the link stays as it is"),
        prepare: |dir| {
            let mut docx = Docx::new(&body());
            docx.add_relationship("image", "http://127.0.0.1:9/a.png", true);
            fill(dir, docx.bytes())
        },
    },
    Attack {
        what: "a hundred thousand elements within each other",
        verdict: Harmless("elements are counted, not descended into"),
        prepare: |dir| {
            let deep = ["<w:a>".repeat(100_000), "</w:a>".repeat(100_000)].concat();
            fill(dir, wrapped(&(deep + &paragraph("{{a}}"))))
        },
    },
    Attack {
        what: "twenty thousand tables with tags within each other",
        verdict: Harmless("tables are counted, not descended into"),
        prepare: |dir| {
            // A place that named every cell around it would take gigabytes.
            let level = ["<w:tbl><w:tr><w:tc>", &paragraph("{{a}}")].concat();
            let close = "<w:p/></w:tc></w:tr></w:tbl>".repeat(20_000);
            fill(dir, wrapped(&(level.repeat(20_000) + &close)))
        },
    },
    Attack {
        what: "elements that are not closed",
        verdict: Refused("不是正确的 XML"),
        prepare: |dir| fill(dir, document(b"<w:document><w:body>{{a}}</w:document>")),
    },
    Attack {
        what: "bytes that are not UTF-8",
        verdict: Refused("不是 UTF-8"),
        prepare: |dir| fill(dir, document(b"<w:document>\xff\xc0</w:document>")),
    },
    Attack {
        what: "a main part in UTF-16",
        verdict: Refused("不是 UTF-8"),
        prepare: |dir| {
            let xml: Vec<u8> = "\u{feff}<?xml version=\"1.0\"?><w:document/>"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            fill(dir, document(&xml))
        },
    },
    Attack {
        what: "a million attributes",
        verdict: Harmless("they are passed over"),
        prepare: |dir| {
            let mut many = String::new();
            for n in 0..1_000_000 {
                let _ = write!(many, " a{n}=\"\"");
            }
            fill(dir, wrapped(&format!("<w:x{many}/>{}", paragraph("{{a}}"))))
        },
    },
    Attack {
        what: "relationships that lead out of the package",
        verdict: Refused("找不到正文"),
        prepare: |dir| {
            let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
            let rels = format!(
                "<Relationships><Relationship Id=\"a\" Type=\"{kind}/officeDocument\" \
                 Target=\"../../../etc/passwd\"/></Relationships>"
            );
            fill(dir, zip(&[("[Content_Types].xml", "<Types/>"), ("_rels/.rels", &rels)]))
        },
    },
];
