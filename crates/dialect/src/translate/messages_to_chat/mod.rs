//! stub
use super::{BadAnswer, Untranslatable};
pub fn request(_: &[u8], _: &str, _: bool) -> Result<Vec<u8>, Untranslatable> { Err(Untranslatable{field:String::new(),message:String::new()}) }
pub fn answer(_: &[u8], _: &str, _: &str) -> Result<Vec<u8>, BadAnswer> { Err(BadAnswer::unreadable("")) }
pub struct Events;
impl Events {
    pub fn new(_: &str, _: &str, _: u64) -> Self { Self }
    pub fn push(&mut self, _: &[u8], _: &mut Vec<u8>) -> Result<(), BadAnswer> { Ok(()) }
    pub fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), BadAnswer> { Ok(()) }
}
