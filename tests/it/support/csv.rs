//! Files of comma-separated values, read back.

/// Reads a file as RFC 4180 says.
pub fn parsed(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let (mut chars, mut is_quoted) = (text.chars().peekable(), false);
    while let Some(c) = chars.next() {
        let row = rows.last_mut().expect("a row");
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                row.last_mut().expect("a cell").push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\r' if !is_quoted => {
                assert_eq!(chars.next(), Some('\n'), "a bare carriage return");
                rows.push(vec![String::new()]);
            }
            '\n' if !is_quoted => panic!("a bare line feed in {text:?}"),
            c => row.last_mut().expect("a cell").push(c),
        }
    }
    assert_eq!(rows.pop().as_deref(), Some(&[String::new()][..]), "the last line ends");
    rows
}
