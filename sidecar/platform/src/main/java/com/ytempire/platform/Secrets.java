package com.ytempire.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The secrets of a platform's parts.
 *
 * @param redis its password
 * @param n8nDatabase the password of n8n's login of PostgreSQL
 * @param sidecarDatabase the password of the sidecar's
 * @param keyset by which the sidecar encrypts grants
 * @param operatorToken of the sidecar's API
 */
record Secrets(
    String redis, String n8nDatabase, String sidecarDatabase, String keyset, String operatorToken) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * Makes new ones.
   *
   * @param root the top level of the project, built
   */
  static Secrets create(Path root) throws IOException {
    return new Secrets(random(), random(), random(), keyset(root), "yte_operator_" + random());
  }

  private static String random() {
    byte[] bytes = new byte[24];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String keyset(Path root) throws IOException {
    Process keyset =
        new ProcessBuilder(SidecarCommand.of(root, "keyset", "new"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(keyset.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("{"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the sidecar made no keyset"));
  }
}
