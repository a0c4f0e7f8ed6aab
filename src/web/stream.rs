//! Bodies that are made piece by piece, so that a long answer never stands in memory whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_core::Stream;

use crate::error::AppError;

/// The beginning of an answer that is a file of comma-separated values; the name needs no quoting.
#[must_use]
pub fn csv_file(name: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    response
}

/// A piece with what the next one is made from; nothing once all is said.
type Step<S> = Result<Option<(Bytes, S)>, AppError>;
type Making<S> = Pin<Box<dyn Future<Output = Step<S>>>>;

/// Pieces, each made from what the one before left, when the client is ready to take it.
pub struct Pieces<S, F> {
    left: Option<S>,
    make: F,
    making: Option<Making<S>>,
}

/// Pieces that `make` makes, beginning from `start`. A failure ends the answer in its middle, which clients
/// notice: the end of a chunked body is missing then.
pub fn pieces<S, F, M>(start: S, make: F) -> Pieces<S, impl FnMut(S) -> Making<S> + Unpin>
where
    F: Fn(S) -> M + Unpin,
    M: Future<Output = Step<S>> + 'static,
{
    Pieces {
        left: Some(start),
        make: move |left| -> Making<S> { Box::pin(make(left)) },
        making: None,
    }
}

impl<S: Unpin, F: FnMut(S) -> Making<S> + Unpin> Stream for Pieces<S, F> {
    type Item = Result<Bytes, AppError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(left) = this.left.take() {
            this.making = Some((this.make)(left));
        }
        let Some(making) = &mut this.making else { return Poll::Ready(None) };
        let Poll::Ready(step) = making.as_mut().poll(cx) else { return Poll::Pending };
        this.making = None;
        Poll::Ready(match step {
            Ok(Some((piece, left))) => {
                this.left = Some(left);
                Some(Ok(piece))
            }
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "an answer ends in its middle");
                Some(Err(error))
            }
        })
    }
}
