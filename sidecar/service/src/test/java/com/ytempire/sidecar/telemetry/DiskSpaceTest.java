package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DiskSpaceTest {
  @Test
  void a_disk_with_less_than_a_twentieth_free_is_a_warning() {
    assertTrue(DiskSpace.warning(49, 1000).isPresent());
    assertEquals(Optional.empty(), DiskSpace.warning(50, 1000));
  }

  @Test
  void a_disk_of_unknown_size_is_none() {
    assertEquals(Optional.empty(), DiskSpace.warning(0, 0));
    assertEquals(Optional.empty(), new DiskSpace(List.of(Path.of("/proc/not/there"))).warning());
  }
}
