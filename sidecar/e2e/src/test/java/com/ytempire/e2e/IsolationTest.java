package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.platform.Customers.Customer;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What one user can see after the sync of all. */
@EndToEnd
@Order(2)
final class IsolationTest {
  private final SyncedPlatform synced;
  private final Customer first;

  IsolationTest(SyncedPlatform synced) {
    this.synced = synced;
    this.first = synced.customers().getFirst();
  }

  @Test
  void a_database_login_sees_its_users_rows_and_no_others() throws Exception {
    assertEquals(
        List.of(), synced.checks().login(first, synced.checks().createLogin(first)).faults());
  }

  @Test
  void an_api_token_reads_the_metrics_of_its_user_alone() {
    assertEquals(List.of(), synced.checks().token(first, synced.customers()).faults());
  }

  @Test
  void the_database_misses_none_of_its_guards() throws Exception {
    assertEquals(List.of(), synced.checks().databaseGuards());
  }
}
