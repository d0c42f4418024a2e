package com.ytempire.sidecar.web;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds the holder of a bearer token. */
@FunctionalInterface
public interface Authenticator {
  /** The holder of a live token; {@code scopes} count for a service token alone. */
  record Holder(UUID tokenId, Role role, @Nullable UUID userId, Set<Scope> scopes) {}

  /**
   * The holder of a bearer token; empty when it is unknown, expired or revoked.
   *
   * @param from address of who shows it
   * @throws Problem too-many-attempts when that address has shown too many that are none
   */
  Optional<Holder> holderOf(String bearerToken, String from);
}
