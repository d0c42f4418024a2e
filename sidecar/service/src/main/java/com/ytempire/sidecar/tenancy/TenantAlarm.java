package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Json;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns, in the log and the audit log, when this process enters far more tenants in a minute than
 * there are active users: somebody tries ids, or reads tenant after tenant through the API.
 */
public final class TenantAlarm {
  private static final Logger log = LoggerFactory.getLogger(TenantAlarm.class);

  /** Of no token: the platform itself writes. */
  private static final UUID PLATFORM = new UUID(0, 1);

  private final Database database;
  private final int margin;
  private final Clock clock;

  /**
   * Creates an alarm.
   *
   * @param margin how many tenants more than active users are entered in a minute without one
   */
  public TenantAlarm(Database database, int margin, Clock clock) {
    this.database = database;
    this.margin = margin;
    this.clock = clock;
  }

  /** Looks at the minutes since the last look. */
  public void run() {
    int entered = database.tenantSwitches().takePeak();
    int active = Users.weights(database).size();
    if (entered <= active + margin) {
      return;
    }
    log.warn(
        "{} tenants were entered in a minute, of {} active users: the audit log says by which tokens",
        entered,
        active);
    database
        .operator()
        .useDirectory(handle ->
            handle
                .attach(AuditDao.class)
                .recordPlatformAct(
                    clock.instant(),
                    PLATFORM,
                    "platform",
                    "tenants.many-entered",
                    null,
                    null,
                    Json.MAPPER.writeValueAsString(
                        Map.of("tenants", entered, "activeUsers", active))));
  }
}
