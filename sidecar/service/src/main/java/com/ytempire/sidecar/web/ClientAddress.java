package com.ytempire.sidecar.web;

import com.ytempire.sidecar.config.Network;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/** Finds the address that a request comes from, behind proxies that are trusted to say it. */
final class ClientAddress {
  private static final int IPV6_SUBSCRIBER_BYTES = 8;

  private ClientAddress() {}

  /**
   * The right-most address in {@code X-Forwarded-For} that is no trusted proxy, which is the one
   * that the outermost of them has seen. Whoever is not trusted is not believed: then it is the
   * address of the connection.
   *
   * @param connected address of the connection
   * @param forwardedFor values of {@code X-Forwarded-For}, in order
   * @param trusted networks of the proxies
   * @return an IPv4 address, or the /64 network of an IPv6 address, which is one subscriber's
   */
  static String of(String connected, List<String> forwardedFor, List<Network> trusted) {
    InetAddress address = InetAddress.ofLiteral(withoutZone(connected));
    List<String> hops = List.of(String.join(",", forwardedFor).split(",", -1));
    for (int i = hops.size() - 1; i >= 0 && isTrusted(address, trusted); i--) {
      try {
        address = InetAddress.ofLiteral(hops.get(i).strip());
      } catch (IllegalArgumentException e) {
        // What is no address ends the chain: the hop that passed it on is the last one known.
        break;
      }
    }
    if (address instanceof Inet6Address six) {
      byte[] bytes = six.getAddress();
      StringBuilder prefix = new StringBuilder();
      for (int i = 0; i < IPV6_SUBSCRIBER_BYTES; i++) {
        prefix.append("%02x".formatted(bytes[i]));
      }
      return prefix + "/64";
    }
    return address.getHostAddress();
  }

  private static boolean isTrusted(InetAddress address, List<Network> trusted) {
    return trusted.stream().anyMatch(network -> network.contains(address));
  }

  private static String withoutZone(String address) {
    String bare = address.startsWith("[") ? address.substring(1, address.length() - 1) : address;
    int zone = bare.indexOf('%');
    return zone < 0 ? bare : bare.substring(0, zone);
  }
}
