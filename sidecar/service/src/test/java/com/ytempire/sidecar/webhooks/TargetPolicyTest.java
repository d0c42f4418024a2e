package com.ytempire.sidecar.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.AllowedTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TargetPolicyTest {
  private final TargetPolicy strict = new TargetPolicy(List.of());

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  @Test
  void addresses_off_the_public_internet_are_refused() {
    for (String literal :
        List.of(
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1")) {
      assertFalse(strict.allows(address(literal), 443), literal);
      assertTrue(strict.refusesLiteral(literal, 443), literal);
    }
  }

  @Test
  void public_addresses_are_allowed_on_ports_of_the_web() {
    for (String literal : List.of("8.8.8.8", "172.32.0.1", "2606:4700::1111")) {
      assertTrue(strict.allows(address(literal), 443), literal);
      assertTrue(strict.allows(address(literal), 80), literal);
      assertTrue(strict.allows(address(literal), 8443), literal);
      assertFalse(strict.allows(address(literal), 22), literal);
      assertFalse(strict.allows(address(literal), 25), literal);
    }
  }

  @Test
  void addresses_of_this_machine_are_refused() throws IOException {
    for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress own : network.inetAddresses().toList()) {
        assertFalse(strict.allows(own, 443), own.toString());
      }
    }
    InetAddress reachable = address("8.8.8.8");
    assertFalse(new TargetPolicy(List.of(), reachable::equals).allows(reachable, 443));
  }

  @Test
  void literals_in_every_notation_are_recognized() {
    for (String literal :
        List.of("127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0x7f000001", "[::1]")) {
      assertTrue(strict.refusesLiteral(literal, 80), literal);
    }
    assertFalse(strict.refusesLiteral("example.com", 80));
    assertFalse(strict.refusesLiteral("127.0.0.1.example.com", 80));
  }

  @Test
  void a_socket_checks_the_address_it_connects_to() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetAddress named = InetAddress.getByAddress("public.example.com", new byte[] {127, 0, 0, 1});
      InetSocketAddress rebound = new InetSocketAddress(named, server.getLocalPort());
      try (Socket socket = strict.sockets().createSocket()) {
        assertThrows(
            TargetPolicy.DisallowedAddressException.class, () -> socket.connect(rebound, 1000));
      }
      TargetPolicy open = new TargetPolicy(List.of(AllowedTarget.parse("127.0.0.0/8")));
      try (Socket socket = open.sockets().createSocket()) {
        socket.connect(rebound, 1000);
        assertTrue(socket.isConnected());
      }
    }
  }

  @Test
  void what_the_operator_allows_is_allowed() {
    TargetPolicy some =
        new TargetPolicy(
            List.of(AllowedTarget.parse("10.1.0.0/16:25"), AllowedTarget.parse("n8n:5678")));
    assertTrue(some.allows(address("10.1.0.1"), 25));
    assertFalse(some.allows(address("10.1.0.1"), 80));
    assertTrue(some.allowsByName("n8n", 5678));
    assertFalse(some.allowsByName("n8n", 80));
    assertEquals(
        List.of(false, true),
        List.of(some.refusesLiteral("10.1.0.1", 25), some.refusesLiteral("10.1.0.1", 26)));
  }
}
