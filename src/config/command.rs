//! A command as it is typed in one line; the configuration has it word by word.

/// A program and its arguments as a person types them: words between blanks; quotes of either kind keep a word together.
/// No shell: nothing else in it means anything.
pub fn command_line(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match (quote, words.first()) {
        (Some(open), _) => Err(format!("a closing {open} is missing")),
        (None, Some(program)) if !program.is_empty() => Ok(words),
        _ => Err("it names no program".to_owned()),
    }
}
