//! The usage ledger: more by day than by night, fewer at weekends.

use super::words::MODELS;
use super::{BATCH, Cast, Seeding};
use crate::error::{Error, Result};
use crate::ledger::insert_rows;
use crate::usage_spans;
use model::api_action::ApiAction;
use model::key::Tags;
use model::money::Usd;
use model::usage::{Outcome, TokenSource, UsageRow};
use model::{ModelName, ProviderName, RequestId, Timestamp};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
/// Of 100 requests, those in each pair of hours from midnight UTC on.
const CURVE: [u64; 12] = [2, 1, 2, 5, 11, 15, 14, 15, 14, 10, 7, 4];

/// A model, its provider, and what a million tokens cost.
struct Offer {
    model: ModelName,
    provider: ProviderName,
    input_micros: i64,
    output_micros: i64,
}

impl Seeding<'_> {
    pub(super) async fn requests(&mut self, cast: &Cast) -> Result<()> {
        if cast.busy.is_empty() || self.plan.days == 0 {
            return Ok(());
        }
        let offers = MODELS.iter().map(offer).collect::<Result<Vec<_>>>()?;
        let last_day = self.plan.now.utc_day_start();
        let days: Vec<(Timestamp, u64)> = (0..u32::from(self.plan.days))
            .rev()
            .map(|ago| {
                let day = last_day.before(DAY * ago);
                // The epoch was a Thursday.
                let weekend = matches!(day.as_micros() / 86_400_000_000 % 7, 2 | 3);
                (day, self.plan.requests_per_day / if weekend { 4 } else { 1 })
            })
            .collect();
        let of = days.iter().map(|(_, requests)| requests).sum();
        let mut done = 0;
        for (day, requests) in days {
            let mut left = requests;
            while left > 0 {
                let some = BATCH.min(left);
                let rows: Vec<_> = (0..some).filter_map(|_| self.request(day, cast, &offers)).collect();
                let mut tx = self.begin().await?;
                insert_rows(self.store.dialect(), &mut tx, &rows).await?;
                usage_spans::add(self.store.dialect(), &mut tx, &rows).await?;
                tx.commit().await?;
                left -= some;
                done += some;
                self.tell("requests", done, of);
            }
        }
        Ok(())
    }

    /// A request on `day`; `None` if that would be in the future, or before its key was made.
    fn request(&mut self, day: Timestamp, cast: &Cast, offers: &[Offer]) -> Option<UsageRow> {
        let started_at = self.moment(day);
        let busy = &cast.busy[self.dice.early_place(cast.busy.len())];
        if started_at > self.plan.now || started_at < busy.key.created_at {
            return None;
        }
        let offer = &offers[self.dice.early_place(offers.len())];
        let (status, outcome) = match self.dice.below(1_000) {
            0..=7 => (502, Outcome::UpstreamError),
            8..=13 => (200, Outcome::ClientGone),
            14 => (200, Outcome::Cut),
            _ => (200, Outcome::Completed),
        };
        let input = 50 + self.dice.low(6_000);
        let output = if status == 200 { 10 + self.dice.low(1_500) } else { 0 };
        let price = (i64::try_from(input).ok()? * offer.input_micros
            + i64::try_from(output).ok()? * offer.output_micros)
            / 1_000_000;
        Some(UsageRow {
            request_id: RequestId::generate(|bytes| self.dice.fill(bytes)),
            attempt: 1,
            started_at,
            key_id: busy.key.id,
            tenant_id: busy.key.tenant_id.clone(),
            user_id: busy.user_id.clone(),
            user_path: busy.key.user_path.clone(),
            secret_generation: 1,
            identity: None,
            conversation_id: None,
            endpoint: ApiAction::ChatCompletions,
            model: offer.model.clone(),
            provider: offer.provider.clone(),
            upstream_model: offer.model.to_string(),
            streamed: self.dice.chance(70),
            status,
            outcome,
            input_tokens: input,
            cached_input_tokens: if self.dice.chance(30) { input / 2 } else { 0 },
            cache_write_tokens: 0,
            output_tokens: output,
            reasoning_tokens: 0,
            token_source: TokenSource::Reported,
            cost_usd: Usd::from_micros(price),
            first_byte_micros: Some(120_000 + self.dice.low(900_000)),
            total_micros: 400_000 + self.dice.low(20_000_000),
            key_tags: busy.key.tags.clone(),
            request_tags: Tags::new(),
        })
    }

    fn moment(&mut self, day: Timestamp) -> Timestamp {
        let mut left = self.dice.below(CURVE.iter().sum());
        let mut hours = 0;
        for share in CURVE {
            if left < share {
                break;
            }
            left -= share;
            hours += 2;
        }
        day.after(Duration::from_hours(hours) + Duration::from_micros(self.dice.below(7_200_000_000)))
    }
}

fn offer(&(model, provider, input_micros, output_micros): &(&str, &str, i64, i64)) -> Result<Offer> {
    let corrupt = |_| Error::Corrupt { what: "model" };
    let (model, provider) = (model.parse().map_err(corrupt)?, provider.parse().map_err(corrupt)?);
    Ok(Offer { model, provider, input_micros, output_micros })
}
