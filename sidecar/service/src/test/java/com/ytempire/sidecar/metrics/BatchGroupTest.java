package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.metrics.HeldBatchDao.Size;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What of a user's references commits together. */
final class BatchGroupTest {
  private static final UUID USER = new UUID(0, 1);

  private static List<Integer> groups(List<Size> sizes) {
    List<BatchGroup> groups = BatchGroup.divide(USER, sizes);
    assertEquals(
        sizes.stream().map(Size::batchId).toList(),
        groups.stream().flatMap(group -> group.batches().stream()).toList(),
        "each batch once, in order");
    return groups.stream().map(group -> group.batches().size()).toList();
  }

  private static Size size(int rows, long bytes) {
    return new Size(UUID.randomUUID(), UUID.randomUUID(), rows, bytes);
  }

  @Test
  void many_small_batches_commit_fifty_at_a_time() {
    assertEquals(List.of(50, 50, 20), groups(Collections.nCopies(120, size(1, 300))));
  }

  @Test
  void no_group_goes_over_5000_rows_unless_one_batch_does() {
    assertEquals(
        List.of(2, 1, 2),
        groups(Stream.of(2_500, 2_500, 9_000, 1, 4_999).map(rows -> size(rows, 300)).toList()));
  }

  @Test
  void no_group_goes_over_4_mebibytes_unless_one_batch_does() {
    assertEquals(
        List.of(1, 2, 1),
        groups(
            Stream.of(20L << 20, 2L << 20, 2L << 20, 1L).map(bytes -> size(10, bytes)).toList()));
  }

  @Test
  void batches_that_were_stored_before_take_no_room() {
    assertEquals(List.of(3), groups(List.of(size(5_000, 4 << 20), size(0, 0), size(0, 0))));
  }

  @Test
  void no_batch_makes_no_group() {
    assertEquals(List.of(), groups(List.of()));
  }
}
