//! Images and audio, for models with a price for them. What the provider says nothing of is estimated, upwards.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// What an attempt is charged for beside tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) images: u64,
    pub(crate) audio_millis: u64,
    /// Bytes of the answer that are a second of speech.
    pub(crate) speech_rate: u64,
    /// Whether the provider said so, or it was counted.
    pub(crate) exact: bool,
}

/// Characters of text that are a second of slow speech.
const SPOKEN: u64 = 10;
/// Least bytes of a second that a provider's own figure is believed against: the lowest bit rate of any speech codec.
const LEAST_RATE: u64 = 500;

/// Bytes of a second at the lowest bit rate that is usual in a format, so that seconds are rather too many. `format` is
/// a request's `response_format` or the end of a file's name.
fn rate(format: &str) -> u64 {
    match format {
        // 24 kHz, 16 bits: the one format of which it is exact.
        "pcm" => 48_000,
        "wav" | "flac" => 16_000,
        "mp3" | "mpga" | "mpeg" | "aac" => 4_000,
        _ => 2_000,
    }
}

fn millis(bytes: u64, rate: u64) -> u64 {
    bytes.saturating_mul(1_000).div_ceil(rate.max(1))
}

/// What of a request says how much it will make.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish<'a> {
    #[serde(borrow)]
    n: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    response_format: Option<&'a RawValue>,
}

/// What of an answer says how much was made, or heard.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Made<'a> {
    data: Option<Vec<IgnoredAny>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    duration: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Heard<'a> {
    #[serde(borrow)]
    seconds: &'a RawValue,
}

/// A number as a server writes it, quoted or not.
fn number<T: std::str::FromStr>(raw: Option<&RawValue>) -> Option<T> {
    raw?.get().trim_matches('"').parse().ok()
}

impl Media {
    /// So many images as the JSON request asks for.
    pub(crate) fn asked_images(request: &[u8]) -> Self {
        let wish: Wish<'_> = serde_json::from_slice(request).unwrap_or_default();
        Self::images(number(wish.n))
    }

    /// So many images as a request asks for; one if it doesn't say.
    pub(crate) fn images(number: Option<u64>) -> Self {
        Self { images: number.unwrap_or(1).clamp(1, 128), ..Self::default() }
    }

    /// The speech that a JSON request asks for.
    pub(crate) fn asked_speech(request: &[u8]) -> Self {
        let wish: Wish<'_> = serde_json::from_slice(request).unwrap_or_default();
        let text = wish.input.map_or(0, |input| input.get().len() as u64);
        let format = wish.response_format.map_or("mp3", |format| format.get().trim_matches('"'));
        Self { audio_millis: millis(text, SPOKEN), speech_rate: rate(format), ..Self::default() }
    }

    /// What a file of so many bytes may last.
    pub(crate) fn file(name: &str, bytes: u64) -> Self {
        let format = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
        Self { audio_millis: millis(bytes, rate(&format)), ..Self::default() }
    }

    /// The same, once a plain answer says how much it was. `heard`: bytes of the file that was sent.
    pub(crate) fn answered(self, json: &[u8], heard: u64) -> Self {
        let Ok(made) = serde_json::from_slice::<Made<'_>>(json) else { return self };
        if self.images > 0 {
            let images = made.data.map(|images| images.len() as u64);
            // Nobody is charged for more than was asked for.
            return images.map_or(self, |images| Self {
                images: images.min(self.images),
                exact: true,
                ..self
            });
        }
        let usage = made.usage.and_then(|usage| serde_json::from_str::<Heard<'_>>(usage.get()).ok());
        let seconds: Option<f64> = number(usage.map(|usage| usage.seconds)).or_else(|| number(made.duration));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from a float saturates; what is too much is refused next"
        )]
        let audio = seconds.filter(|seconds| *seconds > 0.0).map(|seconds| (seconds * 1_000.0).ceil() as u64);
        let believed = audio.filter(|audio| *audio <= millis(heard, LEAST_RATE));
        believed.map_or(self, |audio_millis| Self { audio_millis, exact: true, ..self })
    }

    /// The same, once so many bytes of speech have come; `all`: that was all of it.
    pub(crate) fn spoken(self, bytes: u64, all: bool) -> Self {
        let audio_millis = millis(bytes, self.speech_rate);
        Self { audio_millis: if all { audio_millis } else { audio_millis.max(self.audio_millis) }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audio(millis: u64, exact: bool) -> Media {
        Media { audio_millis: millis, exact, ..Media::default() }
    }

    #[test]
    fn images_are_counted() {
        for (request, asked) in
            [("{}", 1), (r#"{"n":3}"#, 3), (r#"{"n":null}"#, 1), (r#"{"n":0}"#, 1), ("[", 1)]
        {
            assert_eq!(Media::asked_images(request.as_bytes()).images, asked, "{request}");
        }
        let asked = Media::images(Some(3));
        for (answer, images, exact) in [
            (r#"{"data":[{"b64_json":"AA"},{"url":"x"}]}"#, 2, true),
            (r#"{"data":[]}"#, 0, true),
            (r#"{"data":[1,2,3,4,5]}"#, 3, true),
            (r#"{"data":{}}"#, 3, false),
            ("", 3, false),
        ] {
            let media = asked.answered(answer.as_bytes(), 0);
            assert_eq!((media.images, media.exact), (images, exact), "{answer}");
        }
    }

    #[test]
    fn audio_is_what_the_provider_says_or_what_it_may_be() {
        let file = Media::file("a.MP3", 40_000);
        assert_eq!(file, audio(10_000, false));
        assert_eq!(Media::file("a", 40_000), audio(20_000, false));
        for (answer, expected) in [
            (r#"{"text":"hi","usage":{"type":"duration","seconds":3}}"#, audio(3_000, true)),
            (r#"{"duration":"8.4705","text":"hi"}"#, audio(8_471, true)),
            (r#"{"duration":8.5,"text":"hi"}"#, audio(8_500, true)),
            (r#"{"text":"hi","usage":{"type":"tokens","input_tokens":14}}"#, file),
            (r#"{"duration":0}"#, file),
            (r#"{"duration":-1}"#, file),
            (r#"{"duration":1e30}"#, file),
            (r#"{"duration":81}"#, file),
            ("1\n00:00:00,000 --> 00:00:02,000\nhi", file),
        ] {
            assert_eq!(file.answered(answer.as_bytes(), 40_000), expected, "{answer}");
        }
    }

    #[test]
    fn speech_is_measured_by_its_bytes() {
        let asked = Media::asked_speech(br#"{"input":"twelve bytes","response_format":"pcm"}"#);
        assert_eq!((asked.audio_millis, asked.speech_rate), (1_400, 48_000));
        assert_eq!(asked.spoken(96_000, true).audio_millis, 2_000);
        assert_eq!(asked.spoken(480, true).audio_millis, 10);
        assert_eq!(asked.spoken(480, false).audio_millis, 1_400, "the rest may have been made");
        assert_eq!(Media::asked_speech(b"{}").speech_rate, 4_000);
    }
}
