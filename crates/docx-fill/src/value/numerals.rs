//! Owns Chinese numerals: 一百二十三, 壹佰贰拾叁, 二〇二六 (GB/T 15835—2011), and amounts of money in capitals.
//! Must not know where the numbers come from.

/// The styles of Chinese numerals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumeralStyle {
    /// Ordinary numerals: 一百二十三.
    Plain,
    /// Financial numerals, as on invoices: 壹佰贰拾叁.
    Capital,
}

const PLAIN_DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const CAPITAL_DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];
const PLAIN_UNITS: [&str; 4] = ["", "十", "百", "千"];
const CAPITAL_UNITS: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUP_UNITS: [&str; 4] = ["", "万", "亿", "万亿"];

/// Writes a decimal number in Chinese numerals; `None` if it is not a number or exceeds 9999 万亿.
pub fn spell_number(number: &str, style: NumeralStyle) -> Option<String> {
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut out = String::new();
    if negative {
        out.push('负');
    }
    out.push_str(&spell_whole(whole.parse().ok()?, style)?);
    if !fraction.is_empty() {
        out.push('点');
        out.push_str(&spell_digits(fraction, digit_names(style)));
    }
    Some(out)
}

/// Writes a year digit by digit: 二〇二六.
pub fn spell_year(digits: &str) -> String {
    let mut names = PLAIN_DIGITS;
    names[0] = "〇";
    spell_digits(digits, &names)
}

/// Writes a date in Chinese numerals: 二〇二六年一月二十日.
pub fn spell_date(year: u32, month: u32, day: u32) -> String {
    let year = spell_year(&year.to_string());
    let spell =
        |number: u32| spell_whole(u64::from(number), NumeralStyle::Plain).unwrap_or_default();
    format!("{year}年{}月{}日", spell(month), spell(day))
}

/// Returns the value of a character of a Chinese number: 0 to 9, or the unit by which it multiplies, from 十 to 万.
pub fn numeral_value(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        '万' => 10_000,
        _ => return None,
    })
}

/// Checks for a character of the numbers of headings and lists: 一 to 十, and 百.
pub fn is_ordinal_char(c: char) -> bool {
    c != '两' && numeral_value(c).is_some_and(|value| (1..=100).contains(&value))
}

/// Returns the digit that a character stands for in a year: 〇, also written ○ or 零, to 九.
pub fn year_digit(c: char) -> Option<char> {
    match c {
        '○' => Some('0'),
        '两' => None,
        _ => char::from_digit(numeral_value(c)?, 10),
    }
}

/// Reads a number below a hundred million that is written in the standard way, with 两 for 二 and 〇 for 零 allowed; not
/// 三五, 一百二 or 十四五.
pub fn read_number(written: &str) -> Option<u64> {
    let (mut total, mut part, mut digit) = (0_u64, 0, None);
    for value in written.chars().map(numeral_value) {
        match u64::from(value?) {
            10_000 => {
                total = (part + digit.take().unwrap_or(0)) * 10_000;
                part = 0;
            }
            unit @ 10.. => part += digit.take().unwrap_or(1) * unit,
            one => digit = Some(one),
        }
    }
    let value = total + part + digit.unwrap_or(0);
    let plain: String = written.chars().map(canonical_digit).collect();
    let plain = plain.strip_prefix("一十").map_or(plain.clone(), |rest| format!("十{rest}"));
    (spell_whole(value, NumeralStyle::Plain)? == plain).then_some(value)
}

/// Returns 二 for 两 and 零 for 〇, other characters unchanged.
fn canonical_digit(c: char) -> char {
    match c {
        '两' => '二',
        '〇' => '零',
        other => other,
    }
}

fn spell_digits(digits: &str, names: &[&str; 10]) -> String {
    digits.bytes().filter(u8::is_ascii_digit).map(|byte| names[usize::from(byte - b'0')]).collect()
}

fn digit_names(style: NumeralStyle) -> &'static [&'static str; 10] {
    match style {
        NumeralStyle::Plain => &PLAIN_DIGITS,
        NumeralStyle::Capital => &CAPITAL_DIGITS,
    }
}

fn spell_whole(number: u64, style: NumeralStyle) -> Option<String> {
    let digits = digit_names(style);
    if number == 0 {
        return Some(digits[0].to_owned());
    }
    let mut groups = Vec::new();
    let mut rest = number;
    while rest > 0 {
        groups.push(u16::try_from(rest % 10_000).ok()?);
        rest /= 10_000;
    }
    let mut out = String::new();
    let mut gap = false;
    for (at, &group) in groups.iter().enumerate().rev() {
        if group == 0 {
            gap = !out.is_empty();
            continue;
        }
        if !out.is_empty() && (gap || group < 1000) {
            out.push_str(digits[0]);
        }
        spell_group(group, style, &mut out);
        // 万亿 omits 亿 if the next group is not zero: 一万二千亿, not 一万亿二千亿.
        let unit = GROUP_UNITS.get(at)?;
        let shortened = at == 3 && groups.get(2).is_some_and(|&next| next > 0);
        out.push_str(if shortened { "万" } else { unit });
        gap = false;
    }
    // 一十二 becomes 十二, but 壹拾贰 remains.
    match out.strip_prefix("一十") {
        Some(rest) if style == NumeralStyle::Plain => Some(format!("十{rest}")),
        _ => Some(out),
    }
}

fn spell_group(group: u16, style: NumeralStyle, out: &mut String) {
    let digits = digit_names(style);
    let units = if style == NumeralStyle::Plain { &PLAIN_UNITS } else { &CAPITAL_UNITS };
    let mut gap = false;
    let mut begun = false;
    for at in (0..4u32).rev() {
        let digit = usize::from(group / 10u16.pow(at) % 10);
        if digit == 0 {
            gap = begun;
            continue;
        }
        if gap {
            out.push_str(digits[0]);
        }
        out.push_str(digits[digit]);
        out.push_str(units[at as usize]);
        gap = false;
        begun = true;
    }
}

/// Writes an amount of yuan as contracts and receipts do: 壹仟零玖元伍角整, 叁角贰分; `None` if it is not a number, has
/// parts of a 分, or exceeds 9999 万亿.
pub fn spell_money(number: &str) -> Option<String> {
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let yuan: u64 = whole.parse().ok()?;
    let mut cents = fraction.bytes().map(|byte| usize::from(byte.wrapping_sub(b'0')));
    let (jiao, fen) = (cents.next().unwrap_or(0), cents.next().unwrap_or(0));
    if cents.next().is_some() {
        return None;
    }
    let (jiao_digit, fen_digit) = (CAPITAL_DIGITS.get(jiao)?, CAPITAL_DIGITS.get(fen)?);
    let mut out = String::new();
    if negative && (yuan > 0 || jiao > 0 || fen > 0) {
        out.push('负');
    }
    if yuan > 0 || jiao == 0 && fen == 0 {
        out.push_str(&spell_whole(yuan, NumeralStyle::Capital)?);
        out.push('元');
    }
    if jiao > 0 {
        out.push_str(jiao_digit);
        out.push('角');
    } else if fen > 0 && yuan > 0 {
        out.push_str(CAPITAL_DIGITS[0]);
    }
    if fen > 0 {
        out.push_str(fen_digit);
        out.push('分');
    } else {
        out.push('整');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelt_as_people_write_them() {
        let plain = |number| spell_number(number, NumeralStyle::Plain).unwrap();
        let cases = [
            ("0", "零"),
            ("10", "十"),
            ("12", "十二"),
            ("20", "二十"),
            ("101", "一百零一"),
            ("110", "一百一十"),
            ("123", "一百二十三"),
            ("1001", "一千零一"),
            ("10000", "一万"),
            ("10010", "一万零一十"),
            ("12345", "一万二千三百四十五"),
            ("100000", "十万"),
            ("1000001", "一百万零一"),
            ("100000000", "一亿"),
            ("100010000", "一亿零一万"),
            ("100000001", "一亿零一"),
            ("-3.14", "负三点一四"),
        ];
        for (number, spelt) in cases {
            assert_eq!(plain(number), spelt, "{number}");
        }
        assert_eq!(spell_number("123", NumeralStyle::Capital).unwrap(), "壹佰贰拾叁");
        assert_eq!(spell_number("10", NumeralStyle::Capital).unwrap(), "壹拾");
        assert_eq!(spell_number("1200000000000", NumeralStyle::Plain).unwrap(), "一万二千亿");
        assert_eq!(spell_year("2026"), "二〇二六");
        assert_eq!(spell_number("x", NumeralStyle::Plain), None);
    }

    #[test]
    fn what_is_spelt_is_read() {
        for number in (0..20_000).chain([100_000, 9_999_999, 99_999_999]) {
            let spelt = spell_whole(number, NumeralStyle::Plain).unwrap();
            assert_eq!(read_number(&spelt), Some(number), "{spelt}");
        }
        assert_eq!(read_number("两百零三"), Some(203));
        assert_eq!(read_number("一十二"), Some(12));
        for other in ["三五", "一百二", "十四五", "", "一点"] {
            assert_eq!(read_number(other), None, "{other}");
        }
    }

    #[test]
    fn characters_of_numbers_are_known() {
        assert!("一二三四五六七八九十百".chars().all(is_ordinal_char));
        assert!(!"零〇两千万1a".chars().any(is_ordinal_char));
        let year: Option<String> = "二〇○零九".chars().map(year_digit).collect();
        assert_eq!(year.as_deref(), Some("20009"));
        assert!(year_digit('十').is_none() && year_digit('两').is_none());
        assert_eq!(spell_date(2026, 1, 20), "二〇二六年一月二十日");
    }

    #[test]
    fn amounts_are_spelt_as_on_receipts() {
        let cases = [
            ("0", "零元整"),
            ("0.00", "零元整"),
            ("-0.00", "零元整"),
            ("100", "壹佰元整"),
            ("1409.50", "壹仟肆佰零玖元伍角整"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
            ("107000.53", "壹拾万柒仟元伍角叁分"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("0.5", "伍角整"),
            ("0.05", "伍分"),
            ("0.32", "叁角贰分"),
            ("-10.10", "负壹拾元壹角整"),
            ("10.100", "壹拾元壹角整"),
            ("200000000000.01", "贰仟亿元零壹分"),
        ];
        for (number, spelt) in cases {
            assert_eq!(spell_money(number).as_deref(), Some(spelt), "{number}");
        }
        for wrong in ["1.005", "x", "", "1.x", "99999999999999999999"] {
            assert_eq!(spell_money(wrong), None, "{wrong}");
        }
    }
}
