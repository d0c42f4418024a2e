package com.ytempire.sidecar;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.tenancy.ApiTokens;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.tenancy.TenantAccess;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The authorities over who acts for whom: tokens of the API, logins of PostgreSQL, and grants at
 * Google.
 */
record Access(TenantAccess tenants, ApiTokens tokens, DatabaseLogins logins, Grants grants) {
  static Access open(Core core, Google google) {
    Clock clock = core.clock();
    Database database = core.database();
    TenantAccess tenants = new TenantAccess(database, core.activities(), clock);
    ApiTokens tokens =
        new ApiTokens(database, tenants, core.telemetry()::recordRefusedToken, clock);
    @Nullable String operatorToken = core.config().security().operatorToken();
    if (operatorToken != null) {
      tokens.ensureOperator(operatorToken);
    }
    DatabaseLogins logins =
        new DatabaseLogins(
            database,
            new TenantAccess(core.operator(), clock),
            core.telemetry()::recordEnforcement,
            clock);
    return new Access(
        tenants, tokens, logins, new Grants(database, core.cipher(), google.oauth(), clock));
  }
}
