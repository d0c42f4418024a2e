package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Role;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Routes about users. */
public final class UserRoutes {
  private static final int MAX_SEARCH = 100;

  private final Database database;
  private final TenantAccess tenantAccess;
  private final DatabaseLogins logins;
  private final Clock clock;

  public UserRoutes(
      Database database, TenantAccess tenantAccess, DatabaseLogins logins, Clock clock) {
    this.logins = logins;
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.create("/v1/users", "Create a user")
            .by(OPERATOR, SERVICE)
            .takes("user-create")
            .answers("user")
            .with(this::create),
        Endpoint.get("/v1/users", "List users in order of email")
            .by(OPERATOR, SERVICE)
            .query("active", "true: only active users.")
            .query("email", "Only the user of this email, however it is written; no user: none.")
            .query(
                "search",
                "Only users whose email or name has this text in it, 1 to 100 characters.")
            .query("after", "The `next` of the page before.")
            .query("limit", "Users a page, 1 to 500; 100 when left out.")
            .answers("user-page")
            .with(this::list),
        Endpoint.get("/v1/users/{userId}", "Read a user")
            .by(OPERATOR, SERVICE, USER)
            .answers("user")
            .with(this::read),
        Endpoint.patch("/v1/users/{userId}", "Change or deactivate a user")
            .by(OPERATOR, SERVICE)
            .takes("user-update")
            .answers("user")
            .with(this::update));
  }

  private User create(Request request) {
    User.Create body = request.body(User.Create.class);
    String email =
        EmailAddress.canonical(body.email())
            .orElseThrow(() ->
                Problem.invalid(
                    "The email is no address.",
                    List.of(
                        new Fault(
                            "/email",
                            "must be name@domain, without spaces, invisible or half characters"))));
    String timeZone =
        body.timeZone() == null ? "America/Los_Angeles" : knownTimeZone(body.timeZone());
    BigDecimal target =
        body.targetRevenueUsd() == null
            ? new BigDecimal("10000.00")
            : positive(body.targetRevenueUsd());
    try {
      return database.directory(handle -> {
        UserDao users = handle.attach(UserDao.class);
        UUID id =
            users.create(
                email,
                body.displayName(),
                body.subscriptionTier() == null ? Tier.STARTER.label() : body.subscriptionTier(),
                target,
                timeZone,
                clock.instant());
        // create_user has entered the new tenant, in this transaction.
        tenantAccess.audit(handle, request.caller(), "user.create", Map.of());
        return users
            .find()
            .orElseThrow(() -> new IllegalStateException("user " + id + " vanished"));
      });
    } catch (JdbiException e) {
      if (Database.violates(e, "users_email_key")) {
        throw Problem.of(Type.EMAIL_TAKEN, "Another user has the email " + email + ".");
      }
      throw e;
    }
  }

  private User.Page list(Request request) {
    int limit = request.number("limit", 100, 1, 500);
    boolean activeOnly = request.flag("active");
    @Nullable UUID after = request.uuid("after").orElse(null);
    String @Nullable [] emails = request.query("email").map(UserRoutes::formsOf).orElse(null);
    @Nullable String text = request.query("search").map(UserRoutes::searchable).orElse(null);
    List<User> users =
        database
            .operator()
            .directory(handle -> {
              if (request.caller().role() == Role.SERVICE) {
                tenantAccess.auditPlatform(handle, request.caller(), "user.list", "users");
              }
              UserDao dao = handle.attach(UserDao.class);
              return emails == null && text == null
                  ? dao.list(activeOnly, after, limit + 1)
                  : dao.search(emails, text, activeOnly, after, limit + 1);
            });
    boolean more = users.size() > limit;
    List<User> page = more ? users.subList(0, limit) : users;
    return new User.Page(page, more ? page.getLast().userId() : null);
  }

  /** The forms in which an email may be stored: as it is written today, or was before. */
  private static String[] formsOf(String email) {
    String canonical =
        EmailAddress.canonical(email)
            .orElseThrow(() ->
                Problem.invalid(
                    "The email is no address.",
                    List.of(new Fault("?email", "must be name@domain"))));
    return new String[] {canonical, email.toLowerCase(Locale.ROOT)};
  }

  private static String searchable(String text) {
    if (text.isEmpty() || text.length() > MAX_SEARCH || text.indexOf('\0') >= 0) {
      throw Problem.invalid(
          "The text to search for must have 1 to %d characters.".formatted(MAX_SEARCH),
          List.of(new Fault("?search", "must have 1 to %d characters".formatted(MAX_SEARCH))));
    }
    return text;
  }

  private User read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "user.read",
        handle ->
            handle
                .attach(UserDao.class)
                .find()
                .orElseThrow(() -> TenantAccess.unknownUser(userId)));
  }

  private User update(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    User.Update body = request.body(User.Update.class);
    if (body.timeZone() != null) {
      knownTimeZone(body.timeZone());
    }
    if (body.targetRevenueUsd() != null) {
      positive(body.targetRevenueUsd());
    }
    User updated =
        tenantAccess.as(
            request.caller(),
            userId,
            "user.update",
            handle -> {
              UserDao users = handle.attach(UserDao.class);
              if (body.subscriptionTier() != null) {
                var _ =
                    Users.changeTier(
                        handle,
                        userId,
                        Tier.of(body.subscriptionTier()),
                        "by-operator",
                        clock.instant());
              }
              users.update(
                  body.displayName(),
                  null,
                  body.targetRevenueUsd(),
                  body.timeZone(),
                  body.isActive());
              return users.find().orElseThrow(() -> TenantAccess.unknownUser(userId));
            });
    if (body.isActive() != null) {
      logins.enforce();
    }
    return updated;
  }

  private static String knownTimeZone(String name) {
    Optional<Fault> fault = TimeZones.fault(name);
    if (fault.isPresent()) {
      throw Problem.invalid("There is no time zone '" + name + "'.", List.of(fault.get()));
    }
    return name;
  }

  private static BigDecimal positive(BigDecimal usd) {
    if (usd.signum() <= 0) {
      throw Problem.invalid(
          "The revenue goal must be more than 0 USD.",
          List.of(new Fault("/targetRevenueUsd", "must be greater than 0")));
    }
    return usd;
  }
}
