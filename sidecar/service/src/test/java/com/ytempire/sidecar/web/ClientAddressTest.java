package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.config.Network;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose address counts behind proxies. */
final class ClientAddressTest {
  private static final List<Network> PROXIES =
      List.of(Network.parse("10.0.0.0/8"), Network.parse("::1"));

  private static String of(String connected, String... forwardedFor) {
    return ClientAddress.of(connected, List.of(forwardedFor), PROXIES);
  }

  @Test
  void a_stranger_is_not_believed() {
    assertEquals("192.0.2.9", of("192.0.2.9", "198.51.100.1"));
    assertEquals("10.0.0.1", ClientAddress.of("10.0.0.1", List.of("198.51.100.1"), List.of()));
  }

  @Test
  void the_right_most_untrusted_hop_counts() {
    assertEquals("198.51.100.1", of("10.0.0.1", "203.0.113.5, 198.51.100.1"));
    assertEquals("198.51.100.1", of("10.0.0.1", "203.0.113.5", "198.51.100.1, 10.2.3.4"));
    assertEquals("198.51.100.1", of("[::1]", "198.51.100.1"));
  }

  @Test
  void what_is_no_address_ends_the_chain() {
    assertEquals("10.0.0.1", of("10.0.0.1"));
    assertEquals("10.0.0.1", of("10.0.0.1", "localhost"));
    assertEquals("10.2.3.4", of("10.0.0.1", "evil.example.com, 10.2.3.4"));
  }

  @Test
  void ipv6_counts_by_subscriber() {
    assertEquals(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::7%eth0"));
    assertEquals("20010db800010002/64", of("2001:db8:1:2::1"));
  }
}
