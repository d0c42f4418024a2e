package com.ytempire.sidecar.youtube;

import java.time.Instant;

/** The reason for which a call to Google failed, by what follows from it. */
public sealed interface Failure {
  /** For people: what happened. */
  String message();

  /** A bucket of the quota has nothing left until it resets. */
  record QuotaExhausted(String message, Instant resetsAt) implements Failure {}

  /** Google refused too many calls at once, also after retries; later it may work. */
  record RateLimited(String message, Instant retryAt) implements Failure {}

  /** No permit to call Google came free before the deadline. */
  record Busy(String message, Instant retryAt) implements Failure {}

  /** Google, or the store of the quota, is unavailable or slow. */
  record Unavailable(String message, Instant retryAt) implements Failure {}

  /**
   * Google does not accept an access token. A grant is dead only when the token endpoint says so,
   * so this alone ends none.
   */
  record Unauthenticated(String message, Instant retryAt) implements Failure {}

  /**
   * An API is not enabled in our Google project: the operator has to enable it, and no channel is
   * at fault.
   */
  record ApiDisabled(String message, Instant retryAt) implements Failure {}

  /** We hold no grant of the channel: its owner must connect it. */
  record NotConnected(String message) implements Failure {}

  /** The owner withdrew the grant, or it expired: only a new consent helps. */
  record GrantDead(String message) implements Failure {}

  /** The YouTube account of the grant is closed or suspended: its owner has to see to that. */
  record AccountClosed(String message) implements Failure {}

  /** The Google account of the grant has no YouTube channel. */
  record NoChannel(String message) implements Failure {}

  /** The grant lacks a scope that the call needs. */
  record ScopeMissing(String message) implements Failure {}

  /** YouTube shows no revenue of this channel. */
  record NotMonetized(String message) implements Failure {}

  /** Google will never answer this query as it stands. */
  record Refused(String message) implements Failure {}
}
