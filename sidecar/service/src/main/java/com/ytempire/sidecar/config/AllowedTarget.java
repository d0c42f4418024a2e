package com.ytempire.sidecar.config;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network or a host that webhooks may be sent to although it is not on the public Internet, on
 * one port or on all, e.g. {@code 10.1.0.0/16}, {@code [fd00::]/8:8443} or {@code n8n:5678}.
 *
 * @param network null: {@code host} is a name
 * @param host lower case; null: {@code network} is a network
 * @param port 0: every port
 */
public record AllowedTarget(@Nullable Network network, @Nullable String host, int port) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?");
  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code CIDR[:port]} or {@code host[:port]}. Names are not resolved.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static AllowedTarget parse(String text) {
    int colon = text.lastIndexOf(':');
    // Without brackets an IPv6 address is all colons and can have no port, except after a prefix.
    boolean hasPort =
        colon > text.lastIndexOf(']')
            && (text.indexOf(':') == colon || text.startsWith("[") || text.indexOf('/') >= 0)
            && colon > text.indexOf('/');
    int port = hasPort ? port(text, text.substring(colon + 1)) : 0;
    String target = hasPort ? text.substring(0, colon) : text;
    String plain = target.replace("[", "").replace("]", "").toLowerCase(Locale.ROOT);
    if (plain.indexOf('/') >= 0 || plain.indexOf(':') >= 0 || isAddress(plain)) {
      return new AllowedTarget(Network.parse(plain), null, port);
    }
    if (!NAME.matcher(plain).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no network and no host; write e.g. 10.0.0.0/8 or n8n:5678".formatted(text));
    }
    return new AllowedTarget(null, plain, port);
  }

  private static boolean isAddress(String text) {
    try {
      var _ = InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int port(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException(
        "the port of '%s' must be a number from 1 to %d".formatted(text, MAX_PORT));
  }

  /** Whether this allows an address and port. */
  public boolean contains(InetAddress address, int otherPort) {
    return network != null && network.contains(address) && (port == 0 || port == otherPort);
  }

  /** Whether this allows a host by its name, whatever it resolves to. */
  public boolean names(String otherHost, int otherPort) {
    return host != null
        && host.equals(otherHost.toLowerCase(Locale.ROOT))
        && (port == 0 || port == otherPort);
  }
}
