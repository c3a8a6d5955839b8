//! An old binary workbook (BIFF8 in an OLE container), written record by record as [MS-XLS] says.

use std::io::{Cursor, Write as _};

fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend(u16::try_from(data.len()).expect("a short record").to_le_bytes());
    out.extend(data);
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = u16::try_from(units.len()).expect("short").to_le_bytes().to_vec();
    out.push(1);
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}

fn bof(out: &mut Vec<u8>, kind: u16) {
    let mut data = 0x0600_u16.to_le_bytes().to_vec();
    data.extend(kind.to_le_bytes());
    data.extend([0; 12]);
    record(out, 0x0809, &data);
}

fn at(row: u16, column: u16, style: u16) -> Vec<u8> {
    [row, column, style].iter().flat_map(|part| part.to_le_bytes()).collect()
}

/// The list of the other workbooks.
pub(crate) fn sample() -> Vec<u8> {
    let texts = ["姓名", "金额", "日期", "率", "甲", "乙", "2025年度名单"];
    let mut sheet = Vec::new();
    bof(&mut sheet, 0x0010);
    let label = |sheet: &mut Vec<u8>, row, column, text: u32| {
        record(sheet, 0x00FD, &[at(row, column, 0), text.to_le_bytes().to_vec()].concat());
    };
    label(&mut sheet, 0, 0, 6);
    for column in 0..4 {
        label(&mut sheet, 1, column, column.into());
    }
    label(&mut sheet, 2, 0, 4);
    let number = |row, column, style, value: f64| {
        [at(row, column, style), value.to_le_bytes().to_vec()].concat()
    };
    record(&mut sheet, 0x0203, &number(2, 1, 1, 1234.5));
    // 46042 as a whole number in thirty bits.
    let code = 46_042_u32 << 2 | 2;
    record(&mut sheet, 0x027E, &[at(2, 2, 2), code.to_le_bytes().to_vec()].concat());
    record(&mut sheet, 0x0203, &number(2, 3, 4, 0.155));
    label(&mut sheet, 3, 0, 5);
    let formula = [number(3, 1, 1, 3.0), vec![0; 8]].concat();
    record(&mut sheet, 0x0006, &formula);
    record(&mut sheet, 0x0203, &number(3, 2, 3, 46_042.354_166_666_664));
    record(&mut sheet, 0x0203, &number(3, 3, 4, 1.0));
    let merged: Vec<u8> = [1_u16, 0, 0, 0, 3].iter().flat_map(|part| part.to_le_bytes()).collect();
    record(&mut sheet, 0x00E5, &merged);
    record(&mut sheet, 0x000A, &[]);
    let mut globals = Vec::new();
    bof(&mut globals, 0x0005);
    for (id, code) in [(164_u16, "#,##0.00"), (165, "yyyy/m/d h:mm"), (166, "0.0%")] {
        record(&mut globals, 0x041E, &[id.to_le_bytes().to_vec(), wide(code)].concat());
    }
    for format in [0_u16, 164, 14, 165, 166] {
        record(
            &mut globals,
            0x00E0,
            &[vec![0, 0], format.to_le_bytes().to_vec(), vec![0; 16]].concat(),
        );
    }
    let count = u32::try_from(texts.len()).expect("few").to_le_bytes();
    let strings: Vec<u8> = texts.iter().flat_map(|text| wide(text)).collect();
    record(&mut globals, 0x00FC, &[&count[..], &count, &strings].concat());
    let name = wide("名单");
    let start = globals.len() + 4 + 5 + name.len() + 4;
    let mut bound = u32::try_from(start).expect("short").to_le_bytes().to_vec();
    bound.extend([0, 0, 2, 1]);
    bound.extend(&name[3..]);
    record(&mut globals, 0x0085, &bound);
    record(&mut globals, 0x000A, &[]);
    assert_eq!(globals.len(), start);
    globals.extend(sheet);
    // Streams of less than 4096 bytes are stored in another way.
    globals.resize(6_000, 0);
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a container");
    file.create_stream("/Workbook").and_then(|mut s| s.write_all(&globals)).expect("written");
    file.into_inner().into_inner()
}
