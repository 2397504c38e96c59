//! CSV (RFC 4180) that a spreadsheet shows and doesn't run.

use axum::body::Bytes;

/// Rows on their way to a client.
pub(crate) struct Spreadsheet(csv::Writer<Vec<u8>>);

impl Spreadsheet {
    /// Without a row yet.
    pub(crate) fn new() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }

    /// One row.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<(), csv::Error> {
        self.0.write_record(cells.into_iter().map(harmless).collect::<Vec<_>>())
    }

    /// What was written so far.
    pub(crate) fn into_bytes(self) -> Result<Bytes, std::io::Error> {
        self.0.into_inner().map(Bytes::from).map_err(csv::IntoInnerError::into_error)
    }
}

/// A cell that begins like a formula gets an apostrophe, which spreadsheets take as "this is text".
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_cells_are_quoted() {
        let mut sheet = Spreadsheet::new();
        // Some spreadsheets take the wide signs for the narrow ones.
        assert!(
            ["＝1", "＋1", "－1", "＠x", "\n=1"].into_iter().all(|cell| harmless(cell).starts_with('\''))
        );
        sheet.row(["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "a=1", ""]).unwrap();
        sheet.row(["a,b", "say \"x\"", "two\nlines", "é", "", "", "", ""]).unwrap();
        let text = String::from_utf8(sheet.into_bytes().unwrap().to_vec()).unwrap();
        assert_eq!(
            text,
            "'=1+1,'+1,'-1,'@x,'\t=1,\"'\r=1\",a=1,\r\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",é,,,,\r\n"
        );
    }
}
