package com.ytempire.sidecar.web;

import java.util.Optional;

/** Knows whose a token is. */
@FunctionalInterface
public interface Gate {
  /** What is known of a live token. */
  record Holder(
      java.util.UUID tokenId,
      Role role,
      java.util.@org.jspecify.annotations.Nullable UUID userId) {}

  /** The holder of a bearer token; empty when it is unknown, expired or revoked. */
  Optional<Holder> holderOf(String bearerToken);
}
