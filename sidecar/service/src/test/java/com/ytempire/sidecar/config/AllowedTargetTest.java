package com.ytempire.sidecar.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AllowedTargetTest {
  private static boolean allows(String text, String address, int port) {
    return AllowedTarget.parse(text).contains(InetAddress.ofLiteral(address), port);
  }

  @Test
  void a_network_allows_its_addresses_on_one_port_or_all() {
    assertTrue(allows("10.1.0.0/16", "10.1.2.3", 80));
    assertTrue(allows("10.1.0.0/16:8443", "10.1.2.3", 8443));
    assertFalse(allows("10.1.0.0/16:8443", "10.1.2.3", 80));
    assertFalse(allows("10.1.0.0/16", "10.2.0.1", 80));
    assertTrue(allows("192.168.0.5:81", "192.168.0.5", 81));
    assertTrue(allows("fd00::/8", "fd00::5", 81));
    assertTrue(allows("fd00::/8:81", "fd00::5", 81));
    assertFalse(allows("fd00::/8:81", "fd00::5", 82));
    assertTrue(allows("[fd00::5]:81", "fd00::5", 81));
    assertFalse(allows("[fd00::5]:81", "fd00::5", 82));
    assertTrue(allows("fd00::5", "fd00::5", 82));
  }

  @Test
  void a_host_is_allowed_by_its_name_alone() {
    AllowedTarget n8n = AllowedTarget.parse("n8n:5678");
    assertTrue(n8n.names("N8N", 5678));
    assertFalse(n8n.names("n8n", 5679));
    assertFalse(n8n.names("n8n.example.com", 5678));
    assertTrue(AllowedTarget.parse("hooks.internal").names("hooks.internal", 1));
  }

  @Test
  void what_is_neither_network_nor_host_is_refused_with_a_reason() {
    for (String bad : List.of("", "10.0.0.0/33", "n8n:0", "n8n:70000", "a b", "10.0.0.0/8:x")) {
      String why =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> AllowedTarget.parse(bad), bad)
                  .getMessage());
      assertTrue(why.contains("'"), why);
    }
    assertEquals(new AllowedTarget(null, "n8n", 0), AllowedTarget.parse("n8n"));
  }
}
