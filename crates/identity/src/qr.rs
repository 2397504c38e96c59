//! QR codes as the path of an SVG image: one rectangle for each run of dark modules.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// White space around the code, in modules, without which readers don't find it.
const QUIET: usize = 4;

/// A code to draw.
pub struct Drawing {
    /// Width and height of the image, in modules.
    pub size: u32,
    /// The dark part, as the `d` of an SVG `path`.
    pub path: String,
}

/// Draws `text`; `None`: it is too long.
pub fn draw(text: &str) -> Option<Drawing> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.into_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == row[x]).count();
            if row[x] == Color::Dark {
                // A String takes everything.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run;
        }
    }
    Some(Drawing { size: u32::try_from(width + 2 * QUIET).ok()?, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_the_three_corners_and_nothing_outside() {
        let drawing = draw("otpauth://totp/x").unwrap();
        assert!(drawing.path.starts_with("M4 4h7v1h-7z"), "{}", drawing.path);
        assert!(drawing.path.bytes().all(|b| b.is_ascii_digit() || b" Mhvz-".contains(&b)));
        assert!((29..=60).contains(&drawing.size));
        assert!(draw(&"x".repeat(5_000)).is_none());
    }
}
