package com.ytempire.sidecar.billing;

/** Stripe could not be asked, or refused; the message is for people and names no secret. */
final class StripeException extends Exception {
  private static final long serialVersionUID = 1;

  StripeException(String message) {
    super(message);
  }
}
