package com.ytempire.sidecar.config;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of IP addresses in CIDR notation, e.g. {@code 10.0.0.0/8} or {@code fd00::/8}; an address
 * without a slash is itself alone.
 *
 * @param prefix number of leading bits that its addresses share
 */
public record Network(InetAddress address, int prefix) {
  /**
   * Reads CIDR notation. Names are not resolved.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no network; write e.g. 10.0.0.0/8 or 192.0.2.7".formatted(text), e);
    }
    int bits = address.getAddress().length * 8;
    int prefix = bits;
    if (slash >= 0) {
      try {
        prefix = Integer.parseInt(text.substring(slash + 1));
      } catch (NumberFormatException e) {
        prefix = -1;
      }
      if (prefix < 0 || prefix > bits) {
        throw new IllegalArgumentException(
            "the prefix of '%s' must be a number from 0 to %d".formatted(text, bits));
      }
    }
    return new Network(address, prefix);
  }

  /** Whether an address is in this range. */
  public boolean contains(InetAddress other) {
    byte[] own = address.getAddress();
    byte[] theirs = other.getAddress();
    int whole = prefix / 8;
    if (own.length != theirs.length || !Arrays.equals(own, 0, whole, theirs, 0, whole)) {
      return false;
    }
    int rest = prefix % 8;
    return rest == 0 || ((own[whole] ^ theirs[whole]) & 0xff) >>> (8 - rest) == 0;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefix;
  }
}
