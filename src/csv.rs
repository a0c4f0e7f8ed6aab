//! Records of comma-separated values as RFC 4180 has them, which a spreadsheet reads as text.

/// Begins a file: without it Excel takes UTF-8 for something else.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What begins a formula, also behind blanks and in the full-width forms that Excel folds (CWE-1236).
const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

/// One record while it is written.
#[derive(Default)]
pub struct Record {
    text: String,
    has_cells: bool,
}

impl Record {
    /// A cell of text. One that a spreadsheet might take for a formula gets an apostrophe, which says that it is none.
    pub fn text(&mut self, text: &str) {
        self.separate();
        let is_formula = is_formula(text);
        if !is_formula && !text.contains([',', '"', '\r', '\n']) {
            self.text.push_str(text);
            return;
        }
        self.text.push('"');
        if is_formula {
            self.text.push('\'');
        }
        for c in text.chars() {
            if c == '"' {
                self.text.push('"');
            }
            self.text.push(c);
        }
        self.text.push('"');
    }

    /// A cell of our own making, such as a day or a decimal number, which needs no quoting.
    pub fn plain(&mut self, text: &str) {
        self.separate();
        self.text.push_str(text);
    }

    /// A cell that holds a number, or none.
    pub fn number(&mut self, number: Option<i64>) {
        self.separate();
        if let Some(number) = number {
            self.text.push_str(&number.to_string());
        }
    }

    /// Ends the record and begins the next.
    pub fn end(&mut self) {
        self.text.push_str("\r\n");
        self.has_cells = false;
    }

    /// All records.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if self.has_cells {
            self.text.push(',');
        }
        self.has_cells = true;
    }
}

fn is_formula(text: &str) -> bool {
    let begins = |text: &str| text.starts_with(FORMULA);
    let is_unseen = |c: char| {
        let has_no_width = matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
        c.is_whitespace() || c.is_control() || has_no_width
    };
    begins(text) || begins(text.trim_start_matches(is_unseen))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut record = Record::default();
        record.text(text);
        record.into_text()
    }

    #[test]
    fn cells_are_quoted_when_they_must_be() {
        let mut record = Record::default();
        for text in ["a", "", "b,c", "say \"hi\"", "two\r\nlines", "课堂"] {
            record.text(text);
        }
        record.number(Some(-7));
        record.number(None);
        record.end();
        record.number(Some(1));
        let expected = "a,,\"b,c\",\"say \"\"hi\"\"\",\"two\r\nlines\",课堂,-7,\r\n1";
        assert_eq!(record.into_text(), expected);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u{3000}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\u{feff}=1",
            "\u{200b}=1",
            "\u{a0}@x",
            "\0=1",
        ] {
            let written = written(text);
            let inside = written.strip_prefix('"').unwrap_or(&written);
            assert!(inside.starts_with('\''), "{text:?} is written as {written:?}");
        }
        for text in ["a=1", "1-1", "a@b.c", "'=1", "课堂"] {
            assert_eq!(written(text), text);
        }
    }

    /// Reads a record back, as RFC 4180 says.
    fn read(text: &str) -> Vec<String> {
        let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if is_quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    cell.push('"');
                }
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        cells.push(cell);
        cells
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cells in prop::collection::vec("(\\PC|[\",\r\n\t=+@-]){0,12}", 1..6)) {
            let mut record = Record::default();
            for cell in &cells {
                record.text(cell);
            }
            let back = read(&record.into_text());
            prop_assert_eq!(back.len(), cells.len());
            for (read, cell) in back.iter().zip(&cells) {
                let plain = read.strip_prefix('\'').filter(|_| is_formula(cell)).unwrap_or(read);
                prop_assert_eq!(plain, cell);
                prop_assert!(!is_formula(read));
            }
        }
    }
}
