package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.config.AllowedTarget;
import com.ytempire.sidecar.config.Network;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.SocketFactory;

/**
 * Decides which addresses webhooks may be sent to: those of the public Internet on the ports of the
 * web or above 1023, and what the operator allows besides. Keeps subscribers from reaching our own
 * network through the sidecar. Safe to share between threads.
 */
final class TargetPolicy {
  private static final int FIRST_UNPRIVILEGED_PORT = 1024;
  private static final List<Integer> WEB_PORTS = List.of(80, 443);

  /** IANA's special-purpose registries for IPv4, with multicast and the reserved class E. */
  private static final List<Network> SPECIAL_V4 =
      networks(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");

  /** All that is routed publicly; the rest is local, multicast or wraps an IPv4 address. */
  private static final Network PUBLIC_V6 = Network.parse("2000::/3");

  /** Teredo and 6to4, which wrap an IPv4 address, and what is for protocols and documents. */
  private static final List<Network> SPECIAL_V6 =
      networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

  private final List<AllowedTarget> allowed;

  private final Predicate<InetAddress> isOwn;

  TargetPolicy(List<AllowedTarget> allowed) {
    this(allowed, TargetPolicy::isOwn);
  }

  /**
   * Makes a policy of a machine with other addresses.
   *
   * @param isOwn whether an address is one of the machine's
   */
  TargetPolicy(List<AllowedTarget> allowed, Predicate<InetAddress> isOwn) {
    this.allowed = allowed;
    this.isOwn = isOwn;
  }

  private static List<Network> networks(String... texts) {
    return Stream.of(texts).map(Network::parse).toList();
  }

  /** A connection was not made because the policy does not allow its address. */
  static final class DisallowedAddressException extends IOException {
    private static final long serialVersionUID = 1;

    DisallowedAddressException() {
      super("the address is not allowed");
    }
  }

  /** Whether the operator allows a host by its name, whatever it resolves to. */
  boolean allowsByName(String host, int port) {
    return allowed.stream().anyMatch(target -> target.names(host, port));
  }

  /** Whether a connection to this address and port may be made. */
  boolean allows(InetAddress address, int port) {
    if (allowed.stream().anyMatch(target -> target.contains(address, port))) {
      return true;
    }
    return (port >= FIRST_UNPRIVILEGED_PORT || WEB_PORTS.contains(port))
        && isPublic(address)
        && !isOwn.test(address);
  }

  private static boolean isPublic(InetAddress address) {
    return switch (address) {
      case Inet4Address v4 -> SPECIAL_V4.stream().noneMatch(network -> network.contains(v4));
      case Inet6Address v6 ->
          PUBLIC_V6.contains(v6) && SPECIAL_V6.stream().noneMatch(network -> network.contains(v6));
      default -> false;
    };
  }

  private static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  /**
   * Whether a host of an address is certain to be refused: it is an IP address, in whatever
   * notation a resolver takes, that the policy does not allow. Names are not resolved.
   */
  boolean refusesLiteral(String host, int port) {
    return !allowsByName(host, port)
        && literal(host).filter(address -> !allows(address, port)).isPresent();
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(
          host.indexOf(':') >= 0
              ? InetAddress.ofLiteral(host.replace("[", "").replace("]", ""))
              : Inet4Address.ofPosixLiteral(host));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Makes sockets that connect only to allowed addresses. The check is of the address that is
   * connected to, after every resolution, so that a name cannot change its address in between.
   */
  SocketFactory sockets() {
    return new SocketFactory() {
      @Override
      public Socket createSocket() {
        return new CheckedSocket();
      }

      @Override
      public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Socket createSocket(String host, int port, InetAddress local, int localPort) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private final class CheckedSocket extends Socket {
    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress internet)
          || internet.isUnresolved()
          || !allows(internet.getAddress(), internet.getPort())) {
        throw new DisallowedAddressException();
      }
      super.connect(endpoint, timeout);
    }
  }
}
